#include "methods/weight/weight_tiling.h"

#include <algorithm>

#include "methods/step_cost.h"

namespace tconv::methods {
namespace {

constexpr std::int64_t kAccumulatorBytes = std::int64_t{1} << 20;
constexpr std::int64_t kPanelBytes = std::int64_t{512} << 10;
constexpr std::int64_t kStreamBytes = std::int64_t{512} << 10;
constexpr std::int64_t kMostPixels = 512;
constexpr std::int64_t kPartBytes = std::int64_t{3} << 20;  // of all parts' accumulators
constexpr std::int64_t kMostParts = 8;                      // and as many pieces of work are enough

std::int64_t round_up(std::int64_t value, std::int64_t step) noexcept { return ceil_div(value, step) * step; }
double real(std::int64_t value) noexcept { return static_cast<double>(value); }

// The number of parts, each of at most `most`, that a count is cut into evenly; the size of the largest.
std::int64_t even(std::int64_t count, std::int64_t most) noexcept { return ceil_div(count, ceil_div(count, most)); }

// Rows, lanes and merged groups: what a tap of a pixel costs least with.
void choose_tiles(const Problem& problem, std::int64_t most_rows, const int* widest, WeightTiling& best) noexcept {
    const std::int64_t coarse = problem.coarse_channels / problem.groups, fine = problem.fine_channels / problem.groups,
                       taps = problem.axes[2].kernel;
    double least = 1e300;
    const auto attempt = [&](WeightTiling& tiling) {
        tiling.most_vectors = widest[tiling.rows - 1];
        const double rows = real(tiling.rows);
        // Of equals, that with more groups: fewer and longer stretches of memory.
        const double each = real(ceil_div(tiling.coarse, tiling.rows)) /
                            (real(tiling.merged_groups) * (1 + 1e-3 * real(tiling.merged_groups)));
        const auto consider = [&](double cycles) {
            if (cycles >= least) return;
            least = cycles;
            best = tiling;
        };
        tiling.mixes_taps = false;
        for (std::int64_t vectors = tiling.most_vectors; vectors >= 1; --vectors) {
            tiling.vectors = vectors;
            tiling.pitch = vectors * tiling.lanes;
            consider(each * real(ceil_div(tiling.fine, tiling.pitch)) * step_cycles(rows, real(vectors)));
        }
        if (taps == 1 || tiling.fine > 4 * tiling.most_vectors * tiling.lanes) return;
        tiling.mixes_taps = true;
        const std::int64_t together = std::min<std::int64_t>(taps, 64);
        const LaneTiles tiles = tiling.tiles_of(together * tiling.fine);
        tiling.vectors = tiles.most_vectors;
        tiling.pitch = tiling.fine;
        consider(1.1 * each * real(tiles.count) * step_cycles(rows, real(tiles.most_vectors)) / real(together));
    };
    for (std::int64_t merged = 1; merged <= std::min<std::int64_t>(problem.groups, 16); ++merged) {
        if (problem.groups % merged != 0 || (merged > 1 && merged * coarse > most_rows)) continue;
        WeightTiling tiling = best;
        tiling.merged_groups = merged;
        tiling.coarse = merged * coarse;
        tiling.fine = merged * fine;
        tiling.rows = even(tiling.coarse, most_rows);
        attempt(tiling);
        if (tiling.rows <= most_rows / 2) continue;
        tiling.rows = even(tiling.coarse, (most_rows + 1) / 2);  // lower, wider tiles
        attempt(tiling);
    }
}

// The most pixels of an axis whose positions fit; at least one. Says whether the axis is dense then.
std::int64_t fit(const Axis& axis, std::int64_t taps, bool may_be_dense, std::int64_t most, std::int64_t positions,
                 bool& is_dense) noexcept {
    const std::int64_t reach = (taps - 1) * axis.dilation + 1;
    const std::int64_t dense = may_be_dense && reach <= positions ? (positions - reach) / axis.stride + 1 : 0;
    const std::int64_t apart = std::max<std::int64_t>(1, positions / taps);
    const std::int64_t count =
        even(axis.coarse, std::clamp<std::int64_t>(std::max(dense, apart), 1, std::min(most, axis.coarse)));
    is_dense = dense >= count && (count - 1) * axis.stride + reach <= count * taps;
    return count;
}

// The blocks that suit a task's shape; returns positions of a plane.
std::int64_t choose_blocks(const Problem& problem, WeightTiling& tiling) noexcept {
    const std::int64_t most_positions =
        std::max<std::int64_t>(1, kPanelBytes / (tiling.element_bytes * tiling.pitch * tiling.planes));
    const std::int64_t most_pixels =
        std::clamp<std::int64_t>(kStreamBytes / (tiling.element_bytes * tiling.channels), 1, kMostPixels);
    std::int64_t positions = 1, pixels = 1;
    // A pixel of the outer axes takes a position for each of their taps at least.
    std::int64_t outer = tiling.taps[0] * tiling.taps[1] * tiling.taps[2];
    for (const std::size_t axis : {2U, 1U, 0U}) {
        const Axis& a = problem.axes[axis];
        outer /= tiling.taps[axis];
        // A run of lanes takes taps that are neighbours.
        const bool may_be_dense = axis != 2 || !tiling.mixes_taps || a.dilation == 1;
        bool is_dense = false;
        tiling.pixels[axis] = fit(a, tiling.taps[axis], may_be_dense, std::max<std::int64_t>(1, most_pixels / pixels),
                                  std::max<std::int64_t>(1, most_positions / (positions * outer)), is_dense);
        tiling.is_dense[axis] = is_dense;
        pixels *= tiling.pixels[axis];
        positions *= tiling.extent(a, axis, tiling.pixels[axis], tiling.taps[axis]);
    }
    tiling.samples = std::min(std::max<std::int64_t>(1, most_pixels / pixels),
                              std::max<std::int64_t>(1, most_positions / positions));
    tiling.samples = even(problem.batch, std::min(tiling.samples, problem.batch));
    return positions * tiling.samples;
}

struct Counts {
    double outer_pairs, inner_pairs, pixels;  // meeting pairs of axes 0 and 1, of axis 2; all pixels
};

// Predicted cycles of a task shape: the tiles, their loads and stores, and the packing of all tasks.
double predict(const Problem& problem, const Counts& counts, WeightTiling& tiling) noexcept {
    const std::int64_t positions = choose_blocks(problem, tiling);
    const double block = real(tiling.most_pixels()), supers = real(tiling.super_groups(problem));
    double steps = supers * real(problem.batch) * counts.outer_pairs * real(ceil_div(tiling.coarse, tiling.rows));
    double vectors = real(tiling.vectors);
    if (tiling.mixes_taps) {
        const LaneTiles tiles = tiling.tiles_of(tiling.taps[2] * tiling.fine);
        vectors = real(tiles.most_vectors);
        steps *= real(problem.axes[2].coarse) * real(tiling.tap_chunks(problem, 2)) * real(tiles.count);
    } else {
        steps *= counts.inner_pairs * real(tiling.plane_count());
    }
    const double rows = real(tiling.rows), tasks = real(tiling.tasks(problem));
    const double panel = real(positions) / block * real(tiling.planes * tiling.pitch) * (tiling.is_dense[2] ? 0.8 : 2);
    const double stream = real(tiling.channels);
    return steps * (step_cycles(rows, vectors) + (2 * rows * vectors + 40) / block) +
           tasks * counts.pixels * (panel + stream) + 1.5 * real(problem.weight_elements());
}

// Doubles what pays most, from a task of one tap on, as long as accumulators fit.
void choose_task(const Problem& problem, const Counts& counts, std::int64_t limit, WeightTiling& tiling) noexcept {
    tiling.planes = 1;
    tiling.taps = {1, 1, 1};
    tiling.channels = std::min(round_up(tiling.coarse, tiling.rows), round_up(64, tiling.rows));
    if (tiling.mixes_taps) {
        // A tile's worth of taps to begin with.
        const std::int64_t tile = tiling.lanes * tiling.most_vectors;
        tiling.taps[2] = std::min(problem.axes[2].kernel, ceil_div(tile, tiling.fine));
        while (tiling.taps[2] > 1 && tiling.accumulator_elements() * tiling.element_bytes > limit)
            tiling.taps[2] = ceil_div(tiling.taps[2], 2);
    }
    tiling.cycles = predict(problem, counts, tiling);
    for (;;) {
        WeightTiling best = tiling;
        const auto attempt = [&](WeightTiling next) {
            // In doubles first: all taps may be more than an int64 of bytes.
            const double taps = real(next.taps[0]) * real(next.taps[1]) * real(next.taps[2]);
            if (taps * real(next.pitch) * real(next.planes * next.channels) > real(limit)) return;
            if (next.accumulator_elements() * next.element_bytes > limit) return;
            next.cycles = predict(problem, counts, next);
            if (next.cycles < best.cycles) best = next;
        };
        for (const std::size_t axis : {2U, 1U, 0U}) {
            if (tiling.taps[axis] == problem.axes[axis].kernel) continue;
            WeightTiling next = tiling;
            next.taps[axis] = even(problem.axes[axis].kernel, std::min(problem.axes[axis].kernel, 2 * next.taps[axis]));
            attempt(next);
            next.taps[axis] = problem.axes[axis].kernel;
            attempt(next);
        }
        if (tiling.channels < tiling.coarse) {
            WeightTiling next = tiling;
            next.channels = round_up(even(tiling.coarse, 2 * tiling.channels), tiling.rows);
            attempt(next);
        }
        if (!tiling.mixes_taps && tiling.planes < tiling.plane_count()) {
            WeightTiling next = tiling;
            next.planes = even(tiling.plane_count(), 2 * tiling.planes);
            attempt(next);
        }
        if (best.cycles >= tiling.cycles) return;
        tiling = best;
    }
}

}  // namespace

LaneTiles WeightTiling::tiles_of(std::int64_t run) const noexcept {
    const std::int64_t all = ceil_div(run, lanes), count = ceil_div(all, most_vectors);
    return {count, all, ceil_div(all, count)};
}

std::int64_t WeightTiling::row_pitch() const noexcept { return round_up(taps[2] * pitch, lanes); }

std::int64_t WeightTiling::channel_pitch() const noexcept {
    const std::int64_t whole = taps[0] * taps[1] * row_pitch();
    // Rows of a tile a multiple of 4 KiB apart would get into each other's way in the cache.
    return whole * element_bytes % 4096 == 0 ? whole + lanes : whole;
}

std::int64_t WeightTiling::channel_chunks() const noexcept { return ceil_div(coarse, channels); }
std::int64_t WeightTiling::plane_count() const noexcept { return ceil_div(fine, pitch); }
std::int64_t WeightTiling::plane_chunks() const noexcept { return ceil_div(plane_count(), planes); }

std::int64_t WeightTiling::tap_chunks(const Problem& problem, std::size_t axis) const noexcept {
    return ceil_div(problem.axes[axis].kernel, taps[axis]);
}

std::int64_t WeightTiling::tasks(const Problem& problem) const noexcept {
    return super_groups(problem) * channel_chunks() * plane_chunks() * tap_chunks(problem, 0) * tap_chunks(problem, 1) *
           tap_chunks(problem, 2);
}

std::int64_t WeightTiling::plane_elements(const Problem& problem) const noexcept {
    std::int64_t positions = samples;
    for (std::size_t axis = 0; axis < 3; ++axis)
        positions *= extent(problem.axes[axis], axis, pixels[axis], taps[axis]);
    return positions * pitch;
}

WeightTiling tile_weight_grad(const Problem& problem, std::int64_t lanes, std::int64_t rows, const int* widest) {
    WeightTiling tiling;
    tiling.lanes = lanes;
    tiling.element_bytes = size_of(problem.dtype);
    choose_tiles(problem, rows, widest, tiling);
    const Counts counts{.outer_pairs = real(meeting_pairs(problem.axes[0])) * real(meeting_pairs(problem.axes[1])),
                        .inner_pairs = real(meeting_pairs(problem.axes[2])),
                        .pixels = real(problem.batch) * real(problem.coarse_positions())};
    // Smaller tasks where there would be too few to share among workers; never by how many workers there are, since
    // blocks decide the order of summation.
    for (std::int64_t limit = kAccumulatorBytes;; limit /= 2) {
        tiling.parts = 1;
        choose_task(problem, counts, limit, tiling);
        const std::int64_t tasks = tiling.tasks(problem);
        if (tasks >= kMostParts || tiling.cycles < 1e6) return tiling;
        const std::int64_t bytes = tasks * tiling.accumulator_elements() * tiling.element_bytes;
        std::int64_t blocks = ceil_div(problem.batch, tiling.samples);
        for (std::size_t axis = 0; axis < 3; ++axis) blocks *= ceil_div(problem.axes[axis].coarse, tiling.pixels[axis]);
        tiling.parts = std::clamp<std::int64_t>(std::min({ceil_div(kMostParts, tasks), kPartBytes / bytes, blocks}), 1,
                                                kMostParts);
        if (tasks * tiling.parts >= kMostParts || limit <= kAccumulatorBytes / 4) return tiling;
    }
}

}  // namespace tconv::methods
