// Damage to a small valid file, byte by byte and bit by bit. A reader must give a value or an error for each; the
// sanitizer build sees whether it touched what it should not.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace tconv::io_test {

using ByteVector = std::vector<std::byte>;

inline ByteVector bytes_of(std::string_view text) {
    ByteVector bytes(text.size());
    if (!text.empty()) std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}

/// read(bytes) for every proper prefix of `file`. Each is an allocation of its own, so that a read past it is seen.
template <class Read>
void for_each_truncation(const ByteVector& file, Read read) {
    for (std::size_t length = 0; length < file.size(); ++length)
        read(ByteVector(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)));
}

/// read(bytes) with every single bit of `file` flipped in turn.
template <class Read>
void for_each_bit_flip(const ByteVector& file, Read read) {
    for (std::size_t position = 0; position < file.size(); ++position) {
        for (int bit = 0; bit < 8; ++bit) {
            ByteVector damaged = file;
            damaged[position] ^= static_cast<std::byte>(1 << bit);
            read(damaged);
        }
    }
}

}  // namespace tconv::io_test
