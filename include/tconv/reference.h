// The reference: the DEFINITION of the three passes, as loops one can read aloud, in double. It is never
// optimised; every fast method is "equal to the reference up to rounding".
//
// For every sample n, group g, coarse channel c and fine channel f of that group, coarse position i and tap j
// (positions and taps are triples), with o = i*s + j*d - p inside the fine grid:
//
//     scatter       fine[n,f,o]    += coarse[n,c,i] * weights[c,f,j]
//     gather        coarse[n,c,i]  += fine[n,f,o]   * weights[c,f,j]
//     weight_grad   weights[c,f,j] += coarse[n,c,i] * fine[n,f,o]
//
// | pass        | is the ...                                                                             |
// |-------------|----------------------------------------------------------------------------------------|
// | scatter     | forward of ConvTranspose; gradient of Conv w.r.t. its input; multiplication by W^T     |
// | gather      | forward of Conv; gradient of ConvTranspose w.r.t. its input; multiplication by W       |
// | weight_grad | gradient of both layers w.r.t. their weights                                           |
//
// Shapes: coarse (N, C_coarse, coarse sizes...), fine (N, C_fine, fine sizes...), or with the channels last;
// weights always (C_coarse, C_fine / groups, kernel sizes...). A pair that falls outside contributes nothing,
// so infinities and NaN travel only where the sum says. The problem must be valid, the pointers must hold what
// its element counts say, and inputs may not overlap outputs (the residual may be the output itself).
#pragma once

#include <array>
#include <cstdint>

#include "tconv/problem.h"

/// The definition: the three passes as loops in double, and every event in them.
namespace tconv::reference {

/// What is added to the sum before it is stored: y = activation(sum + bias[channel] + residual). Either pointer
/// may be null. The bias has one entry per channel of the side that is written.
struct Epilogue {
    const double* bias = nullptr;      ///< one number for each channel
    const double* residual = nullptr;  ///< of the written side's shape
    Activation activation{};           ///< none by default
};

/// Fine from coarse: the first line above, then the epilogue. The shapes are those above.
void scatter(const Problem& problem, const double* coarse, const double* weights, const Epilogue& epilogue,
             double* fine);
/// Coarse from fine: the second line above, then the epilogue.
void gather(const Problem& problem, const double* fine, const double* weights, const Epilogue& epilogue,
            double* coarse);
/// Weights from both sides: the third line above.
void weight_grad(const Problem& problem, const double* coarse, const double* fine, double* weights);

/// bias_grad[channel] = sum of output_grad over samples and positions. `side` says which side the layer writes:
/// scatter for a transposed convolution (C_fine entries), gather for a convolution (C_coarse entries).
void bias_grad(const Problem& problem, Pass side, const double* output_grad, double* bias_grad);

/// The pointwise function itself.
double activate(const Activation& activation, double value) noexcept;

}  // namespace tconv::reference
