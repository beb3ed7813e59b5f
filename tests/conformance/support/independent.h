// The transposed convolution computed in three other ways, none of which uses tconv's geometry, trace or reference:
//
//   gathered       every output asks each tap whether an input stands there: i = (o + p - j d) / s, if that is whole
//   zero_inserted  s - 1 zeros between the inputs, a border, then a plain correlation with the flipped kernel
//   by_matrix      W transposed times the input, W from tconv's matrix room
//
// Arrays here are in one order, (N, C, axes...), whatever the problem's layout; to_layout and from_layout permute.
#pragma once

#include <cstdint>
#include <vector>

#include "tconv/problem.h"

namespace tconv::test {

using Doubles = std::vector<double>;

struct Layer {
    Problem problem;
    Doubles input, weights, bias;  ///< bias is empty where the problem has none
};

enum class Values { small_integers, reals };

/// Values from a seed: integers in [-4, 4], whose sums are exact, or reals in [-1, 1).
Layer random_layer(const Problem& problem, Values values, std::uint64_t seed);

/// The seed of this run: $TCONV_TEST_SEED or a constant. It is printed once.
std::uint64_t base_seed();

Doubles gathered(const Layer& layer);
Doubles zero_inserted(const Layer& layer);
Doubles by_matrix(const Layer& layer);

/// W times a fine array of one layer: the convolution (no bias).
Doubles convolved_by_matrix(const Layer& layer, const Doubles& fine);

/// reference::scatter through the problem's own layout.
Doubles by_reference(const Layer& layer);
Doubles convolved_by_reference(const Layer& layer, const Doubles& fine);

/// (N, C, positions) to and from the problem's layout.
Doubles to_layout(const Problem& problem, const Doubles& canonical, std::int64_t channels, std::int64_t positions);
Doubles from_layout(const Problem& problem, const Doubles& stored, std::int64_t channels, std::int64_t positions);

/// The layer with every value made positive: its result bounds the terms of each sum.
Layer magnitudes(Layer layer);

/// Rounding of a sum of `terms` products whose magnitudes add up to `magnitude`: two orders of summation differ by at
/// most 2 (terms + 1) u magnitude (Higham 2002, section 3.1). 0 for integers.
double error_bound(double magnitude, std::int64_t terms);

}  // namespace tconv::test
