#include "methods/phase/phase_choose.h"

#include <algorithm>
#include <cmath>

#include "methods/phase/phase_blocks.h"
#include "methods/step_cost.h"

namespace tconv::methods {
namespace {

constexpr std::int64_t kMostPhases = 1024, kMostTaps = std::int64_t{1} << 15;

// How much there is to do of each part of the work.
struct Work {
    double steps = 0;         // cycles that the multiply-add units need
    double tiles = 0;         // begun and ended
    double outputs = 0;       // elements from tiles into the output
    double written_rows = 0;  // stretches of the output
    double elements = 0;      // packed
    double read_rows = 0;     // packed
    double jobs = 0;          // done, each for a block
    double panels = 0;        // of a block and group
    double executed_flops = 0;
};

struct Costs {
    double step, tile, output, written_row, element, read_row, job, panel;
};

// Cycles of each part, of a core whose AVX-512 does two multiply-adds a cycle: fitted to 1,260 passes of 630 random
// layers of the kinds that real networks have (bench/regret.py's) on Sapphire Rapids (2026-12); the root of the mean
// squared logarithm of measured over predicted is 0.3 to 0.5. Channels last were raised by an eighth afterwards, by
// the zoo.
struct Fitted {
    Costs scatter, gather;
};
constexpr Fitted kPlanar{{1.17, 105, 0.73, 22, 0.35, 28, 60, 600}, {1.12, 280, 0, 28, 0.95, 20, 0, 600}};
constexpr Fitted kChannelsLast{{1.15, 430, 2.9, 6, 0.54, 13, 0, 600}, {0.95, 820, 0, 12, 1.7, 9, 0, 600}};
constexpr Fitted kRows{{1.2, 0, 0.12, 42, 0.16, 68, 52, 600}, {1.4, 0, 0, 40, 0.72, 26, 0, 600}};
// An element that is stored with others of its point: what points (stride above 4) cost more than rows. By hand, as
// there were fourteen of them only, of which several took two to four times as long as rows would.
constexpr double kPointOutput = 1.5;

// Samples that share a block: as many as its panel has room for.
double samples_of(const Flow& flow, const PanelSize& panel, std::int64_t element_bytes) {
    const double each =
        panel.planes * panel.rows * panel.width * static_cast<double>(std::max<std::int64_t>(1, flow.read_channels));
    return std::clamp(std::floor(static_cast<double>(panel_bytes() / element_bytes) / each), 1.0,
                      std::max(1.0, static_cast<double>(flow.batch)));
}

template <class T>
Work work_of(const Request& request, const Flow& flow, bool rowwise) {
    const kernels::KernelSet<T>& set = request.unit.set<T>();
    std::array<PhaseGroups, 3> groups{groups_of(flow.axes[0]), groups_of(flow.axes[1]), groups_of(flow.axes[2])};
    // Phases of which the first has a tap more are one job: what all have, then the one's tap.
    const bool joins = rowwise && has_tap_more(flow.axes[2]);
    if (joins) {
        groups[2] = {};
        groups[2].add(flow.axes[2].step_count(0) - 1, flow.axes[2].write_stride, flow.axes[2].points(0).size());
        groups[2].groups[groups[2].count++] = {1, 1, 0};
    }
    const JobShape shape = job_shape(flow, set.rows, rowwise);
    const PanelSize panel = panel_size(flow);
    const double samples = samples_of(flow, panel, static_cast<std::int64_t>(sizeof(T)));
    const double times = static_cast<double>(flow.batch * flow.groups) / samples;
    Work work;
    for (std::size_t d = 0; d < groups[0].count; ++d)
        for (std::size_t h = 0; h < groups[1].count; ++h) {
            const PhaseGroup &of_d = groups[0].groups[d], &of_h = groups[1].groups[h];
            const double rows = static_cast<double>(of_d.points * of_h.points);
            const double phases = static_cast<double>(of_d.phases * of_h.phases);
            if (phases == 0 || rows == 0) continue;
            // The rows of one (d, h) phase, of all samples of a block, lie in one stretch of lanes.
            const double lanes_each = rows / phases * panel.width * samples;
            const double vectors_each = std::ceil(lanes_each / set.lanes);
            for (std::size_t w = 0; w < groups[2].count; ++w) {
                const PhaseGroup& of_w = groups[2].groups[w];
                const double taps = static_cast<double>(of_d.taps * of_h.taps * of_w.taps);
                const double chunk = static_cast<double>(std::min(shape.phases, of_w.phases));
                const double channels =
                    static_cast<double>(std::min(shape.channels, std::max<std::int64_t>(1, flow.write_channels)));
                const double run_rows = chunk * channels;
                const double heights = std::ceil(run_rows / set.rows);
                const double tiles_each =
                    std::ceil(vectors_each / set.widest[static_cast<int>(std::ceil(run_rows / heights)) - 1]);
                const double jobs = phases * static_cast<double>(of_w.phases) / chunk *
                                    static_cast<double>(flow.write_channels) / channels;
                const double steps = taps * static_cast<double>(flow.read_channels);
                const double tiles = times * jobs * tiles_each * heights;
                work.tiles += tiles;
                work.steps += tiles * steps * step_cycles(run_rows / heights, vectors_each / tiles_each);
                work.executed_flops += times * jobs * 2 * run_rows * steps * vectors_each * set.lanes;
                if (joins && w > 0) continue;
                work.outputs += times * jobs * run_rows * lanes_each;
                work.written_rows += times * samples * rows / phases * jobs * channels;
                work.jobs += times * jobs;
            }
        }
    work.read_rows = times * samples * panel.planes * panel.rows * static_cast<double>(flow.read_channels);
    work.elements = work.read_rows * panel.width;
    work.panels = times;
    return work;
}

template <class T>
Estimate estimate(const Request& request, const Flow& flow) {
    const bool rowwise = is_phase_rowwise(request, flow, request.unit.set<T>().rows);
    const bool is_planar = request.write.axes[2] == 1;
    const Fitted& fitted = rowwise ? kRows : is_planar ? kPlanar : kChannelsLast;
    Costs costs = request.pass == Pass::scatter ? fitted.scatter : fitted.gather;
    if (rowwise && flow.axes[2].write_stride > kernels::kMostRowPhases) costs.output += kPointOutput;
    if (rowwise && !is_planar) costs.output += 30;
    if (!is_planar) costs.output += shared_lines_cycles(request, request.pass == Pass::scatter ? 15 : 35);
    if (request.problem.has_sum) costs.output += 2.5;
    const Work work = work_of<T>(request, flow, rowwise);
    Estimate estimate;
    estimate.cycles = costs.step * work.steps + costs.tile * work.tiles + costs.output * work.outputs +
                      costs.written_row * work.written_rows + costs.element * work.elements +
                      costs.read_row * work.read_rows + costs.job * work.jobs + costs.panel * work.panels;
    estimate.executed_flops = work.executed_flops;
    return estimate;
}

}  // namespace

PanelSize panel_size(const Flow& flow) noexcept {
    const auto size = [](const FlowAxis& axis) {
        return static_cast<double>(hull_of(axis).size() + (axis.axis.kernel_extent() - 1) / axis.axis.stride);
    };
    PanelSize panel{1, size(flow.axes[0]) * size(flow.axes[1]), size(flow.axes[2])};
    for (const FlowAxis& axis : flow.axes) panel.planes *= static_cast<double>(std::min(axis.read_stride, axis.kernel));
    return panel;
}

PhaseGroups groups_of(const FlowAxis& axis) {
    PhaseGroups result;
    for (std::int64_t phase = 0; phase < axis.write_stride; ++phase)
        result.add(axis.step_count(phase), 1, axis.points(phase).size());
    return result;
}

std::string phase_format(int tile_rows, std::int64_t channels, bool joins_phases, bool joins_lines) {
    return "phase" + std::to_string(tile_rows) + "x" + std::to_string(channels) + (joins_phases ? "_joined" : "") +
           (joins_lines ? "_pairs" : "");
}

// Channels last, jobs of a channel would write one element to a line.
bool is_phase_rowwise(const Request& request, const Flow& flow, int tile_rows) {
    if (!may_be_rowwise(flow, tile_rows)) return false;
    if (!request.weight_format.empty())
        return request.weight_format ==
               phase_format(tile_rows, 1, has_tap_more(flow.axes[2]), may_join_lines(flow, tile_rows));
    return request.write.axes[2] == 1;
}

Result<void> check_phase_limits(const Flow& flow, std::int64_t tile_lanes, std::int64_t planes) {
    const auto refuse = [](std::string reason) { return Error{ErrorCode::unsupported, std::move(reason)}; };
    std::int64_t phases = 1, reads = 1;
    for (const FlowAxis& axis : flow.axes) {
        if (axis.write_stride > kMostPhases || axis.read_stride > kMostPhases)
            return refuse("strides above " + std::to_string(kMostPhases) + " have too many phases for its tables");
        phases *= axis.write_stride;
        reads *= axis.read_stride;
    }
    if (phases > 4 * kMostPhases || reads > 4 * kMostPhases)
        return refuse("the strides give more than " + std::to_string(4 * kMostPhases) +
                      " phases, too many for its tables");
    if (flow.taps > kMostTaps)
        return refuse("kernels of more than " + std::to_string(kMostTaps) + " taps are too large for its tables");
    constexpr double kMostWindow = 1 << 18;
    double window = static_cast<double>(reads * planes);
    for (std::size_t i = 0; i < flow.axes.size(); ++i) {
        const Axis& axis = flow.axes[i].axis;
        const std::int64_t reach = axis.kernel_extent() == 1 ? 1 : (axis.kernel_extent() - 1) / axis.stride + 2;
        window *= static_cast<double>(i == 2 ? reach + tile_lanes : reach);
    }
    if (window > kMostWindow) return refuse("the kernel reaches over more rows than its panel can hold");
    return {};
}

Result<Estimate> consider_phase_gemm(const Request& request) {
    const Flow flow = make_flow(request.problem, request.pass);
    if (auto fits = check_phase_limits(flow, request.unit.f32().tile_lanes(), 1); !fits) return fits.error();
    return request.problem.dtype == DType::f32 ? estimate<float>(request, flow) : estimate<double>(request, flow);
}

}  // namespace tconv::methods
