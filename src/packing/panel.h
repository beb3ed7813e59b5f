// Panel: the part of the read grid that one block of points needs, as zero-padded planes with constant distances, so
// that every tap of every phase is one constant offset from a point's place, and no kernel meets an edge.
//
// A block is a box of points: `samples` samples, and on each axis the points [first, first + count). With the shifts of
// all taps in [least, most] (flow.h), a plane holds on each axis count + most - least rows, and the element that point
// q reads with shift e, in the plane of its channel and read phase, is
//
//     lane(q)  +  ((e_d - least_d) * rows_h + (e_h - least_h)) * pitch + (e_w - least_w)
//     lane(q)  =  ((sample * rows_d + q_d - first_d) * rows_h + q_h - first_h) * pitch + q_w - first_w
//
// The lanes of neighbouring points are neighbours, across rows too; the few lanes between rows are computed and
// dropped.
//
//     taps at shifts -1 and 0 of a row of 4, padded by one zero:       0 a b c d | 0 e f g h | 0
//     the zero behind d is the zero before e: `shared` columns         ^ lane 0    ^ lane 5
//
// Where the last columns of a row and the first columns of the next are zeros in any case, rows overlap by them.
//
// A panel need not hold whole planes: the elements [begin, end) of each, in the order above, are enough for the lanes
// from `begin` on whose taps stay below `end`. So blocks may be cut anywhere, between rows or within them.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "geometry/flow.h"
#include "kernels/kernel_set.h"
#include "tconv/strides.h"

namespace tconv::packing {

/// The box of points on one axis, and the reach of the taps around it.
struct PanelAxis {
    std::int64_t first = 0, count = 1;  ///< points
    std::int64_t least = 0, most = 0;   ///< shifts
    std::int64_t rows() const noexcept { return count + most - least; }
};

/// A plane's place in the order of planes: the read phase on each axis.
using ReadPhase = std::array<std::int64_t, Problem::kMaxRank>;

struct PanelShape {
    std::array<PanelAxis, Problem::kMaxRank> axes{};
    std::int64_t first_sample = 0, samples = 1;
    std::int64_t pitch = 1;           ///< from one row of the last axis to the next
    std::int64_t begin = 0, end = 0;  ///< the elements of each plane that the panel holds
    std::int64_t plane_stride = 0;    ///< from one plane to the next in the panel, at least end - begin

    /// Columns that neighbouring rows may share, for this box.
    static std::int64_t shared_columns(const FlowAxis& flow, const PanelAxis& axis) noexcept;

    std::int64_t rows() const noexcept { return samples * axes[0].rows() * axes[1].rows(); }
    /// With the columns that the last row shares with none.
    std::int64_t plane_elements() const noexcept { return rows() * pitch + axes[2].rows() - pitch; }
    /// From the lane of the last point back to the place it reads with the largest shifts: how far taps reach.
    std::int64_t reach() const noexcept {
        return ((axes[0].most - axes[0].least) * axes[1].rows() + axes[1].most - axes[1].least) * pitch + axes[2].most -
               axes[2].least;
    }
    /// From lane(q) to what it reads with these shifts.
    std::int64_t shift_offset(std::int64_t d, std::int64_t h, std::int64_t w) const noexcept {
        return ((d - axes[0].least) * axes[1].rows() + (h - axes[1].least)) * pitch + (w - axes[2].least);
    }
};

/// Fills the planes of `channels` read channels from `input` (the array's element of the first channel, sample 0) on:
/// plane (c * phases.size() + i) is channel c at phases[i]. `w_phases` tells that phases come in runs of that many
/// neighbours that differ in the last axis only and count from 0 to read_stride - 1 there; 1 promises nothing.
template <class T>
void fill_panel(const PanelShape& shape, const Flow& flow, const SideStrides& strides, const T* input,
                std::int64_t channels, std::span<const ReadPhase> phases, std::int64_t w_phases,
                const kernels::KernelSet<T>& set, T* planes) noexcept;

}  // namespace tconv::packing
