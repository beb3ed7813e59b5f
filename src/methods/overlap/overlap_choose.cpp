// How a tiling is chosen: its blocks fit the caches, and of all choices the cheapest is taken.
#include <algorithm>
#include <cmath>

#include "methods/method.h"
#include "methods/overlap/overlap_tiling.h"
#include "methods/step_cost.h"

namespace tconv::methods {
namespace {

constexpr std::size_t kLast = OverlapTiling::kLast;
constexpr std::int64_t kFewPixels = 64;  // fewer would not pay for reading the weights again
// Packed at a time, where weights come from memory. (ic2048 oc256 i16x16 k4 s2 p1: 1,024 channels 20.6 ms, 512 19.8,
// 256 19.7, all 23.4; Zen 5, 2026-12.)
constexpr std::int64_t kFewChannels = 512;
constexpr std::int64_t kMostSteps = 32;     // that are looked at for exact runs
constexpr std::int64_t kSampledSteps = 16;  // that are looked at for a cost
constexpr std::int64_t kLeastSums = 12;     // vectors of a tile that keep the multipliers busy
constexpr double kMostElements = 1e18;      // of packed weights

// Work is cut for so many workers, but not into items of fewer cycles: some 50 microseconds.
constexpr double kWantedItems = 8, kItemCycles = 2e5;

double as_double(std::int64_t value) { return static_cast<double>(value); }

bool is_cut(const OverlapTiling& tiling, std::size_t axis) { return tiling.block[axis] < tiling.axes[axis].fine; }

// The most pixels i that meet a block of positions: i * stride is in begin + padding + [1 - extent, positions).
std::int64_t reach_of(const Axis& axis, std::int64_t positions) {
    std::int64_t pixels = ceil_div(positions + axis.kernel_extent() - 1, axis.stride);
    if (positions % axis.stride == 0 || positions == axis.fine) {
        // All blocks begin at the first one's phase.
        const std::int64_t from = axis.padding_begin + 1 - axis.kernel_extent();
        pixels = floor_div(axis.padding_begin + positions - 1, axis.stride) - ceil_div(from, axis.stride) + 1;
    }
    return std::clamp<std::int64_t>(pixels, 0, axis.coarse);
}

double pixels_of(const OverlapTiling& tiling) {
    double pixels = 1;
    for (std::size_t a = 0; a < OverlapTiling::kAxes; ++a)
        pixels *= as_double(reach_of(tiling.axes[a], tiling.block[a]));
    return pixels;
}

// Whether a block's accumulators and pixels have room in the caches.
bool fits(const OverlapTiling& tiling) {
    const std::int64_t bytes = tiling.shape.element_bytes;
    double positions = 1;
    for (const std::int64_t size : tiling.block) positions *= as_double(size);
    if (positions * as_double(tiling.unit * bytes) > as_double(tiling.shape.accumulator_bytes)) return false;
    const double pixels = pixels_of(tiling);
    return pixels <= as_double(kFewPixels) ||
           pixels * as_double(tiling.depth * bytes) <= as_double(tiling.shape.stream_bytes);
}

// Gives an axis blocks of at most `most` positions: equal ones, of whole strides where there is room for one.
void part_axis(OverlapTiling& tiling, std::size_t a, std::int64_t most) {
    const std::int64_t size = tiling.axes[a].fine, stride = tiling.axes[a].stride;
    const std::int64_t unit = most >= stride ? stride : 1, units = ceil_div(size, unit);
    tiling.block[a] = std::min(size, ceil_div(units, ceil_div(units, most / unit)) * unit);
}

// Gives an axis the largest blocks of `least` to `most` positions that fit.
void cut_axis(OverlapTiling& tiling, std::size_t a, std::int64_t least, std::int64_t most) {
    const std::int64_t stride = tiling.axes[a].stride;
    std::int64_t unit = most >= stride ? stride : 1;
    tiling.block[a] = unit;
    if (unit > least && !fits(tiling)) {
        most = unit - 1;
        unit = 1;
    }
    std::int64_t low = std::min(ceil_div(least, unit), most / unit), high = most / unit;  // low fits, or nothing does
    while (low < high) {
        const std::int64_t middle = low + (high - low + 1) / 2;
        tiling.block[a] = middle * unit;
        if (fits(tiling))
            low = middle;
        else
            high = middle - 1;
    }
    part_axis(tiling, a, low * unit);
}

// Blocks of fewer positions would have too many pixels at their rim: those whose stamps reach into other blocks, and
// along the last axis those that do not fill a tile.
std::int64_t least_positions(const Axis& axis, bool is_last, std::int64_t most) {
    const std::int64_t reach = axis.kernel_extent() > axis.stride ? axis.kernel_extent() : 1;
    const std::int64_t rims = is_last ? 4 : 2, strides = is_last ? 32 : 1;
    if (reach > most / rims || axis.stride > most / strides) return most;
    return std::max(rims * reach, strides * axis.stride);
}

void cut_blocks(OverlapTiling& tiling) {
    for (std::size_t a = 0; a < OverlapTiling::kAxes; ++a) tiling.block[a] = a == 0 ? 1 : tiling.axes[a].fine;
    for (const bool is_last_resort : {false, true}) {
        for (std::size_t a = 1; a < OverlapTiling::kAxes; ++a) {
            if (fits(tiling)) return;
            const std::int64_t most = tiling.block[a];
            cut_axis(tiling, a, is_last_resort ? 1 : least_positions(tiling.axes[a], a == kLast, most), most);
        }
    }
}

// Takes several samples at a time, where they are small and enough items are left.
void join_samples(OverlapTiling& tiling, double wanted) {
    const std::int64_t batch = tiling.axes[0].fine;
    if (batch <= 1 || is_cut(tiling, 1) || is_cut(tiling, 2) || is_cut(tiling, 3)) return;
    const double others = as_double(tiling.groups * tiling.channel_blocks);
    const std::int64_t shared = static_cast<std::int64_t>(std::min(1.0, others / wanted) * as_double(batch));
    const std::int64_t filling =
        ceil_div(kFewPixels / 2, std::max<std::int64_t>(1, static_cast<std::int64_t>(pixels_of(tiling))));
    cut_axis(tiling, 0, 1, std::clamp(shared, std::min(filling, batch), batch));
}

// Cuts small problems further, for workers to share: by channels while tiles stay large enough, then by rows, if
// weights are so few that it does not matter that every block reads them.
void make_items(OverlapTiling& tiling, double wanted, bool may_cut_channels) {
    const std::int64_t items = std::max<std::int64_t>(1, tiling.items());
    if (as_double(items) >= wanted) return;
    const std::int64_t more = static_cast<std::int64_t>(std::ceil(wanted / as_double(items)));
    if (!tiling.joins_taps && may_cut_channels) {
        const std::int64_t vectors = ceil_div(kLeastSums, tiling.tile_rows);
        const double enough = std::ceil(as_double(tiling.channel_blocks) * wanted / as_double(items));
        const std::int64_t parts = std::min(static_cast<std::int64_t>(enough), tiling.lane_vectors() / vectors);
        if (parts > tiling.channel_blocks) {
            tiling.channel_blocks = parts;
            tiling.unit = tiling.widest();
            return;
        }
    }
    if (as_double(tiling.group_elements()) * as_double(tiling.shape.element_bytes) >
        as_double(tiling.shape.stream_bytes))
        return;
    for (std::size_t a = 1; a < OverlapTiling::kAxes; ++a) {
        const std::int64_t size = tiling.block[a];
        if (size == 1) continue;
        const std::int64_t least = least_positions(tiling.axes[a], a == kLast, size);
        if (a != tiling.row_axis || !tiling.exact_runs) part_axis(tiling, a, std::max(least, ceil_div(size, more)));
        return;
    }
}

// The pixels along the row axis that one of its steps meets; all of the axis's.
Range row_pixels(const OverlapTiling& tiling, std::int64_t index) {
    const Axis& axis = tiling.axes[tiling.row_axis];
    OverlapStep step{index, index};
    if (tiling.row_axis == kLast) step = tiling.step(0, index);
    return pixels_meeting(axis, step.first_tap, step.last_tap, {0, axis.fine});
}

std::int64_t row_steps(const OverlapTiling& tiling) {
    return tiling.row_axis == kLast ? tiling.steps() : tiling.axes[tiling.row_axis].kernel;
}

// Each step's own range of pixels as a run; false where they are too many.
bool find_runs(OverlapTiling& tiling) {
    const std::int64_t steps = row_steps(tiling);
    if (is_cut(tiling, tiling.row_axis) || steps > kMostSteps) return false;
    tiling.run_count = tiling.run_pixels = 0;
    for (std::int64_t i = 0; i < steps; ++i) {
        const Range range = row_pixels(tiling, i);
        Range* const end = tiling.runs.data() + tiling.run_count;
        if (range.empty() || std::find(tiling.runs.data(), end, range) != end) continue;
        if (tiling.run_count == OverlapTiling::kMostRuns) return false;
        tiling.runs[static_cast<std::size_t>(tiling.run_count++)] = range;
        tiling.run_pixels += range.size();
    }
    return tiling.run_count > 1;
}

// What all tiles along the row axis cost for one pair of pixel and tap along each other axis, one channel deep.
struct RowCost {
    double cycles = 0, rows = 0, tiles = 0, lost_tiles = 0;
};

RowCost row_cost(const OverlapTiling& tiling, double vectors) {
    const Axis& axis = tiling.axes[tiling.row_axis];
    const double blocks = as_double(tiling.blocks[tiling.row_axis]);
    const double reach = as_double(tiling.reach[tiling.row_axis]), most_rows = as_double(tiling.tile_rows);
    const double tile_rows = reach / std::ceil(reach / most_rows);
    const std::int64_t steps = row_steps(tiling), samples = std::min(steps, kSampledSteps);
    RowCost cost;
    for (std::int64_t i = 0; i < samples; ++i) {
        const Range range = row_pixels(tiling, share(steps, samples, i).begin);
        if (range.empty()) continue;
        const double pixels = as_double(range.size());
        double tiles = std::ceil(pixels / most_rows), rows = pixels / tiles;
        if (!tiling.exact_runs) {
            rows = tile_rows;
            // Where a run's ends lie between tiles, a tile is computed for some of its rows only.
            const bool has_rim = axis.kernel_extent() > 1 && (is_cut(tiling, tiling.row_axis) || pixels < reach);
            tiles = blocks * std::ceil(pixels / blocks / rows + (has_rim && blocks > 1 ? 0.5 : 0));
            if (has_rim) cost.lost_tiles += blocks;
        }
        cost.tiles += tiles;
        cost.rows += tiles * rows;
        cost.cycles += tiles * step_cycles(std::max(1.0, rows), vectors);
    }
    // The last of the joined steps is padded more often than not; all of its tiles lose lanes.
    if (tiling.joins_taps &&
        tiling.lane_vectors() * tiling.shape.lanes > tiling.axes[kLast].kernel * tiling.write_channels)
        cost.lost_tiles += cost.tiles / as_double(tiling.pieces);
    const double scale = samples > 0 ? as_double(steps) / as_double(samples) : 0;
    return {cost.cycles * scale, cost.rows * scale, cost.tiles * scale, cost.lost_tiles * scale};
}

// The part of an axis's taps that any pixel has in the frame.
double met_taps(const Axis& axis) {
    constexpr std::int64_t kMostTaps = 256;
    if (axis.kernel > kMostTaps || axis.coarse == 0) return 1;
    std::int64_t met = 0;
    for (std::int64_t tap = 0; tap < axis.kernel; ++tap) met += coarse_range(axis, tap).empty() ? 0 : 1;
    return as_double(met) / as_double(axis.kernel);
}

// Multiplications and additions, as far as they are not faster than the weights can be read; then every pixel is packed
// once for each block, and every output is stored. (Cycles as in phase_choose.cpp, fitted to the same layers, one set
// for both layouts.)
void predict(OverlapTiling& tiling) {
    constexpr double kPerStep = 1.11, kPerTile = 40, kPerSum = 0.9, kPerLostRow = 34, kPerItem = 3000;
    constexpr double kWeightBytesPerCycle = 16;
    // Few channels are transposed one by one. (0.6 by hand: 2.1 million outputs of ic128 oc64 i16x16x16 k2 s2 took 0.2
    // ms less when they went straight into whole lines; Zen 5, 2026-12.)
    const double per_output = tiling.write_channels < 4 ? 4.5 : tiling.shape.spreads_lines ? 0.6 : 1.1;
    // Neighbours along the last axis are most often neighbours in memory.
    const double per_pixel = tiling.row_axis == kLast ? 0.55 : 1;
    const double parts = as_double(tiling.joins_taps ? tiling.pieces : tiling.channel_blocks);
    const double vectors = as_double(tiling.lane_vectors()) / parts, lanes = as_double(tiling.shape.lanes);
    const double channels = as_double(tiling.read_channels), groups = as_double(tiling.groups);
    const RowCost row = row_cost(tiling, std::max(1.0, vectors));
    double times = groups * as_double(tiling.channel_blocks), blocks = 1;
    double pixels = as_double(tiling.run_pixels), positions = 1;
    for (std::size_t a = 0; a < OverlapTiling::kAxes; ++a) {
        blocks *= as_double(tiling.blocks[a]);
        positions *= as_double(tiling.axes[a].fine);
        if (a == tiling.row_axis) continue;
        pixels *= as_double(tiling.reach[a]);
        times *= tiling.pairs[a];
        if (a == kLast && tiling.joins_taps) times *= as_double(tiling.pieces) / as_double(tiling.axes[a].kernel);
    }
    const double chunks = std::ceil(channels / as_double(tiling.chunk));
    const double multiplying = kPerStep * times * channels * row.cycles;
    const double adding = times * chunks * (row.tiles * kPerTile + row.rows * vectors * kPerSum) +
                          times * chunks * row.lost_tiles * kPerLostRow * as_double(tiling.tile_rows);
    const double weight_bytes =
        groups * as_double(tiling.group_elements()) * as_double(tiling.shape.element_bytes) * tiling.met_taps;
    // Every method reads them once; what is read again may come from memory.
    const double again = outgrows_far_cache(weight_bytes) ? kFarBytesPerCycle : kWeightBytesPerCycle;
    const double reading = weight_bytes / kWeightBytesPerCycle + weight_bytes * (blocks - 1) / again;
    const double packs = tiling.depth < tiling.read_channels ? as_double(tiling.channel_blocks) : 1;
    tiling.cycles = std::max(multiplying + adding, reading) + blocks * pixels * channels * groups * packs * per_pixel +
                    positions * groups * as_double(tiling.write_channels) * per_output +
                    kPerItem * as_double(tiling.items());
    tiling.executed_flops = 2 * times * channels * row.rows * vectors * lanes;
}

// The items that a problem is worth: 1, 2, 4 or 8, as workers are most often.
double wanted_items(const OverlapTiling& tiling) {
    double cycles = as_double(tiling.groups) * as_double(tiling.read_channels) * as_double(tiling.write_channels) /
                    as_double(2 * tiling.shape.lanes);
    for (const double pairs : tiling.pairs) cycles *= pairs;
    double items = 1;
    while (items < kWantedItems && items * 1.5 * kItemCycles < cycles) items *= 2;
    return items;
}

// How many vectors a tile may have; 0 where taps cannot be joined.
std::int64_t most_vectors(const OverlapTiling& tiling) {
    const TileShape& shape = tiling.shape;
    const std::int64_t vectors = shape.widest[static_cast<std::size_t>(tiling.tile_rows - 1)];
    if (!tiling.joins_taps) return vectors;
    const Axis& last = tiling.axes[kLast];
    const std::int64_t channels = tiling.write_channels;
    if (last.dilation != 1 || last.kernel == 1 || channels == 0 || channels > 4 * vectors * shape.lanes) return 0;
    // Where channels fill vectors of their own, joining has nothing to offer.
    if (channels % shape.lanes == 0 && channels >= 2 * shape.lanes) return 0;
    // Rows of a tile must not overlap, as neighbouring pixels' stamps do.
    const bool may_overlap = tiling.row_axis == kLast && tiling.tile_rows > 1;
    if (!may_overlap || last.stride >= vectors * shape.lanes) return vectors;
    return std::min(vectors, last.stride * channels / shape.lanes);
}

// What does not depend on choices.
OverlapTiling common_tiling(const Problem& problem, const TileShape& shape) {
    OverlapTiling tiling;
    tiling.axes[0].coarse = tiling.axes[0].fine = problem.batch;
    tiling.pairs[0] = as_double(problem.batch);
    for (std::size_t a = 1; a < OverlapTiling::kAxes; ++a) {
        tiling.axes[a] = problem.axes[a - 1];
        tiling.pairs[a] = as_double(meeting_pairs(tiling.axes[a]));
        tiling.met_taps *= met_taps(tiling.axes[a]);
    }
    tiling.groups = problem.groups;
    tiling.read_channels = problem.coarse_channels / problem.groups;
    tiling.write_channels = problem.fine_channels / problem.groups;
    tiling.shape = shape;
    return tiling;
}

// Everything that follows from the choices; false where they cannot be had.
bool complete(OverlapTiling& tiling, const TilingChoice& choice) {
    const TileShape& shape = tiling.shape;
    tiling.row_axis = choice.row_axis;
    tiling.joins_taps = choice.joins_taps;
    tiling.exact_runs = choice.exact_runs;
    const std::int64_t row_pixels = std::max<std::int64_t>(1, tiling.axes[tiling.row_axis].coarse);
    tiling.tile_rows = ceil_div(row_pixels, ceil_div(row_pixels, shape.rows));
    // Few rows, where the given parts are too wide for many.
    std::int64_t vectors = most_vectors(tiling);
    const std::int64_t wanted_vectors = choice.parts == 0 ? 0 : ceil_div(tiling.lane_vectors(), choice.parts);
    for (; vectors < wanted_vectors && tiling.tile_rows > 1; vectors = most_vectors(tiling)) --tiling.tile_rows;
    if (vectors == 0 || vectors < wanted_vectors) return false;
    if (choice.parts > std::max<std::int64_t>(1, tiling.lane_vectors())) return false;
    const std::int64_t parts =
        choice.parts != 0 ? choice.parts : std::max<std::int64_t>(1, ceil_div(tiling.lane_vectors(), vectors));
    tiling.channel_blocks = tiling.joins_taps ? 1 : parts;
    tiling.pieces = tiling.joins_taps ? parts : 1;
    tiling.unit = tiling.joins_taps ? tiling.write_channels : std::max<std::int64_t>(1, tiling.widest());
    if (as_double(tiling.groups) * as_double(tiling.read_channels) * as_double(tiling.tap_rows()) *
            as_double(tiling.axes[kLast].kernel) * as_double(tiling.lane_vectors() * shape.lanes) >
        kMostElements)
        return false;
    tiling.depth = std::min(tiling.read_channels, shape.most_stream_bytes / (kFewPixels * shape.element_bytes));
    tiling.depth = std::max<std::int64_t>(1, tiling.depth);
    if (choice.is_shallow) tiling.depth = std::min(tiling.depth, kFewChannels);
    const double wanted = wanted_items(tiling);
    const auto count_blocks = [&] {
        for (std::size_t a = 0; a < OverlapTiling::kAxes; ++a)
            tiling.blocks[a] = ceil_div(tiling.axes[a].fine, tiling.block[a]);
    };
    cut_blocks(tiling);
    join_samples(tiling, wanted);
    count_blocks();
    make_items(tiling, wanted, choice.parts == 0);
    count_blocks();
    for (std::size_t a = 0; a < OverlapTiling::kAxes; ++a) tiling.reach[a] = reach_of(tiling.axes[a], tiling.block[a]);
    tiling.run_pixels = tiling.reach[tiling.row_axis];
    if (tiling.exact_runs && !find_runs(tiling)) return false;

    double pixels = as_double(tiling.run_pixels);
    for (std::size_t a = 0; a < OverlapTiling::kAxes; ++a)
        if (a != tiling.row_axis) pixels *= as_double(tiling.reach[a]);
    const double room = std::floor(as_double(shape.most_stream_bytes / shape.element_bytes) / std::max(1.0, pixels));
    if (room < (tiling.exact_runs ? as_double(tiling.depth) : 1)) return false;
    if (room < as_double(tiling.depth)) tiling.depth = static_cast<std::int64_t>(room);
    tiling.chunk = ceil_div(tiling.depth, ceil_div(tiling.depth, std::min(shape.chunk, OverlapTiling::kMostChunk)));
    predict(tiling);
    return true;
}

}  // namespace

bool make_tiling(const Problem& problem, const TileShape& shape, const TilingChoice& choice,
                 OverlapTiling& tiling) noexcept {
    tiling = common_tiling(problem, shape);
    return complete(tiling, choice);
}

bool choose_tiling(const Problem& problem, const TileShape& shape, const std::optional<OverlapOrder>& order,
                   OverlapTiling& best) noexcept {
    const OverlapTiling common = common_tiling(problem, shape);
    const bool are_far = outgrows_far_cache(as_double(problem.weight_elements()) * as_double(shape.element_bytes));
    bool is_found = false;
    for (std::size_t a = OverlapTiling::kAxes; a-- > 0;) {
        if (common.axes[a].coarse <= 1 && a != kLast) continue;
        for (const bool joins_taps : {false, true}) {
            if (order && order->joins_taps != joins_taps) continue;
            for (const bool exact_runs : {false, true}) {
                for (const bool is_shallow : {false, true}) {
                    if (is_shallow && (!are_far || common.read_channels <= kFewChannels)) continue;
                    OverlapTiling tried = common;
                    if (!complete(tried, {a, joins_taps, exact_runs, order ? order->parts : 0, is_shallow})) continue;
                    if (is_found && tried.cycles >= best.cycles) continue;
                    best = tried;
                    is_found = true;
                }
            }
        }
    }
    return is_found;
}

}  // namespace tconv::methods
