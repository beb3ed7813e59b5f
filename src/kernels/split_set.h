// SplitSet: f32 products made of bfloat16 ones, for CPUs whose matrix unit multiplies bfloat16 and sums in f32.
//
// A float of 24 bits is exactly the sum of three bfloat16 of 8 bits, its *parts*, each the nearest to what is left:
//
//     x  =  high + middle + low            |middle| <= 2^-8 |x|,  |low| <= 2^-16 |x|
//
// Of the nine products of two such sums, six are added; the other three are 2^-23 |x w| together at the very most, and
// some 2^-26 |x w| as a rule, either way:
//
//     x w  ~  xh wh + xh wm + xm wh + xm wm + xh wl + xl wh
//
// Each of these is exact in f32. They are summed in f32, most of them among numbers that are 2^8 times smaller than the
// sum, and the others first in short sums of their own: an error of eight products or more stays within what f32
// allows for as many (Higham's gamma), and is half of that of fused multiply-adds as a rule (docs/methods.md). What the
// unit loses is below the smallest normal float: such products and parts count as zero. So split products are for
// inputs and weights whose greatest magnitudes are in [kLeastSplit, kBeyondSplit).
//
// 1. *split* takes two channels' elements apart, in pairs that lie in one 32-bit word (even channel: low half):
//
//        high[i] = pair(part 0 of even[i], part 0 of odd[i]),   middle[i] and low[i] likewise            i < count
//
//    and returns the greatest magnitude of them all as a float's bits without the sign (so NaN is the greatest). Parts
//    of an infinity or NaN are itself and zeros; a number that would be rounded to infinity is rounded towards zero.
//
// 2. *split_weights* does the same for one array, whose parts are not paired, and returns nothing.
//
// 3. A *tile kernel* for R row tiles and L lane tiles computes
//
//        tile[r * pitch + l]  =  sum over groups g, taps t, channels c < depth of  W(g, t)[r][c] * X(g, t)[c][l]
//
//    for r < R * rows, l < L * lanes; with `adds`, what the tile holds is added. Steps (g, t) run through taps first.
//      W    of row tile i, part p, step n: rows * depth bfloat16 [row][channel] at  weights + i * row_tile_stride
//           + (3 n + p) * rows * depth
//      X    of channels 2 j and 2 j + 1, part p: words at  panel + offsets[t] + g * group_stride + p * part_stride
//           + j * pair_stride; L * lanes of them readable
//    An element's sum does not depend on the tile that it lies in.
//
// 4. *begin* and *end* enclose the calls of tile kernels of one thread.
#pragma once

#include <cstdint>

namespace tconv::kernels {

/// 2^-60 and 2^63 as floats' bits.
inline constexpr std::uint32_t kLeastSplit = (127u - 60) << 23, kBeyondSplit = (127u + 63) << 23;

/// Whether values of that greatest magnitude may be split: all zeros may.
constexpr bool may_split(std::uint32_t greatest) noexcept {
    return greatest == 0 || (greatest >= kLeastSplit && greatest < kBeyondSplit);
}

struct SplitSteps {
    std::int64_t groups = 0, taps = 0;
    const std::int32_t* offsets = nullptr;  ///< of the taps, in words
    std::int64_t group_stride = 0, part_stride = 0, pair_stride = 0;
    std::int64_t row_tile_stride = 0;
};

using SplitTile = void (*)(const SplitSteps& steps, const std::uint16_t* weights, const std::uint32_t* panel,
                           float* tile, std::int64_t pitch, bool adds);

struct SplitSet {
    static constexpr int kMostTiles = 4;

    int rows, lanes, depth;  ///< of a tile; depth is even, lanes are whole vectors of the unit's f32
    /// Of the tallest tile with L = 1, and of the widest with R = 1; 2 x 2 there is, too.
    int most_row_tiles, most_lane_tiles;
    /// tile[R - 1][L - 1]
    SplitTile tile[kMostTiles][kMostTiles];
    std::uint32_t (*split)(const float* even, const float* odd, std::int64_t count, std::uint32_t* high,
                           std::uint32_t* middle, std::uint32_t* low);
    void (*split_weights)(const float* values, std::int64_t count, std::uint16_t* high, std::uint16_t* middle,
                          std::uint16_t* low);
    void (*begin)();
    void (*end)();
};

}  // namespace tconv::kernels
