// SplitPanel: a panel (panel.h) of numbers taken apart into three bfloat16 (split_set.h), in pairs of channels. Where a
// panel has planes of floats, this one has planes of words, as many and as far apart; depth / 2 of them for each part
// make a *group* of `depth` channels:
//
//     plane of pair j, part p, group g, read phase i   at   (((g * 3 + p) * depth / 2 + j) * phases + i) * plane_stride
//
// Channels beyond the last are zeros.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/split_set.h"
#include "packing/panel.h"

namespace tconv::packing {

/// Planes of words that a group of `depth` channels has for each read phase.
constexpr std::int64_t split_planes(std::int64_t depth) noexcept { return depth / 2 * 3; }

/// Fills ceil(channels / depth) groups from `input` on, as fill_panel() does. `scratch` has room for `scratch_channels`
/// (even, 2 or more) channels of plain planes. Returns the greatest magnitude as bits.
std::uint32_t fill_split_panel(const PanelShape& shape, const Flow& flow, const SideStrides& strides,
                               const float* input, std::int64_t channels, std::span<const ReadPhase> phases,
                               std::int64_t w_phases, const kernels::KernelSet<float>& set,
                               std::int64_t scratch_channels, float* scratch, std::uint32_t* planes) noexcept;

}  // namespace tconv::packing
