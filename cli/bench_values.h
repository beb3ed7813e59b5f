// The values that layers are timed on, and the checksum by which tconv's answers are compared with its rivals':
//
//     value(i)     the top 24 bits of splitmix64(i + seed * 2^32), over 2^24, minus 1/2        exact in f32 and f64
//     checksum(y)  sum of y[j] * cos(j), and the square root of the sum of y[j]^2              in f64
//
// i and j count the elements in channels-first order, whatever the layout: the same numbers stand in both layouts.
#pragma once

#include <cstdint>

#include "tconv/problem.h"

namespace tconv::cli {

/// How an array's elements lie: `samples` blocks of `channels` x `positions`, or of `positions` x `channels`.
struct ArrayOrder {
    std::int64_t samples = 1, channels = 1, positions = 1;
    DType dtype = DType::f32;
    bool is_channels_last = false;

    std::int64_t elements() const noexcept { return samples * channels * positions; }
    std::int64_t bytes() const noexcept { return elements() * size_of(dtype); }
};

struct Checksum {
    double sum = 0;   ///< of y[j] * cos(j)
    double norm = 0;  ///< the square root of the sum of squares
};

void fill_values(void* array, const ArrayOrder& order, std::uint64_t seed) noexcept;

/// Every element NaN, so that one which a pass forgets shows.
void fill_nan(void* array, const ArrayOrder& order) noexcept;

Checksum checksum_of(const void* array, const ArrayOrder& order) noexcept;

}  // namespace tconv::cli
