// The three passes on tensors: arrays in, array out, every shape checked against the problem. Today they run the
// reference (in double, rounded once at the end); they are the one door through which layers and commands compute,
// so a faster engine goes in behind it.
//
// Shapes, for a problem of rank r: coarse (N, C_coarse, i1..ir), fine (N, C_fine, o1..or), channels last where the
// problem's layout says so, and without N where the array is unbatched and N is 1; weights (C_coarse, C_fine/groups,
// k1..kr); bias (channels of the written side). Every tensor has the problem's dtype.
// Errors: array_mismatch, out_of_memory.
#pragma once

#include "tconv/problem.h"
#include "tconv/result.h"
#include "tconv/tensor.h"

namespace tconv {

/// The shape of the coarse side: a transposed convolution's input.
Shape coarse_shape(const Problem& problem);
/// The shape of the fine side: its output.
Shape fine_shape(const Problem& problem);
/// The shape of the weights.
Shape weight_shape(const Problem& problem);

/// The forward pass of the transposed convolution: y = activation(scatter(x) + bias + residual). bias and residual are
/// null or what problem.has_bias and problem.has_sum announce. Unbatched input gives an unbatched output.
Result<Tensor> scatter(const Problem& problem, const Tensor& coarse, const Tensor& weights,
                       const Tensor* bias = nullptr, const Tensor* residual = nullptr);

/// The forward pass of the convolution, in the same terms.
Result<Tensor> gather(const Problem& problem, const Tensor& fine, const Tensor& weights, const Tensor* bias = nullptr,
                      const Tensor* residual = nullptr);

/// The gradient of either layer with respect to its weights: (C_coarse, C_fine / groups, k...).
Result<Tensor> weight_grad(const Problem& problem, const Tensor& coarse, const Tensor& fine);

/// The sum of the output's gradient per channel; `side` is the layer's forward pass (scatter or gather).
Result<Tensor> bias_grad(const Problem& problem, Pass side, const Tensor& output_grad);

}  // namespace tconv
