// The units that this CPU can run, and what the tests of their kernels share.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "guarded_array.h"
#include "kernels/kernel_list.h"

namespace tconv::testing {

inline constexpr Edge kEdges[] = {Edge::begin, Edge::end};

template <class T>
inline constexpr T kNan = std::numeric_limits<T>::quiet_NaN();
template <class T>
inline constexpr T kInfinity = std::numeric_limits<T>::infinity();

/// Calls test(set) for every kernel set of a type that can run here.
template <class T, class Test>
void for_each_set(const Test& test) {
    for (const kernels::Unit& unit : kernels::all_units()) {
        if (!require_isa(unit.isa)) continue;
        SCOPED_TRACE(std::string(unit.name) + (sizeof(T) == sizeof(float) ? " f32" : " f64"));
        test(unit.set<T>());
    }
}

/// Around a vector's worth, and around two.
inline std::vector<std::int64_t> counts_around(int lanes) { return {0, 1, lanes - 1, lanes, lanes + 1, 2 * lanes + 3}; }

template <class T>
void fill_with_reals(std::span<T> values, std::mt19937& random) {
    for (T& value : values) value = std::uniform_real_distribution<T>(-1, 1)(random);
}

/// In [-4, 4], so that sums are exact in any order.
template <class T>
void fill_with_whole_numbers(std::span<T> values, std::mt19937& random) {
    for (T& value : values) value = static_cast<T>(static_cast<int>(random() % 9) - 4);
}

/// The same number, sign of zero included, or NaN both.
template <class T>
bool is_same(T a, T b) {
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
    return a == b && std::signbit(a) == std::signbit(b);
}

template <class T>
class EachType : public ::testing::Test {};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(EachType, Types);

}  // namespace tconv::testing
