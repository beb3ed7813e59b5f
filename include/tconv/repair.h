// Repairs: changes of a transposed convolution that take its checkerboard away, or let training do so. Each keeps
// stride, dilation, channels and output size; each says what it costs.
//
// | repair     | what it does                                                 | same function | all G_a equal
// afterwards |
// |------------|--------------------------------------------------------------|---------------|--------------------------|
// | embed_even | R1: zero taps at the end until every phase has as many       | exactly       | no: training can now |
// | project_dc | R2: adds (T - G_a) / n_a to every tap of phase a             | no            | yes: T | | blur       |
// R4: kernel * box_s / s, taps d apart                         | no: a blur    | yes: the mean            |
//
// T = (sum G_a / n_a) / (sum 1 / n_a) makes R2 the smallest change (Frobenius) after which all phases gain the same; on
// uneven taps it moves the mean gain (w = [1, 2, 3], s = 2: from 3 to 8/3), T = mean does not and changes the weights
// more. R4 shifts the picture by d/2 rows where s is even. G_a, n_a: checkerboard.h.
#pragma once

#include <span>

#include "tconv/rewrite.h"

namespace tconv::checkerboard {

/// A repaired layer, and what it costs.
struct Repaired {
    Layer layer;  ///< of the same sizes
    /// |W' - W| / |W| (Frobenius), taps compared where they land: the share of the output's rms that changes where the
    /// input is white noise. 0: the same function.
    double relative_change = 0;
    /// |M' - M| / |M|, M the mean phase gain: how much the brightness of constants changes.
    double gain_change = 0;
};

/// What all phases are to gain.
enum class Target : std::uint8_t {
    least_change,  ///< T above
    mean_gain,     ///< the mean of the non-empty phases
};

/// R1. Errors (invalid_argument): gcd(stride, dilation) > 1, where more taps leave the same holes; array_mismatch as
/// phase_gains().
Result<Repaired> embed_even(const Problem& problem, std::span<const double> weights);

/// R2. Errors (invalid_argument): empty phases, which no weight reaches; array_mismatch as phase_gains().
Result<Repaired> project_dc(const Problem& problem, std::span<const double> weights,
                            Target target = Target::least_change);

/// R4. Errors: as embed_even().
Result<Repaired> blur(const Problem& problem, std::span<const double> weights);

/// |W' - W| / |W| of two layers of one stride, dilation, channels and sizes whose kernels may begin at different
/// places: 0 iff they compute the same function. Infinite where W is 0 and W' is not. Errors: array_mismatch (layers
/// that cannot be compared).
Result<double> relative_change(const Layer& before, const Layer& after);

/// |M' - M| / |M|, M the mean phase gain of two layers that relative_change() can compare.
double gain_change(const Layer& before, const Layer& after);

}  // namespace tconv::checkerboard
