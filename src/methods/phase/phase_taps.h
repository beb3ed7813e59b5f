// PhaseTaps: the taps that reach one written phase, as a product of three axes' lists, so that a plan holds a list for
// each axis and never the product. Taps are counted in the order of the weights' array: the last axis runs fastest.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "geometry/flow.h"

namespace tconv::methods {

/// A tap of an axis: which it is of the kernel's, which of the axis's read phases it reads, and at which shift.
struct AxisTap {
    std::int32_t tap = 0, plane = 0, shift = 0;
};

/// All written phases of an axis.
struct AxisTaps {
    std::vector<AxisTap> taps{};              ///< phase after phase
    std::vector<std::size_t> first{};         ///< of each written phase; then the end
    std::vector<std::int64_t> read_phases{};  ///< those that taps read, in rising order
    Range shifts{0, 1};                       ///< [least, most + 1)

    std::span<const AxisTap> of(std::int64_t phase) const noexcept {
        const auto i = static_cast<std::size_t>(phase);
        return std::span(taps).subspan(first[i], first[i + 1] - first[i]);
    }
    std::int64_t planes() const noexcept { return static_cast<std::int64_t>(read_phases.size()); }
    /// Phases whose taps read the same places are of one kind.
    std::vector<std::int32_t> kinds{};  ///< of each written phase, counted from 0
    std::int64_t kind_count = 0;
};

AxisTaps taps_of(const FlowAxis& axis);

struct PhaseTaps {
    std::array<std::span<const AxisTap>, Problem::kMaxRank> axes{};

    std::int64_t count() const noexcept {
        return static_cast<std::int64_t>(axes[0].size() * axes[1].size() * axes[2].size());
    }
    /// Taps [begin, begin + count), each as visit(d, h, w).
    template <class Visit>
    void for_each(std::int64_t begin, std::int64_t count, const Visit& visit) const noexcept {
        if (count <= 0) return;
        const std::size_t rows = axes[1].size(), columns = axes[2].size();
        const auto at = static_cast<std::size_t>(begin);
        std::size_t w = at % columns, h = at / columns % rows, d = at / columns / rows;
        for (;; ++d, h = 0)
            for (; h < rows; ++h, w = 0)
                for (; w < columns; ++w) {
                    visit(axes[0][d], axes[1][h], axes[2][w]);
                    if (--count == 0) return;
                }
    }
};

}  // namespace tconv::methods
