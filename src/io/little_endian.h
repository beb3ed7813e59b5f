// Unsigned integers as little-endian bytes, the way zip and npy store them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace tconv::io {

/// The integer that up to 8 bytes hold.
inline std::uint64_t read_little_endian(std::span<const std::byte> bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    return value;
}

inline void append_little_endian(std::string& text, std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
}

}  // namespace tconv::io
