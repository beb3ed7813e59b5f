#include "methods/overlap_walk.h"

#include <algorithm>

namespace tconv::methods {
namespace {

constexpr std::size_t kLast = OverlapTiling::kLast;

// The run that holds `range` and the fewest other pixels; pixels of the runs before it are added to `before`.
Range find_run(const PackedPixels& packed, Range range, std::int64_t& before) {
    Range best{};
    std::int64_t passed = 0;
    for (std::int64_t i = 0; i < packed.run_count; ++i) {
        const Range run = packed.runs[static_cast<std::size_t>(i)];
        if (run.begin <= range.begin && range.end <= run.end && (best.empty() || run.size() < best.size())) {
            best = run;
            before = passed;
        }
        passed += run.size();
    }
    return best;
}

// Where the first of the pixels lies, in positions of the box; the step's own origin is not in it.
std::int64_t place_of(const Axis& axis, std::int64_t pixel, std::int64_t tap, Range positions) {
    return pixel * axis.stride + tap * axis.dilation - axis.padding_begin - positions.begin;
}

// The distance of neighbours, which matters (and cannot overflow) only where there are any.
std::int64_t distance(std::int64_t count, std::int64_t stride, std::int64_t step) {
    return count > 1 ? stride * step : 0;
}

}  // namespace

bool walk_panel(const OverlapTiling& tiling, const PackedPixels& packed, const OverlapTiling::PerAxis<Range>& positions,
                const PanelTaps& taps, PanelWalk& walk) noexcept {
    const std::size_t row_axis = tiling.row_axis;
    const OverlapTiling::PerAxis<std::int64_t> strides = tiling.strides();
    const OverlapStep& step = taps.step;
    OverlapTiling::PerAxis<Range> pixels{positions[0]};
    for (std::size_t a = 1; a < kLast; ++a)
        pixels[a] = pixels_meeting(tiling.axes[a], taps.taps[a - 1], taps.taps[a - 1], positions[a]);
    const Axis& last = tiling.axes[kLast];
    pixels[kLast] = pixels_meeting(last, step.first_tap, step.last_tap, positions[kLast]);
    for (const Range& range : pixels)
        if (range.empty()) return false;
    Range whole{};
    if (step.valid == step.width) whole = pixels_meeting(last, step.last_tap, step.first_tap, positions[kLast]);

    walk.line = positions[kLast].size() * tiling.unit;
    walk.start = place_of(last, pixels[kLast].begin, 0, positions[kLast]) * tiling.unit + step.origin;
    walk.first = walk.start;
    std::int64_t before = 0, pixel = 0, rows_of_pixels = 1;
    const Range run = find_run(packed, pixels[row_axis], before);
    std::size_t loop = walk.loops.size();
    for (std::size_t a = OverlapTiling::kAxes; a-- > 0;) {
        const Axis& axis = tiling.axes[a];
        const std::int64_t count = pixels[a].size(), pitch = distance(count, axis.stride, strides[a]);
        if (a != kLast)
            walk.first += place_of(axis, pixels[a].begin, a == 0 ? 0 : taps.taps[a - 1], positions[a]) * strides[a];
        if (a == row_axis) {
            walk.row_pitch = pitch;
            walk.row_shift = a == kLast ? pitch : 0;
            continue;
        }
        walk.loops[--loop] = {count, pitch, rows_of_pixels * run.size()};
        pixel += (pixels[a].begin - packed.pixels[a].begin) * rows_of_pixels * run.size();
        rows_of_pixels *= packed.pixels[a].size();
    }
    walk.run_begin = before * rows_of_pixels + pixel;
    walk.column_shift = row_axis == kLast ? 0 : walk.loops[2].accumulators;
    walk.kept_rows = {pixels[row_axis].begin - run.begin, pixels[row_axis].end - run.begin};
    if (row_axis == kLast) {
        walk.whole_rows = whole.empty() ? Range{} : Range{whole.begin - run.begin, whole.end - run.begin};
        walk.whole_columns = {0, walk.loops[2].count};
    } else {
        walk.whole_rows = walk.kept_rows;
        const std::int64_t begin = pixels[kLast].begin;
        walk.whole_columns = whole.empty() ? Range{} : Range{whole.begin - begin, whole.end - begin};
    }

    const std::int64_t tiles = ceil_div(run.size(), tiling.shape.rows);
    walk.rows = run.size() / tiles;
    walk.longer_tiles = run.size() % tiles;
    const auto tile_of = [&](std::int64_t row) {
        const std::int64_t longer_rows = walk.longer_tiles * (walk.rows + 1);
        return row < longer_rows ? row / (walk.rows + 1) : walk.longer_tiles + (row - longer_rows) / walk.rows;
    };
    walk.tiles = {tile_of(walk.kept_rows.begin), tile_of(walk.kept_rows.end - 1) + 1};
    return true;
}

PackedPixels pixels_of_box(const OverlapTiling& tiling, const OverlapTiling::PerAxis<Range>& positions) noexcept {
    PackedPixels packed;
    for (std::size_t a = 0; a < OverlapTiling::kAxes; ++a)
        packed.pixels[a] = pixels_meeting(tiling.axes[a], 0, tiling.axes[a].kernel - 1, positions[a]);
    packed.run_count = 1;
    packed.runs[0] = packed.pixels[tiling.row_axis];
    if (tiling.exact_runs) {
        packed.run_count = tiling.run_count;
        packed.runs = tiling.runs;
    }
    return packed;
}

}  // namespace tconv::methods
