// What arrays say about a problem, and whether it agrees with what else was given.
#pragma once

#include <optional>

#include "geometry_options.h"
#include "tconv/frameworks.h"
#include "tconv/problem_text.h"

namespace tconv::cli {

/// The shapes of the given arrays as a layer's. Errors: array_mismatch (a bias that is not a list, dtypes that differ).
Result<LayerShapes> shapes_of(const GivenArrays& arrays, Layout layout);

/// Sizes that were given although arrays have them too; empty or absent where not given.
struct GivenSizes {
    Sizes kernel, input_size, channels;
    std::optional<std::int64_t> batch;
    std::int64_t groups = 1;
};

/// Errors: array_mismatch where a given size differs from the arrays'.
Result<void> check_agreement(const LayerShapes& shapes, const GivenSizes& given);

/// Fills the tokens that a text lacks from the arrays, and makes the problem. Errors: array_mismatch where a token
/// differs from the arrays, else as to_problem().
Result<Problem> fill_text(ProblemTokens tokens, const GivenArrays& arrays);

}  // namespace tconv::cli
