// Random numbers by address: what is drawn depends on the seed and on what it is for, not on what was drawn before. So
// a training that goes on from a checkpoint needs no generator's state.
#pragma once

#include <cstdint>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "nn/seeds.h"

namespace tconv::train {

/// A seed for one purpose: seed_of(seed, kNoise, step).
template <class... Numbers>
constexpr std::uint64_t seed_of(std::uint64_t seed, Numbers... purpose) noexcept {
    ((seed = nn::mix(seed ^ nn::mix(static_cast<std::uint64_t>(purpose)))), ...);
    return seed;
}

/// Purposes, so that no two share their numbers.
inline constexpr std::uint64_t kOrder = 1, kNoise = 2, kScene = 3, kWeights = 4, kMeasure = 5, kFlip = 6;

/// Draws for one purpose.
class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    /// In [0, 1).
    double unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
    /// In [low, high).
    double between(double low, double high) { return low + (high - low) * unit(); }
    /// One of `count` numbers from 0.
    std::int64_t below(std::int64_t count) {
        return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(count));
    }

private:
    std::mt19937_64 engine_;
};

/// 0 to count - 1 in random order.
inline std::vector<std::int64_t> shuffled(std::int64_t count, std::uint64_t seed) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    Random random(seed);
    for (std::int64_t i = count - 1; i > 0; --i)
        std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(random.below(i + 1))]);
    return order;
}

}  // namespace tconv::train
