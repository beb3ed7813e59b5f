#include "methods/phase/phase_choose.h"

#include <algorithm>
#include <cmath>

#include "methods/phase/phase_blocks.h"
#include "methods/step_cost.h"

namespace tconv::methods {
namespace {

constexpr std::int64_t kMostPhases = 1024, kMostTaps = std::int64_t{1} << 15;

// What the parts of the work cost, in cycles of a Zen 5 core with AVX-512: fitted to a hundred layers' scatter
// (2026-11), but for rows, which narrow maps and volumes showed to cost more, and their kernels (phase_rows.h), of
// which there were fifteen layers only: those are rounded up by hand.
struct Costs {
    double step;         // for each cycle that the multiply-add units need: loads across cache lines
    double tile;         // its beginning and end
    double output;       // an element from the tile into the output
    double written_row;  // a stretch of the output
    double element;      // packed
    double read_row;     // packed
};
constexpr Costs kTileCosts{1.12, 66, 0.65, 40, 0.26, 15}, kRowCosts{0.7, 100, 0.1, 110, 0.36, 10};

Costs costs_of(const Request& request, bool is_rowwise) {
    Costs costs = is_rowwise ? kRowCosts : kTileCosts;
    if (request.write.axes[2] != 1)  // tiles are transposed
        costs.output += (is_rowwise ? 30 : 1.2) + shared_lines_cycles(request, 2);
    if (request.problem.has_sum) costs.output += 2.5;
    return costs;
}

template <class T>
Estimate estimate(const Request& request, const Flow& flow) {
    const kernels::KernelSet<T>& set = request.unit.set<T>();
    const bool rowwise = is_phase_rowwise(request, flow, set.rows);
    const Costs costs = costs_of(request, rowwise);
    const std::array<PhaseGroups, 3> groups{groups_of(flow.axes[0]), groups_of(flow.axes[1]), groups_of(flow.axes[2])};
    const JobShape shape = job_shape(flow, set.rows, rowwise);
    const Range hull_w = hull_of(flow.axes[2]);
    const std::int64_t reach_w = (flow.axes[2].kernel - 1) / flow.axes[2].axis.stride;
    const double width = static_cast<double>(hull_w.size() + reach_w);
    Estimate estimate;
    double lanes_all = 0, read_rows = 0;
    for (std::size_t d = 0; d < groups[0].count; ++d)
        for (std::size_t h = 0; h < groups[1].count; ++h) {
            const double rows = static_cast<double>(groups[0].groups[d].points * groups[1].groups[h].points);
            const double phases = static_cast<double>(groups[0].groups[d].phases * groups[1].groups[h].phases);
            if (phases == 0 || rows == 0) continue;
            // The rows of one (d, h) phase lie in one stretch of lanes, rounded up to vectors.
            const double lanes_each = rows / phases * width;
            const double vectors_each = std::ceil(lanes_each / set.lanes);
            lanes_all += lanes_each * phases;
            read_rows += rows;
            for (std::size_t w = 0; w < groups[2].count; ++w) {
                const PhaseGroup& group = groups[2].groups[w];
                const double taps =
                    static_cast<double>(groups[0].groups[d].taps * groups[1].groups[h].taps * group.taps);
                const double chunk = static_cast<double>(std::min(shape.phases, group.phases));
                const double channels =
                    static_cast<double>(std::min(shape.channels, std::max<std::int64_t>(1, flow.write_channels)));
                const double run_rows = chunk * channels;
                const double heights = std::ceil(run_rows / set.rows);
                const double tiles_each =
                    std::ceil(vectors_each / set.widest[static_cast<int>(std::ceil(run_rows / heights)) - 1]);
                const double jobs =
                    static_cast<double>(group.phases) / chunk * static_cast<double>(flow.write_channels) / channels;
                const double steps = taps * static_cast<double>(flow.read_channels);
                const double step = costs.step * step_cycles(run_rows / heights, vectors_each / tiles_each);
                estimate.cycles += phases * jobs * tiles_each * heights * (steps * step + costs.tile);
                estimate.executed_flops += phases * jobs * 2 * run_rows * steps * vectors_each * set.lanes;
                // Out of the tile into the output.
                estimate.cycles += phases * jobs * run_rows * lanes_each * costs.output;
                estimate.cycles += rows * jobs * channels * costs.written_row;
            }
        }
    // Into the panel: once for every block, which is once for every element and a little more.
    const double packed =
        (lanes_all * costs.element + read_rows * costs.read_row) * static_cast<double>(flow.read_channels);
    const double times = static_cast<double>(flow.batch * flow.groups);
    estimate.cycles = (estimate.cycles + packed) * times;
    estimate.executed_flops *= times;
    return estimate;
}

}  // namespace

PhaseGroups groups_of(const FlowAxis& axis) {
    PhaseGroups result;
    for (std::int64_t phase = 0; phase < axis.write_stride; ++phase)
        result.add(axis.step_count(phase), 1, axis.points(phase).size());
    return result;
}

std::string phase_format(int tile_rows, std::int64_t channels) {
    return "phase" + std::to_string(tile_rows) + "x" + std::to_string(channels);
}

// Channels last, jobs of a channel would write one element to a line.
bool is_phase_rowwise(const Request& request, const Flow& flow, int tile_rows) {
    if (!may_be_rowwise(flow)) return false;
    if (!request.weight_format.empty()) return request.weight_format == phase_format(tile_rows, 1);
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
