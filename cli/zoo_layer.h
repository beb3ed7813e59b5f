// A layer as a zoo of layers writes it in JSON: "n" (1), "cin" (1) and "in" of the coarse side, "cout" (1) of the fine
// side, lists "k", "s" (1), "p" (0, both sides), "op" (0), "d" (1), and "g" (1); "in" and "k" are needed, one number
// per axis. Other fields ("name", "dims", ...) say nothing about the geometry.
#pragma once

#include "json.h"
#include "tconv/problem.h"

namespace tconv::cli {

/// Errors (invalid_argument): a field that is missing or no whole number, or a geometry that is refused.
Result<Problem> problem_of_layer(const Json& layer);

}  // namespace tconv::cli
