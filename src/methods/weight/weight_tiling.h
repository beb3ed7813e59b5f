// WeightTiling: how weight_gemm cuts a problem into tasks, and a task's pixels into blocks. Integers only.
//
//     dW[c,f,j] = sum over samples n and coarse pixels i of  coarse[n,c,i] * fine[n,f,o(i,j)],   o = i*s + j*d - p
//
// is a product of matrices over the pixels: rows are coarse channels, lanes are fine channels, and each tap has its own
// product, whose fine pixels lie elsewhere in the same *panel*.
//
//     task      a piece of the result: some coarse channels, some planes of lanes, a box of taps. It is summed in an
//               accumulator and written once
//     block     a box of pixels of some samples, packed for a task and multiplied for all its taps
//     plane     the panel of one block for `pitch` fine channels: [position][pitch]
//     position  where a fine element lies in the plane. Along an axis that is *dense*, positions are those of the fine
//               grid, and taps share them; along another one every (pixel, tap) has its own: where strides or
//               dilations leave gaps
//
// Lanes: if fine channels fill vectors, a tile has one tap. Otherwise tiles *mix taps*: the taps of the inner axis and
// the channels are one run of lanes, in the order in which they lie in the plane. Small groups are merged: products of
// channels of different groups are computed and dropped.
#pragma once

#include <array>
#include <cstdint>

#include "tconv/geometry.h"
#include "tconv/problem.h"

namespace tconv::methods {

// The tiles of a run of lanes: how many, vectors of all, and of the largest; they differ by one vector at most.
struct LaneTiles {
    std::int64_t count = 0, vectors = 0, most_vectors = 0;
};

struct WeightTiling {
    std::int64_t lanes = 1, element_bytes = 4;  // of the kernels and the elements

    std::int64_t merged_groups = 1;
    std::int64_t coarse = 0, fine = 0;            // channels of the merged groups
    bool mixes_taps = false;                      //
    std::int64_t rows = 1, vectors = 1;           // of a tile, at most
    std::int64_t most_vectors = 1;                // that the kernels have for so many rows
    std::int64_t pitch = 1;                       // elements from one position to the next
    std::int64_t channels = 1;                    // coarse channels of a task, at most: whole tiles of rows
    std::int64_t planes = 1;                      // of a task, at most
    std::array<std::int64_t, 3> taps{1, 1, 1};    // of a task, at most
    std::array<std::int64_t, 3> pixels{1, 1, 1};  // of a block, at most
    std::int64_t samples = 1;                     // of a block, at most
    std::array<bool, 3> is_dense{};
    std::int64_t parts = 1;  // of the pixels, each with accumulators of its own
    double cycles = 0;       // predicted

    // With mixed taps: the tiles of so many lanes.
    LaneTiles tiles_of(std::int64_t run) const noexcept;

    // Accumulators: [plane][coarse channel][outer taps][lanes of the inner taps].
    std::int64_t row_pitch() const noexcept;
    std::int64_t channel_pitch() const noexcept;
    std::int64_t accumulator_elements() const noexcept { return planes * channels * channel_pitch(); }

    // How many pieces there are of each kind, and tasks.
    std::int64_t super_groups(const Problem& problem) const noexcept { return problem.groups / merged_groups; }
    std::int64_t channel_chunks() const noexcept;
    std::int64_t plane_count() const noexcept;
    std::int64_t plane_chunks() const noexcept;
    std::int64_t tap_chunks(const Problem& problem, std::size_t axis) const noexcept;
    std::int64_t tasks(const Problem& problem) const noexcept;

    // Positions of so many pixels and taps along an axis.
    std::int64_t extent(const Axis& axis, std::size_t index, std::int64_t pixel_count,
                        std::int64_t tap_count) const noexcept {
        if (!is_dense[index]) return pixel_count * tap_count;
        return (pixel_count - 1) * axis.stride + (tap_count - 1) * axis.dilation + 1;
    }
    // Of the largest block.
    std::int64_t most_pixels() const noexcept { return samples * pixels[0] * pixels[1] * pixels[2]; }
    std::int64_t plane_elements(const Problem& problem) const noexcept;
};

// Nothing of the problem may be empty. Microseconds, whatever the sizes.
// `lanes`, `rows` and `widest` are those of a kernel set.
WeightTiling tile_weight_grad(const Problem& problem, std::int64_t lanes, std::int64_t rows, const int* widest);

}  // namespace tconv::methods
