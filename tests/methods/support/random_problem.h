// Random problems for the engine: small, and full of what methods have edges for: channels around tile sizes, strides
// beyond the kernel, crop frames that lie beside the canvas, empty arrays.
#pragma once

#include "methods/support/draws.h"
#include "tconv/problem.h"

namespace tconv::testing {

/// Valid, with at most so many multiply-adds and elements in each array; any dtype, layout and epilogue. Maps and
/// channels grow with `scale`.
Problem random_problem(Draws& draws, std::int64_t most_products, std::int64_t scale = 1);

/// Multiply-adds of any pass, paddings included.
double products(const Problem& problem);

}  // namespace tconv::testing
