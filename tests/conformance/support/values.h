// Do all ways to compute a layer give the same values?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tconv/problem.h"

namespace tconv::test {

/// Computes one layer with random values in every way there is (the matrix only below a million entries) and says where
/// two of them differ by more than rounding allows; empty where none do.
std::string disagreement(const Problem& problem, std::uint64_t seed);

/// The shapes of tests/shapes whose place in the lists is `shard` modulo `shards` and which cost more than `above`, up
/// to `up_to` multiplications: the first sentence of disagreement for each, with the shape in front.
std::vector<std::string> disagreements(std::size_t shard, std::size_t shards, std::int64_t above, std::int64_t up_to);

/// What the fast tests compute; the rest is slow.
inline constexpr std::int64_t kFastMultiplications = 5'000'000;

}  // namespace tconv::test
