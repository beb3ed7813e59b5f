#include "tconv/geometry.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "problem/checked.h"

namespace tconv {
namespace {

// a * b mod m for a, b in [0, m) and m < 2^62, by doubling: no intermediate exceeds 2m.
std::int64_t multiply_mod(std::int64_t a, std::int64_t b, std::int64_t m) noexcept {
    std::int64_t product = 0;
    for (; b > 0; b >>= 1, a = a * 2 % m) {
        if (b & 1) product = (product + a) % m;
    }
    return product;
}

// The inverse of a modulo m, for gcd(a, m) = 1 and m >= 1 (extended Euclid).
std::int64_t inverse_mod(std::int64_t a, std::int64_t m) noexcept {
    std::int64_t r0 = m, r1 = a % m, t0 = 0, t1 = 1;
    while (r1 != 0) {
        const std::int64_t q = r0 / r1;
        r0 = std::exchange(r1, r0 - q * r1);
        t0 = std::exchange(t1, t0 - q * t1);
    }
    return m == 1 ? 0 : (t0 % m + m) % m;
}

// A count of (coarse, tap) pairs: up to 2^124, since pairs that are cropped away are counted before they are taken off.
struct Count {
    std::uint64_t high = 0, low = 0;

    friend Count operator+(Count a, Count b) noexcept {
        const std::uint64_t sum = a.low + b.low;
        return {a.high + b.high + (sum < a.low ? 1 : 0), sum};
    }
    friend Count operator-(Count a, Count b) noexcept {
        return {a.high - b.high - (a.low < b.low ? 1 : 0), a.low - b.low};
    }
};

// a * b for a, b >= 0, by halves of 32 bits.
Count product(std::int64_t a, std::int64_t b) noexcept {
    constexpr std::uint64_t kHalf = 0xffffffff;
    const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
    const std::uint64_t low = (x & kHalf) * (y & kHalf);
    const std::uint64_t middle = (x >> 32) * (y & kHalf) + (low >> 32),
                        cross = (x & kHalf) * (y >> 32) + (middle & kHalf);
    return {(x >> 32) * (y >> 32) + (middle >> 32) + (cross >> 32), (cross << 32) | (low & kHalf)};
}

// sum over i in [0, n) of floor((a*i + b) / m), for n, a, b >= 0, m >= 1 and a*n + b < 2^63 (Euclid on a and m).
Count floor_sum(std::int64_t n, std::int64_t m, std::int64_t a, std::int64_t b) noexcept {
    Count sum;
    while (n > 0) {
        const std::int64_t pairs = n % 2 == 0 ? n / 2 : (n - 1) / 2, other = n % 2 == 0 ? n - 1 : n;
        sum = sum + product(pairs, other * (a / m)) + product(n, b / m);  // other * (a / m) <= a * n / m fits
        a %= m;
        b %= m;
        const std::int64_t top = a * n + b;
        n = top / m;
        b = top % m;
        std::swap(m, a);
        if (m == 0) break;
    }
    return sum;
}

// #{(i, j) : i*s + j*d < limit}, i over the coarse elements, j over the taps.
Count pairs_below(const Axis& axis, std::int64_t limit) noexcept {
    if (limit <= 0) return {};
    // Tap j has ceil((limit - j*d) / s) coarse elements below the limit: all of them for j < full, none from `end` on.
    const auto taps_below = [&](std::int64_t bound) {
        return bound <= 0 ? 0 : std::min(axis.kernel, ceil_div(bound, axis.dilation));
    };
    const std::int64_t full = taps_below(limit - (axis.coarse - 1) * axis.stride), end = taps_below(limit);
    if (end == full) return product(full, axis.coarse);
    const std::int64_t last = limit - (end - 1) * axis.dilation;  // what the last of those taps has left, >= 1
    return product(full, axis.coarse) + floor_sum(end - full, axis.stride, axis.dilation, last + axis.stride - 1);
}

}  // namespace

std::int64_t phase_of(const Axis& axis, std::int64_t fine_index) noexcept {
    return (fine_index + axis.padding_begin) % axis.stride;
}

PhaseTaps taps_of_phase(const Axis& axis, std::int64_t phase) noexcept {
    const std::int64_t g = std::gcd(axis.stride, axis.dilation);
    const std::int64_t step = axis.stride / g;
    if (phase % g != 0) return {0, step, 0};
    // j * (d/g) = a/g (mod s/g), and d/g has an inverse there.
    const std::int64_t first = multiply_mod(phase / g % step, inverse_mod(axis.dilation / g, step), step);
    return {first, step, first < axis.kernel ? (axis.kernel - 1 - first) / step + 1 : 0};
}

std::int64_t empty_phases(const Axis& axis) noexcept {
    // Taps j and j + s/g share a phase, so min(k, s/g) phases are reached.
    return axis.stride - std::min(axis.kernel, axis.stride / std::gcd(axis.stride, axis.dilation));
}

Range coarse_range(const Axis& axis, std::int64_t tap) noexcept {
    // 0 <= i*s + j*d - p < fine
    const std::int64_t at = tap * axis.dilation - axis.padding_begin;
    const Range range{std::max<std::int64_t>(0, ceil_div(-at, axis.stride)),
                      std::min(axis.coarse, ceil_div(axis.fine - at, axis.stride))};
    return range.empty() ? Range{} : range;
}

Range fine_range(const Axis& axis, std::int64_t tap) noexcept {
    const Range coarse = coarse_range(axis, tap);
    if (coarse.empty()) return {};
    const std::int64_t at = tap * axis.dilation - axis.padding_begin;
    return {coarse.begin * axis.stride + at, (coarse.end - 1) * axis.stride + at + 1};
}

Range tap_range(const Axis& axis, std::int64_t coarse_index) noexcept {
    const std::int64_t at = coarse_index * axis.stride - axis.padding_begin;
    const Range range{std::max<std::int64_t>(0, ceil_div(-at, axis.dilation)),
                      std::min(axis.kernel, ceil_div(axis.fine - at, axis.dilation))};
    return range.empty() ? Range{} : range;
}

Contributions contributions_to(const Axis& axis, std::int64_t fine_index) noexcept {
    const PhaseTaps taps = taps_of_phase(axis, phase_of(axis, fine_index));
    const std::int64_t fall = axis.dilation / std::gcd(axis.stride, axis.dilation);
    if (taps.count == 0) return {0, taps.step, 0, fall, 0};
    // Tap first + t*step meets coarse element i = top - t*fall, and 0 <= i < coarse bounds t on both sides.
    const std::int64_t top = (fine_index + axis.padding_begin - taps.first * axis.dilation) / axis.stride;
    const std::int64_t begin = std::max<std::int64_t>(0, ceil_div(top - axis.coarse + 1, fall));
    const std::int64_t end = std::min(taps.count, floor_div(top, fall) + 1);
    if (end <= begin) return {0, taps.step, 0, fall, 0};
    return {taps.first + begin * taps.step, taps.step, top - begin * fall, fall, end - begin};
}

std::int64_t overlap(const Axis& axis, std::int64_t fine_index) noexcept {
    return contributions_to(axis, fine_index).count;
}

std::int64_t meeting_pairs(const Axis& axis) noexcept {
    const Count pairs = pairs_below(axis, axis.padding_begin + axis.fine) - pairs_below(axis, axis.padding_begin);
    const bool fits = pairs.high == 0 && pairs.low <= static_cast<std::uint64_t>(Checked::kMaxExtent);
    return fits ? static_cast<std::int64_t>(pairs.low) : Checked::kMaxExtent;
}

}  // namespace tconv
