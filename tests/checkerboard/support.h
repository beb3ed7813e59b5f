// Layers from text, with random weights; and what a transposed convolution makes of an input, by the definition.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "tconv/problem_text.h"
#include "tconv/reference.h"

namespace tconv::checkerboard::test {

using Doubles = std::vector<double>;

inline Problem problem_of(const std::string& text) { return parse_problem(text).value(); }

inline Doubles random_values(std::int64_t count, unsigned seed = 1) {
    std::mt19937 engine(seed);
    std::normal_distribution<double> normal;
    Doubles values(static_cast<std::size_t>(count));
    for (double& value : values) value = normal(engine);
    return values;
}

/// The fine side of an input of ones, or of `coarse`; NaN where the pass forgot an element.
inline Doubles scattered(const Problem& problem, const Doubles& weights, Doubles coarse = {}) {
    if (coarse.empty()) coarse.assign(static_cast<std::size_t>(problem.coarse_elements()), 1.0);
    Doubles fine(static_cast<std::size_t>(problem.fine_elements()), std::nan(""));
    reference::scatter(problem, coarse.data(), weights.data(), {}, fine.data());
    return fine;
}

}  // namespace tconv::checkerboard::test
