// OverlapTiling: how overlap_add cuts a scatter into tiles, in integers and closed forms; nothing here looks at arrays.
//
// There are four axes here: the samples, as an axis with one tap of stride 1, and the problem's three. Along each,
// pixel i and tap j meet at position o = i * stride + j * dilation - padding. The words:
//
//     block    a box of positions (all four axes) whose accumulators lie in a cache: acc[positions][unit]
//     unit     accumulators of one position: the lanes of one channel block, or, where taps are joined, the group's
//              channels, unpadded
//     step     what one tile multiplies with along the last axis: a tap; or, where taps are joined, up to
//              `vectors * lanes` neighbouring ones of the kernel_size * channels weights, which lie side by side in acc
//     panel    the packed weights of one step of one row of taps: [channel][width]
//     run      pixels along the row axis, packed together and cut evenly into tiles: [tile][channel][tile rows]
//
// A tile is some pixels of a run, neighbours along the *row axis*, times a panel; the distance of their accumulators is
// constant. Where the row axis is short, each tap's own range of pixels is a run (`exact_runs`), so that no row is
// computed in vain; elsewhere the pixels that meet the block are one run, and tiles at its ends lose some rows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "kernels/kernel_set.h"
#include "tconv/geometry.h"
#include "tconv/problem.h"

namespace tconv::methods {

/// What a tiling depends on beside the problem: a kernel set's largest tile, and how much may be kept at a time.
struct TileShape {
    std::int64_t lanes = 1, rows = 1, element_bytes = 4;
    std::array<std::int64_t, kernels::kMostRows> widest{};     ///< vectors of a tile of 1, 2, ... rows
    bool spreads_lines = false;                                ///< kernel_set.h
    std::int64_t accumulator_bytes = std::int64_t{256} << 10;  ///< with the next, most of a second-level cache
    std::int64_t stream_bytes = std::int64_t{512} << 10;
    std::int64_t most_stream_bytes = std::int64_t{2} << 20;  ///< where fewer pixels would not pay
    std::int64_t chunk = 128;                                ///< channels of a panel that stay near the tiles
};

/// One step along the last axis: which taps (first to last), where its lanes begin behind a pixel's own position, how
/// many lanes are packed, and how many of them are weights.
struct OverlapStep {
    std::int64_t first_tap = 0, last_tap = 0, origin = 0, width = 0, valid = 0;
    std::int64_t packed_before = 0;  ///< lanes of the steps before it, in the same row of taps
};

struct OverlapTiling {
    static constexpr std::size_t kAxes = 4, kSamples = 0, kLast = 3;
    static constexpr std::int64_t kMostRuns = 8, kMostChunk = 128;
    template <class T>
    using PerAxis = std::array<T, kAxes>;

    PerAxis<Axis> axes{};
    PerAxis<double> pairs{};         ///< of a pixel and a tap that meet inside the frame
    double met_taps = 1;             ///< the part of all taps that any pixel has in the frame
    PerAxis<std::int64_t> block{};   ///< positions of a block
    PerAxis<std::int64_t> blocks{};  ///< so many of them
    PerAxis<std::int64_t> reach{};   ///< the most pixels that meet a block
    std::int64_t groups = 1, read_channels = 1, write_channels = 1;  ///< channels of one group
    TileShape shape{};

    std::size_t row_axis = kLast;
    bool joins_taps = false;
    bool exact_runs = false;
    std::int64_t tile_rows = 1;       ///< of the tallest tile; shorter ones may be wider
    std::int64_t channel_blocks = 1;  ///< of a group
    std::int64_t pieces = 1;          ///< steps along the last axis where taps are joined
    std::int64_t unit = 1;            ///< of the widest channel block
    std::int64_t depth = 1;           ///< channels that are packed at a time
    std::int64_t chunk = 1;           ///< channels that a tile sums before it adds
    std::array<Range, kMostRuns> runs{};
    std::int64_t run_count = 1;   ///< of `runs`, where they are exact; else 1, found anew for each block
    std::int64_t run_pixels = 1;  ///< of all runs together, at most

    double cycles = 0, executed_flops = 0;  ///< predicted

    /// Vectors of a group's channels, or of a joined row of taps.
    std::int64_t lane_vectors() const noexcept;
    /// Lanes of a channel block, padded to whole vectors: of all blocks of a group, where taps are not joined.
    Range channel_lanes(std::int64_t channel_block) const noexcept;
    /// Lanes of the widest panel.
    std::int64_t widest() const noexcept;
    /// Steps along the last axis.
    std::int64_t steps() const noexcept { return joins_taps ? pieces : axes[kLast].kernel; }
    /// A channel block's first channel in its group, and channels without padding.
    std::int64_t first_channel(std::int64_t channel_block) const noexcept;
    std::int64_t channels(std::int64_t channel_block) const noexcept;
    /// Packed weights of the group before a channel block's.
    std::int64_t block_elements(std::int64_t channel_block) const noexcept;
    /// Packed lanes of a channel block in a row of taps.
    std::int64_t row_lanes(std::int64_t channel_block) const noexcept;
    OverlapStep step(std::int64_t channel_block, std::int64_t index) const noexcept;
    /// Rows of taps: those of the axes before the last.
    std::int64_t tap_rows() const noexcept { return axes[1].kernel * axes[2].kernel; }
    /// Packed weights of one group.
    std::int64_t group_elements() const noexcept;
    /// Accumulators of a block; the distances between positions.
    PerAxis<std::int64_t> strides() const noexcept;
    std::int64_t accumulators() const noexcept;
    /// Elements of the packed pixels.
    std::int64_t stream_elements() const noexcept;
    /// Positions of a block along an axis.
    Range positions(std::size_t axis, std::int64_t index) const noexcept;
    /// Whether every position is met by one tap of one pixel, and by no other.
    bool has_one_tap_each() const noexcept;
    /// Work items: all blocks x groups x channel blocks.
    std::int64_t items() const noexcept;
};

/// The pixels that any of the taps from the first to the last puts into `fine`; those that all of them put there where
/// the two are given the other way round.
Range pixels_meeting(const Axis& axis, std::int64_t first_tap, std::int64_t last_tap, Range fine) noexcept;

/// The choices of a tiling; the rest follows from them.
struct TilingChoice {
    std::size_t row_axis = OverlapTiling::kLast;
    bool joins_taps = false, exact_runs = false;
    std::int64_t parts = 0;  ///< channel blocks, or pieces where taps are joined; 0: what is cheapest
    bool is_shallow =
        false;  ///< few channels are packed at a time, so that more pixels are, and weights read less often
};

/// What the packed order depends on besides the geometry: all sizes can be computed from any of them.
struct OverlapOrder {
    bool joins_taps = false;
    std::int64_t parts = 1;
};

/// False where the choices cannot be had, or where no workspace of bounded size holds the pixels that meet one
/// position.
bool make_tiling(const Problem& problem, const TileShape& shape, const TilingChoice& choice,
                 OverlapTiling& tiling) noexcept;

/// The cheapest of all choices, or of those that read weights of `order`; false where there is none.
bool choose_tiling(const Problem& problem, const TileShape& shape, const std::optional<OverlapOrder>& order,
                   OverlapTiling& best) noexcept;

}  // namespace tconv::methods
