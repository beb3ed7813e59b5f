#include "methods/overlap_tiling.h"

#include <algorithm>
#include <cmath>

#include "methods/method.h"
#include "methods/step_cost.h"

namespace tconv::methods {
namespace {

constexpr std::int64_t kFewPixels = 64;     // fewer would not pay for reading the weights again
constexpr std::int64_t kMostSteps = 64;     // that are looked at for exact runs
constexpr std::int64_t kSampledSteps = 16;  // that are looked at for a cost
constexpr std::int64_t kWantedItems = 16;   // for workers to share

double as_double(std::int64_t value) { return static_cast<double>(value); }

bool is_cut(const OverlapTiling& tiling, std::size_t axis) { return tiling.block[axis] < tiling.axes[axis].fine; }

// The most pixels that meet as many positions: i * stride in [begin + padding - extent + 1, begin + padding +
// positions).
std::int64_t reach_of(const Axis& axis, std::int64_t positions) {
    std::int64_t pixels = ceil_div(positions + axis.kernel_extent() - 1, axis.stride);
    if (positions % axis.stride == 0 || positions == axis.fine) {
        // All blocks begin at the same phase.
        const std::int64_t begin = axis.padding_begin;
        pixels =
            floor_div(begin + positions - 1, axis.stride) - ceil_div(begin - axis.kernel_extent() + 1, axis.stride) + 1;
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

// Gives an axis the largest block from `least` to `most` that fits, of whole strides if it can, and parts it evenly.
void cut_axis(OverlapTiling& tiling, std::size_t a, std::int64_t least, std::int64_t most) {
    const std::int64_t size = tiling.axes[a].fine, unit = most >= tiling.axes[a].stride ? tiling.axes[a].stride : 1;
    std::int64_t low = std::min(ceil_div(least, unit), most / unit), high = most / unit;  // low fits, or nothing does
    while (low < high) {
        const std::int64_t middle = low + (high - low + 1) / 2;
        tiling.block[a] = middle * unit;
        if (fits(tiling))
            low = middle;
        else
            high = middle - 1;
    }
    tiling.block[a] = low * unit;
    if (unit > 1 && least < unit && !fits(tiling)) return cut_axis(tiling, a, least, unit - 1);
    tiling.block[a] = std::min(size, ceil_div(ceil_div(size, ceil_div(size, low * unit)), unit) * unit);
}

void cut_blocks(OverlapTiling& tiling, std::int64_t channel_items) {
    for (std::size_t a = 0; a < OverlapTiling::kAxes; ++a) tiling.block[a] = a == 0 ? 1 : tiling.axes[a].fine;
    if (fits(tiling)) {
        const std::int64_t batch = tiling.axes[0].fine;
        const std::int64_t pixels = static_cast<std::int64_t>(std::clamp(pixels_of(tiling), 1.0, 1e6));
        const std::int64_t shared = floor_div(batch * std::min(channel_items, kWantedItems), kWantedItems);
        const std::int64_t filling = ceil_div(kFewPixels / 2, pixels);
        if (batch > 1) cut_axis(tiling, 0, 1, std::clamp<std::int64_t>(shared, std::min(filling, batch), batch));
        return;
    }
    // First down to where pixels at the rim are few against those inside, then as far as need be.
    for (const bool is_last_resort : {false, true}) {
        for (std::size_t a = 1; a < OverlapTiling::kAxes; ++a) {
            if (fits(tiling)) return;
            const Axis& axis = tiling.axes[a];
            const std::int64_t quarter = tiling.block[a] / 4, strides = a == OverlapTiling::kLast ? 8 : 1;
            std::int64_t least = 1;
            if (!is_last_resort) {
                // Where stamps do not overlap, there is no rim.
                const std::int64_t rim = axis.kernel_extent() > axis.stride ? axis.kernel_extent() : 1;
                const bool is_narrow = rim > quarter || axis.stride > quarter / strides;
                least = is_narrow ? tiling.block[a] : std::max(4 * rim, 4 * strides * axis.stride);
            }
            cut_axis(tiling, a, least, tiling.block[a]);
        }
    }
}

// The pixels along the row axis that one of its steps meets; all of the axis's.
Range row_pixels(const OverlapTiling& tiling, std::int64_t index) {
    const Axis& axis = tiling.axes[tiling.row_axis];
    OverlapStep step{index, index};
    if (tiling.row_axis == OverlapTiling::kLast) step = tiling.step(0, index);
    return pixels_meeting(axis, step.first_tap, step.last_tap, {0, axis.fine});
}

std::int64_t row_steps(const OverlapTiling& tiling) {
    return tiling.row_axis == OverlapTiling::kLast ? tiling.steps() : tiling.axes[tiling.row_axis].kernel;
}

// Each step's own range of pixels as a run; false where they are too many.
bool find_runs(OverlapTiling& tiling) {
    const std::int64_t steps = row_steps(tiling);
    if (is_cut(tiling, tiling.row_axis) || steps > kMostSteps) return false;
    tiling.run_count = tiling.run_pixels = 0;
    for (std::int64_t i = 0; i < steps; ++i) {
        const Range range = row_pixels(tiling, i);
        const auto end = tiling.runs.begin() + tiling.run_count;
        if (range.empty() || std::find(tiling.runs.begin(), end, range) != end) continue;
        if (tiling.run_count == OverlapTiling::kMostRuns) return false;
        tiling.runs[static_cast<std::size_t>(tiling.run_count++)] = range;
        tiling.run_pixels += range.size();
    }
    return true;
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
    const double scale = samples > 0 ? as_double(steps) / as_double(samples) : 0;
    return {cost.cycles * scale, cost.rows * scale, cost.tiles * scale, cost.lost_tiles * scale};
}

void predict(OverlapTiling& tiling) {
    const double parts = as_double(tiling.joins_taps ? tiling.pieces : tiling.channel_blocks);
    const double vectors = as_double(tiling.lane_vectors()) / parts, lanes = as_double(tiling.shape.lanes);
    const double channels = as_double(tiling.read_channels), bytes = as_double(tiling.shape.element_bytes);
    const RowCost row = row_cost(tiling, std::max(1.0, vectors));
    double times = as_double(tiling.groups) * (tiling.joins_taps ? 1 : as_double(tiling.channel_blocks));
    double blocks = 1, pixels = as_double(tiling.run_pixels), positions = 1;
    for (std::size_t a = 0; a < OverlapTiling::kAxes; ++a) {
        blocks *= as_double(tiling.blocks[a]);
        positions *= as_double(tiling.axes[a].fine);
        if (a == tiling.row_axis) continue;
        pixels *= as_double(tiling.reach[a]);
        double pairs = as_double(a == 0 ? tiling.axes[a].fine : meeting_pairs(tiling.axes[a]));
        if (a == OverlapTiling::kLast && tiling.joins_taps)
            pairs *= as_double(tiling.write_channels) / (vectors * lanes);
        times *= pairs;
    }
    const double chunks = std::ceil(channels / as_double(tiling.chunk)),
                 tile_rows = row.rows / std::max(1.0, row.tiles);
    const double multiplying = times * channels * row.cycles;
    const double adding =
        times * chunks * (row.tiles * (20 + 1.25 * tile_rows * vectors) + row.lost_tiles * 12 * tile_rows);
    const double weights_read = as_double(tiling.groups * tiling.group_elements()) * bytes * blocks;
    const double packed_again = tiling.depth < tiling.read_channels ? as_double(tiling.channel_blocks) : 1;
    const double packing = blocks * pixels * channels * as_double(tiling.groups) * 0.75 * packed_again;
    const double storing = positions * as_double(tiling.groups * tiling.write_channels) * 1.5;
    tiling.cycles = std::max(multiplying + adding, weights_read / 12) + packing + storing;
    tiling.executed_flops = 2 * times * channels * row.rows * vectors * lanes;
}

// Everything that follows from the row axis and the choices; false where they cannot be had.
bool complete(OverlapTiling& tiling) {
    const TileShape& shape = tiling.shape;
    const Axis& rows = tiling.axes[tiling.row_axis];
    const std::int64_t tiles = std::max<std::int64_t>(1, ceil_div(rows.coarse, shape.rows));
    tiling.tile_rows = std::max<std::int64_t>(1, ceil_div(rows.coarse, tiles));
    std::int64_t most_vectors = shape.widest[static_cast<std::size_t>(tiling.tile_rows - 1)];
    if (tiling.joins_taps) {
        const Axis& last = tiling.axes[OverlapTiling::kLast];
        if (last.dilation != 1 || last.kernel == 1 || tiling.write_channels == 0) return false;
        // Where channels fill vectors of their own, joining has nothing to offer.
        if (tiling.write_channels > 4 * most_vectors * shape.lanes) return false;
        if (tiling.write_channels % shape.lanes == 0 && tiling.write_channels >= 2 * shape.lanes) return false;
        // Rows of a tile must not overlap, as neighbouring pixels' stamps do.
        if (tiling.row_axis == OverlapTiling::kLast && last.stride < most_vectors * shape.lanes)
            most_vectors = std::min(most_vectors, last.stride * tiling.write_channels / shape.lanes);
        if (most_vectors == 0) return false;
    }
    const std::int64_t vectors_of_lanes = tiling.lane_vectors();
    const std::int64_t parts = std::max<std::int64_t>(1, ceil_div(vectors_of_lanes, most_vectors));
    tiling.channel_blocks = tiling.joins_taps ? 1 : parts;
    tiling.pieces = tiling.joins_taps ? parts : 1;
    tiling.unit = tiling.joins_taps ? tiling.write_channels : std::max<std::int64_t>(1, tiling.channel_lanes(0).size());
    tiling.depth = std::min(tiling.read_channels, shape.most_stream_bytes / (kFewPixels * shape.element_bytes));
    tiling.depth = std::max<std::int64_t>(1, tiling.depth);
    cut_blocks(tiling, tiling.groups * tiling.channel_blocks);
    for (std::size_t a = 0; a < OverlapTiling::kAxes; ++a) {
        tiling.blocks[a] = ceil_div(tiling.axes[a].fine, tiling.block[a]);
        tiling.reach[a] = reach_of(tiling.axes[a], tiling.block[a]);
    }
    tiling.run_count = 1;
    tiling.run_pixels = tiling.reach[tiling.row_axis];
    if (tiling.exact_runs && (!find_runs(tiling) || tiling.run_count < 2)) return false;

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

std::int64_t OverlapTiling::lane_vectors() const noexcept {
    return ceil_div(write_channels * (joins_taps ? axes[kLast].kernel : 1), shape.lanes);
}

Range OverlapTiling::channel_lanes(std::int64_t channel_block) const noexcept {
    const Range vectors = share(lane_vectors(), channel_blocks, channel_block);
    return {vectors.begin * shape.lanes, vectors.end * shape.lanes};
}

std::int64_t OverlapTiling::first_channel(std::int64_t channel_block) const noexcept {
    return joins_taps ? 0 : channel_lanes(channel_block).begin;
}

std::int64_t OverlapTiling::channels(std::int64_t channel_block) const noexcept {
    if (joins_taps) return write_channels;
    const Range lanes = channel_lanes(channel_block);
    return std::min(lanes.end, write_channels) - lanes.begin;
}

std::int64_t OverlapTiling::block_elements(std::int64_t channel_block) const noexcept {
    return first_channel(channel_block) * tap_rows() * axes[kLast].kernel * read_channels;
}

std::int64_t OverlapTiling::row_lanes(std::int64_t channel_block) const noexcept {
    return joins_taps ? lane_vectors() * shape.lanes : axes[kLast].kernel * channel_lanes(channel_block).size();
}

OverlapStep OverlapTiling::step(std::int64_t channel_block, std::int64_t index) const noexcept {
    if (!joins_taps) {
        const std::int64_t width = channel_lanes(channel_block).size();
        return {index, index, index * axes[kLast].dilation * unit, width, width, index * width};
    }
    const Range vectors = share(lane_vectors(), pieces, index);
    const std::int64_t begin = vectors.begin * shape.lanes;
    const std::int64_t end = std::min(vectors.end * shape.lanes, axes[kLast].kernel * write_channels);
    return {
        begin / write_channels, (end - 1) / write_channels, begin, vectors.size() * shape.lanes, end - begin, begin};
}

std::int64_t OverlapTiling::widest() const noexcept {
    return joins_taps ? share(lane_vectors(), pieces, 0).size() * shape.lanes : channel_lanes(0).size();
}

std::int64_t OverlapTiling::group_elements() const noexcept {
    return tap_rows() * (joins_taps ? 1 : axes[kLast].kernel) * read_channels * lane_vectors() * shape.lanes;
}

OverlapTiling::PerAxis<std::int64_t> OverlapTiling::strides() const noexcept {
    PerAxis<std::int64_t> result{};
    std::int64_t step = unit;
    for (std::size_t a = kAxes; a-- > 0;) {
        result[a] = step;
        step *= block[a];
    }
    return result;
}

std::int64_t OverlapTiling::accumulators() const noexcept { return strides()[0] * block[0]; }

std::int64_t OverlapTiling::stream_elements() const noexcept {
    std::int64_t pixels = run_pixels;
    for (std::size_t a = 0; a < kAxes; ++a)
        if (a != row_axis) pixels *= reach[a];
    return pixels * depth;
}

Range OverlapTiling::positions(std::size_t axis, std::int64_t index) const noexcept {
    const std::int64_t begin = index * block[axis];
    return {begin, std::min(begin + block[axis], axes[axis].fine)};
}

std::int64_t OverlapTiling::items() const noexcept {
    if (axes[kSamples].fine == 0 || write_channels == 0) return 0;
    return blocks[0] * blocks[1] * blocks[2] * blocks[3] * groups * channel_blocks;
}

Range pixels_meeting(const Axis& axis, std::int64_t first_tap, std::int64_t last_tap, Range fine) noexcept {
    const std::int64_t from = fine.begin + axis.padding_begin - last_tap * axis.dilation;
    const std::int64_t to = fine.end + axis.padding_begin - first_tap * axis.dilation;
    const Range range{std::max<std::int64_t>(0, ceil_div(from, axis.stride)),
                      std::min(axis.coarse, ceil_div(to, axis.stride))};
    return range.empty() ? Range{} : range;
}

bool make_tiling(const Problem& problem, const TileShape& shape, const TilingChoice& choice,
                 OverlapTiling& tiling) noexcept {
    tiling = {};
    tiling.axes[0].coarse = tiling.axes[0].fine = problem.batch;
    for (std::size_t a = 0; a < problem.axes.size(); ++a) tiling.axes[a + 1] = problem.axes[a];
    tiling.groups = problem.groups;
    tiling.read_channels = problem.coarse_channels / problem.groups;
    tiling.write_channels = problem.fine_channels / problem.groups;
    tiling.shape = shape;
    tiling.row_axis = choice.row_axis;
    tiling.joins_taps = choice.joins_taps;
    tiling.exact_runs = choice.exact_runs;
    return complete(tiling);
}

bool choose_tiling(const Problem& problem, const TileShape& shape, OverlapTiling& best) noexcept {
    bool is_found = false;
    for (std::size_t a = OverlapTiling::kAxes; a-- > 0;) {
        const std::int64_t pixels = a == 0 ? problem.batch : problem.axes[a - 1].coarse;
        if (pixels <= 1 && a != OverlapTiling::kLast) continue;
        for (const bool joins_taps : {false, true}) {
            for (const bool exact_runs : {false, true}) {
                OverlapTiling tried;
                if (!make_tiling(problem, shape, {a, joins_taps, exact_runs}, tried)) continue;
                if (is_found && tried.cycles >= best.cycles) continue;
                best = tried;
                is_found = true;
            }
        }
    }
    return is_found;
}

}  // namespace tconv::methods
