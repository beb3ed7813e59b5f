#include "methods/overlap/overlap_walk.h"

#include <algorithm>

namespace tconv::methods {
namespace {

constexpr std::size_t kLast = OverlapTiling::kLast;

// Where a pixel lies, in positions of the box.
std::int64_t place_of(const Axis& axis, std::int64_t pixel, std::int64_t tap, Range positions) {
    return pixel * axis.stride + tap * axis.dilation - axis.padding_begin - positions.begin;
}

Range moved(Range range, std::int64_t by) { return range.empty() ? Range{} : Range{range.begin + by, range.end + by}; }

}  // namespace

PanelWalker::PanelWalker(const OverlapTiling& tiling, const PackedPixels& packed,
                         const OverlapTiling::PerAxis<Range>& positions) noexcept
    : tiling_(tiling), packed_(packed), positions_(positions), strides_(tiling.strides()) {
    take(OverlapTiling::kSamples, 0, 0);
}

bool PanelWalker::take(std::size_t a, std::int64_t first_tap, std::int64_t last_tap) noexcept {
    const Axis& axis = tiling_.axes[a];
    AxisWalk& walk = axes_[a];
    walk.pixels = pixels_meeting(axis, first_tap, last_tap, positions_[a]);
    if (walk.pixels.empty()) return false;
    // Distances matter (and cannot overflow) only where there are neighbours.
    walk.pitch = walk.pixels.size() > 1 ? axis.stride * strides_[a] : 0;
    if (a == tiling_.row_axis) take_run(walk.pixels);
    return true;
}

bool PanelWalker::take_tap(std::size_t a, std::int64_t tap) noexcept {
    if (!take(a, tap, tap)) return false;
    axes_[a].first = place_of(tiling_.axes[a], axes_[a].pixels.begin, tap, positions_[a]) * strides_[a];
    return true;
}

bool PanelWalker::take_step(const OverlapStep& step) noexcept {
    if (!take(kLast, step.first_tap, step.last_tap)) return false;
    const Axis& axis = tiling_.axes[kLast];
    AxisWalk& walk = axes_[kLast];
    // The step's origin says where its taps are.
    walk.first = place_of(axis, walk.pixels.begin, 0, positions_[kLast]) * tiling_.unit + step.origin;
    whole_ = walk.pixels;
    if (step.valid < step.width)
        whole_ = {};
    else if (step.last_tap > step.first_tap)
        whole_ = pixels_meeting(axis, step.last_tap, step.first_tap, positions_[kLast]);
    return true;
}

// Finds the run that holds the pixels and the fewest others, and its tiles.
void PanelWalker::take_run(Range pixels) noexcept {
    run_ = {};
    std::int64_t passed = 0;
    for (std::int64_t i = 0; i < packed_.run_count; ++i) {
        const Range run = packed_.runs[static_cast<std::size_t>(i)];
        const bool holds = run.begin <= pixels.begin && pixels.end <= run.end;
        if (holds && (run_.empty() || run.size() < run_.size())) {
            run_ = run;
            before_run_ = passed;
        }
        passed += run.size();
    }
    const std::int64_t tiles = ceil_div(run_.size(), tiling_.tile_rows);
    rows_ = run_.size() / tiles;
    longer_tiles_ = run_.size() % tiles;
    const auto tile_of = [&](std::int64_t row) {
        const std::int64_t longer_rows = longer_tiles_ * (rows_ + 1);
        return row < longer_rows ? row / (rows_ + 1) : longer_tiles_ + (row - longer_rows) / rows_;
    };
    tiles_ = {0, tiles};
    if (pixels != run_) tiles_ = {tile_of(pixels.begin - run_.begin), tile_of(pixels.end - 1 - run_.begin) + 1};
}

PanelWalk PanelWalker::walk() const noexcept {
    const std::size_t row_axis = tiling_.row_axis;
    PanelWalk walk;
    std::int64_t pixel = 0, rows_of_pixels = 1;
    std::size_t loop = walk.loops.size();
    for (std::size_t a = OverlapTiling::kAxes; a-- > 0;) {
        const AxisWalk& axis = axes_[a];
        walk.first += axis.first;
        if (a == row_axis) continue;
        walk.loops[--loop] = {axis.pixels.size(), axis.pitch, rows_of_pixels * run_.size()};
        pixel += (axis.pixels.begin - packed_.pixels[a].begin) * rows_of_pixels * run_.size();
        rows_of_pixels *= packed_.pixels[a].size();
    }
    walk.run_begin = before_run_ * rows_of_pixels + pixel;
    walk.tiles = tiles_;
    walk.rows = rows_;
    walk.longer_tiles = longer_tiles_;
    walk.kept_rows = moved(axes_[row_axis].pixels, -run_.begin);
    walk.start = axes_[kLast].first;
    walk.line = positions_[kLast].size() * tiling_.unit;
    walk.row_pitch = axes_[row_axis].pitch;
    if (row_axis == kLast) {
        walk.whole_rows = moved(whole_, -run_.begin);
        walk.whole_columns = {0, walk.loops[2].count};
        walk.row_shift = walk.row_pitch;
    } else {
        walk.whole_rows = walk.kept_rows;
        walk.whole_columns = moved(whole_, -axes_[kLast].pixels.begin);
        walk.column_shift = walk.loops[2].accumulators;
    }
    return walk;
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
