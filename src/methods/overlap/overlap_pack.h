// What overlap_add packs, and where it lies.
//
//     weights   [group][channel block][row of taps][step][channel][width]      padded lanes are zero
//               where taps are joined there is one channel block, and a step's `width` lanes are neighbours among the
//               row's [tap][channel of the group]
//     stream    [run][pixels along the axes that are not the row axis][tile][channel][rows of the tile]
//               runs and tiles lie one after the other, so a tile begins at (pixels before it) * depth
#pragma once

#include <array>
#include <cstdint>

#include "kernels/kernel_set.h"
#include "methods/overlap/overlap_tiling.h"
#include "tconv/strides.h"

namespace tconv::methods {

/// All weights (C_coarse, C_fine / groups, k...) of a problem.
template <class T>
void pack_overlap_weights(const OverlapTiling& tiling, const kernels::KernelSet<T>& set, const T* weights, T* packed);

/// The pixels of one box: which, and in what runs.
struct PackedPixels {
    OverlapTiling::PerAxis<Range> pixels{};              ///< that meet the box, along every axis
    std::array<Range, OverlapTiling::kMostRuns> runs{};  ///< along the row axis
    std::int64_t run_count = 0;
    std::int64_t channels = 0;  ///< of each pixel
};

/// `input` is the first of the group's channels that are packed; of pixel 0 along every axis.
template <class T>
void pack_overlap_pixels(const OverlapTiling& tiling, const kernels::KernelSet<T>& set, const PackedPixels& what,
                         const SideStrides& strides, const T* input, T* stream);

}  // namespace tconv::methods
