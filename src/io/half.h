// f16 (IEEE binary16) and bf16 as bits, to and from float.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace tconv::io {

/// The float that has the value of an f16; exact.
inline float float_of_f16(std::uint16_t half) noexcept {
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
    const std::uint32_t exponent = half >> 10 & 0x1f, fraction = half & 0x3ff;
    if (exponent == 0) {  // zero and what is too small for a leading 1
        const float size = std::ldexp(static_cast<float>(fraction), -24);
        return sign != 0 ? -size : size;
    }
    const std::uint32_t wide = exponent == 0x1f ? 0xff : exponent + 112;
    return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

/// The f16 nearest to a float, of two the one with an even last bit.
inline std::uint16_t f16_of_float(float value) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
    const std::uint32_t size = bits & 0x7fffffff;
    const auto with_sign = [sign](std::uint32_t half) { return static_cast<std::uint16_t>(sign | half); };
    if (size > 0x7f800000) return with_sign(0x7e00);   // NaN
    if (size >= 0x477ff000) return with_sign(0x7c00);  // rounds to 2^16 or more
    if (size < 0x38800000)                             // below 2^-14: a multiple of 2^-24
        return with_sign(static_cast<std::uint32_t>(std::lrint(std::ldexp(std::abs(value), 24))));
    const std::uint32_t rounded = size + 0xfff + (size >> 13 & 1);
    return with_sign((rounded - 0x38000000) >> 13);
}

/// The float that has the value of a bf16; exact.
inline float float_of_bf16(std::uint16_t half) noexcept {
    return std::bit_cast<float>(static_cast<std::uint32_t>(half) << 16);
}

}  // namespace tconv::io
