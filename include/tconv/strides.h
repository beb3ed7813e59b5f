// SideStrides: where the elements of one side's array lie, for an output that is a slice of a larger tensor (a U-Net's
// concatenation) and for either layout.
#pragma once

#include <array>
#include <cstdint>

#include "tconv/problem.h"

namespace tconv {

/// Distances in elements between neighbours of one side's array.
struct SideStrides {
    std::int64_t sample = 0;                             ///< from one sample to the next
    std::int64_t channel = 0;                            ///< from one channel to the next
    std::array<std::int64_t, Problem::kMaxRank> axes{};  ///< from one row to the next, of each of the three axes
    /// Member by member.
    bool operator==(const SideStrides&) const = default;
};

/// The strides of a whole array of the fine side, in the problem's layout.
SideStrides fine_strides(const Problem& problem) noexcept;
/// The strides of a whole array of the coarse side.
SideStrides coarse_strides(const Problem& problem) noexcept;

}  // namespace tconv
