#include <algorithm>
#include <cmath>

#include "methods/phase/phase_choose.h"
#include "methods/split/split_gemm.h"
#include "methods/step_cost.h"
#include "packing/split_panel.h"

namespace tconv::methods {
namespace {

// What the parts of the work cost, in cycles of a core whose AVX-512 does two multiply-adds a cycle: fitted to 1,430
// passes of random layers of the kinds that real networks have (bench/regret.py's), in proportion to the other methods'
// costs, on a Xeon with a core of its own (2026-12); tile steps are a twelfth above the fit, as near choices were
// better so. A core's tile instructions take twice as long while its other thread is busy, whatever with; AVX-512's
// may, too.
constexpr double kTileStep = 165;         // a matrix tile's six multiplications, with the loads
constexpr double kShiftedTileStep = 190;  // the same where taps shift the pixels, so that loads cross cache lines
constexpr double kTile = 12;              // its sums' beginning and end
constexpr double kOutput = 1.05;          // an element from the tile into the output
constexpr double kTogether = 0.95;        // the same, more, where channels are neighbours: tiles are transposed
constexpr double kWrittenRow = 18;        // a stretch of the output
constexpr double kElement = 1.2;          // packed and split
constexpr double kReadRow = 14;           // packed
constexpr double kWeightByte = 0.1;       // of weights that the second-level cache does not hold, for each block

Estimate estimate(const Request& request, const Flow& flow) {
    const kernels::SplitSet& set = *request.unit.f32().split;
    const JobShape shape = job_shape(flow, 2 * set.rows, false);
    const PhaseGroups groups[3] = {groups_of(flow.axes[0]), groups_of(flow.axes[1]), groups_of(flow.axes[2])};
    const PanelSize panel = panel_size(flow);
    const double depth_groups = static_cast<double>(ceil_div(flow.read_channels, set.depth));
    const double channels =
        static_cast<double>(std::min(shape.channels, std::max<std::int64_t>(1, flow.write_channels)));
    double output = kOutput;
    if (request.write.axes[2] != 1) output += kTogether + shared_lines_cycles(request, 2);
    if (request.problem.has_sum) output += 2.5;
    bool shifts = false;
    for (const PhaseGroups& axis : groups)
        for (std::size_t i = 0; i < axis.count; ++i) shifts = shifts || axis.groups[i].taps > 1;
    const double tile_step = shifts ? kShiftedTileStep : kTileStep;
    Estimate estimate;
    for (std::size_t d = 0; d < groups[0].count; ++d)
        for (std::size_t h = 0; h < groups[1].count; ++h) {
            const PhaseGroup &of_d = groups[0].groups[d], &of_h = groups[1].groups[h];
            const double rows = static_cast<double>(of_d.points * of_h.points);
            const double phases = static_cast<double>(of_d.phases * of_h.phases);
            if (phases == 0 || rows == 0) continue;
            const double lanes_each = rows / phases * panel.width, lane_tiles = std::ceil(lanes_each / set.lanes);
            for (std::size_t w = 0; w < groups[2].count; ++w) {
                const PhaseGroup& of_w = groups[2].groups[w];
                const double chunk = static_cast<double>(std::min(shape.phases, of_w.phases));
                const double row_tiles = std::ceil(chunk * channels / set.rows);
                const double jobs = phases * static_cast<double>(of_w.phases) / chunk *
                                    static_cast<double>(flow.write_channels) / channels;
                const double steps = depth_groups * static_cast<double>(of_d.taps * of_h.taps * of_w.taps);
                estimate.cycles += jobs * row_tiles * lane_tiles * (steps * tile_step + kTile);
                estimate.executed_flops += jobs * row_tiles * lane_tiles * steps * 2 * set.rows * set.lanes * set.depth;
                estimate.cycles += jobs * chunk * channels * lanes_each * output;
                estimate.cycles += rows / phases * jobs * channels * kWrittenRow;
            }
        }
    const double read_rows = panel.planes * panel.rows * depth_groups * set.depth, elements = read_rows * panel.width;
    const bool collects = flow.axes[2].read_stride > 1;  // every so many
    estimate.cycles += elements * (collects ? 2 * kElement : kElement) + read_rows * kReadRow;
    const double times = static_cast<double>(flow.batch * flow.groups);
    estimate.cycles *= times;
    // Every block reads all weights.
    const double panel_bytes = 6 * elements * static_cast<double>(flow.batch);
    const double weights = 6 * static_cast<double>(request.problem.weight_elements());
    if (weights > static_cast<double>(cpu_facts().l2_bytes))
        estimate.cycles += kWeightByte * weights * std::ceil(panel_bytes / (std::int64_t{1} << 20));
    estimate.executed_flops *= times;
    return estimate;
}

}  // namespace

Result<Estimate> consider_split_gemm(const Request& request) {
    constexpr std::int64_t kMostTaps = 4096, kFewestChannels = 8;
    const auto refuse = [](std::string reason) { return Error{ErrorCode::unsupported, std::move(reason)}; };
    if (request.problem.dtype != DType::f32) return refuse("numbers of f64 are not the sum of three bfloat16");
    if (request.unit.f32().split == nullptr) return refuse("the instruction set has no matrix tiles of bfloat16");
    const Flow flow = make_flow(request.problem, request.pass);
    if (flow.taps > kMostTaps)
        return refuse("kernels of more than " + std::to_string(kMostTaps) + " taps are too large for its tables");
    // A sum of fewer products could be off by more than f32 allows (split_set.h), and would fill no tile.
    if (flow.read_channels < kFewestChannels)
        return refuse("a group's " + std::to_string(flow.read_channels) + " read channels are fewer than " +
                      std::to_string(kFewestChannels) + ", too few for matrix tiles");
    const kernels::SplitSet& set = *request.unit.f32().split;
    if (auto fits = check_phase_limits(flow, kSplitTileLanes * set.lanes, packing::split_planes(set.depth)); !fits)
        return fits.error();
    return estimate(request, flow);
}

}  // namespace tconv::methods
