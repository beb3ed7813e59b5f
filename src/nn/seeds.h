// Where layers get their seeds from: one sequence per program, restarted by manual_seed().
#pragma once

#include <cstdint>

namespace tconv::nn {

/// A seed that looks unrelated to its neighbours' (SplitMix64's output function: Steele, Lea and Flood 2014).
constexpr std::uint64_t mix(std::uint64_t seed) noexcept {
    seed += 0x9e3779b97f4a7c15;
    seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9;
    seed = (seed ^ (seed >> 27)) * 0x94d049bb133111eb;
    return seed ^ (seed >> 31);
}

/// The next seed of the sequence.
std::uint64_t next_seed() noexcept;

}  // namespace tconv::nn
