// Geometry: WHERE values travel along one axis. Integers only, closed forms only: nothing here allocates or
// loops over a size, so it is as quick for 2^40 rows as for 4.
//
// Coarse element i and tap j meet at fine element o = i*s + j*d - p. The *phase* of o is (o + p) mod s; tap j
// can only ever reach the phase (j*d) mod s. With g = gcd(s, d), the taps of a phase a are
//
//     { j : j*d = a (mod s) }  =  first, first + s/g, first + 2 s/g, ...      (none unless g divides a)
//
// so the taps of a phase are an arithmetic progression. Neighbouring taps of one phase read coarse elements
// that are d/g apart: i falls by d/g where j rises by s/g. (p is padding_begin.)
//
//     s = 2, k = 3, p = 0    o       0    1    2    3    4
//                            phase   0    1    0    1    0
//                            taps   0,2   1   0,2   1   0,2     uneven: two taps, one tap
#pragma once

#include <cstdint>

#include "tconv/problem.h"

namespace tconv {

/// Half-open [begin, end); empty where end <= begin.
struct Range {
    std::int64_t begin = 0;  ///< the first
    std::int64_t end = 0;    ///< one behind the last
    /// Both numbers are the same; two empty ranges may differ.
    bool operator==(const Range&) const = default;
    /// Whether nothing is in it.
    bool empty() const noexcept { return end <= begin; }
    /// How many are in it.
    std::int64_t size() const noexcept { return empty() ? 0 : end - begin; }
};

/// The taps that can reach one phase: first, first + step, ..., `count` of them. count = 0: an empty phase,
/// which holds nothing but the bias.
struct PhaseTaps {
    std::int64_t first = 0;  ///< the lowest tap
    std::int64_t step = 1;   ///< s/g, from one tap to the next
    std::int64_t count = 0;  ///< how many there are
    /// Member by member.
    bool operator==(const PhaseTaps&) const = default;
};

/// The contributions to one fine element: for t in [0, count), tap = first_tap + t * tap_step meets coarse
/// element first_coarse - t * coarse_step. All of them exist (no further range check).
struct Contributions {
    std::int64_t first_tap = 0;     ///< the lowest tap
    std::int64_t tap_step = 1;      ///< s/g
    std::int64_t first_coarse = 0;  ///< the coarse element that the lowest tap reads: the highest
    std::int64_t coarse_step = 1;   ///< d/g
    std::int64_t count = 0;         ///< pairs
};

/// (fine_index + padding_begin) mod stride, in [0, stride).
std::int64_t phase_of(const Axis& axis, std::int64_t fine_index) noexcept;

/// The taps of a phase in [0, stride).
PhaseTaps taps_of_phase(const Axis& axis, std::int64_t phase) noexcept;

/// How many of the axis's phases no tap reaches.
std::int64_t empty_phases(const Axis& axis) noexcept;

/// The coarse elements whose stamp puts `tap` inside [0, fine).
Range coarse_range(const Axis& axis, std::int64_t tap) noexcept;

/// The fine elements that `tap` reaches: stride apart, from `begin` on, the last one below `end`.
/// The same elements as coarse_range(tap), in the same order.
Range fine_range(const Axis& axis, std::int64_t tap) noexcept;

/// The taps of coarse element i that land inside [0, fine).
Range tap_range(const Axis& axis, std::int64_t coarse_index) noexcept;

/// Every (coarse, tap) pair that meets at a fine element.
Contributions contributions_to(const Axis& axis, std::int64_t fine_index) noexcept;

/// Number of (coarse, tap) pairs that meet at a fine element.
std::int64_t overlap(const Axis& axis, std::int64_t fine_index) noexcept;

/// Number of (coarse, tap) pairs of the whole axis that meet inside [0, fine): the useful multiplications.
/// Saturates at 2^62 - 1.
std::int64_t meeting_pairs(const Axis& axis) noexcept;

/// The floor of a / b for b > 0 and any a.
constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept { return a / b - (a % b < 0 ? 1 : 0); }
/// The ceiling of a / b for b > 0 and any a.
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) noexcept { return a / b + (a % b > 0 ? 1 : 0); }

}  // namespace tconv
