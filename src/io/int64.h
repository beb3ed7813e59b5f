// Whole numbers that other programs count in, as f64 and back.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "tconv/tensor.h"

namespace tconv::io {

inline constexpr std::int64_t kLargestInteger = std::int64_t{1} << 53;  // f64 has every integer up to it

/// Reads the bytes of a contiguous f64 tensor as int64 and puts the numbers in their place; false where one is too
/// large.
inline bool int64_to_f64(Tensor& tensor) {
    for (double& element : tensor.as<double>()) {
        std::int64_t whole = 0;
        std::memcpy(&whole, &element, sizeof whole);
        if (whole < -kLargestInteger || whole > kLargestInteger) return false;
        element = static_cast<double>(whole);
    }
    return true;
}

/// Whether it is a whole number that int64 and f64 both have.
inline bool is_int64(double value) noexcept {
    return std::trunc(value) == value && std::abs(value) <= static_cast<double>(kLargestInteger);
}

}  // namespace tconv::io
