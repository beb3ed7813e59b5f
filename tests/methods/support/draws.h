// Draws: where random choices come from: a seed, or bytes that a fuzzer makes up. So tests and the fuzz target draw
// their problems from one description. One draw an expression: what is evaluated first is the compiler's choice, and a
// seed should mean the same to all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <span>

namespace tconv::testing {

class Draws {
public:
    explicit Draws(std::uint64_t seed) : random_(seed) {}
    /// Zeros once the bytes are used up.
    explicit Draws(std::span<const std::uint8_t> bytes) : bytes_(bytes), has_bytes_(true) {}

    /// A number in [least, most].
    std::int64_t between(std::int64_t least, std::int64_t most) {
        const auto choices = static_cast<std::uint64_t>(most - least) + 1;
        return least + static_cast<std::int64_t>((choices <= 256 ? small() : word()) % choices);
    }
    bool one_in(std::int64_t count) { return between(1, count) == count; }
    std::int64_t one_of(std::initializer_list<std::int64_t> values) {
        return values.begin()[between(0, static_cast<std::int64_t>(values.size()) - 1)];
    }
    /// Any 64 bits.
    std::uint64_t word() {
        if (!has_bytes_) return random_();
        std::uint64_t value = 0;
        for (int i = 0; i < 8; ++i) value = value << 8 | small();
        return value;
    }

private:
    std::uint64_t small() {
        if (!has_bytes_) return random_() >> 8;
        if (bytes_.empty()) return 0;
        const std::uint8_t first = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return first;
    }

    std::mt19937_64 random_{};
    std::span<const std::uint8_t> bytes_{};
    bool has_bytes_ = false;
};

}  // namespace tconv::testing
