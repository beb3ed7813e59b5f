// The three passes on tensors: arrays in, array out, every shape checked against the problem. Each call plans (plans of
// the last calls are kept, so a loop plans once), packs the weights and runs; plan.h is for who wants to do these steps
// once and by himself. Layers and commands compute through these functions.
//
// Shapes, for a problem of rank r: coarse (N, C_coarse, i1..ir), fine (N, C_fine, o1..or), channels last where the
// problem's layout says so, and without N where the array is unbatched and N is 1; weights (C_coarse, C_fine/groups,
// k1..kr); bias (channels of the written side). Every tensor has the problem's dtype, and is computed with in it.
// Tensors that are read may be any views; those that are not contiguous are copied first.
//
// The functions ending in _into write into a tensor that is there already, for example a slice of a larger one (as a
// U-Net's concatenation wants it), and save what the system asks for fresh memory: often more than the arithmetic. The
// output's strides must be as PlanOptions::output_strides says; inputs that overlap the output are copied first, and
// the residual may be the output itself.
// Errors: array_mismatch, out_of_memory, and those of make_plan() for options.
#pragma once

#include "tconv/plan.h"
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
                       const Tensor* bias = nullptr, const Tensor* residual = nullptr, const PlanOptions& options = {});

/// The forward pass of the convolution, in the same terms.
Result<Tensor> gather(const Problem& problem, const Tensor& fine, const Tensor& weights, const Tensor* bias = nullptr,
                      const Tensor* residual = nullptr, const PlanOptions& options = {});

/// The gradient of either layer with respect to its weights: (C_coarse, C_fine / groups, k...).
Result<Tensor> weight_grad(const Problem& problem, const Tensor& coarse, const Tensor& fine,
                           const PlanOptions& options = {});

/// The sum of the output's gradient per channel, in double; `side` is the layer's forward pass (scatter or gather). Of
/// the options it needs none but threads and the executor.
Result<Tensor> bias_grad(const Problem& problem, Pass side, const Tensor& output_grad, const PlanOptions& options = {});

/// scatter() into `output`, of the shape that scatter() would return.
Result<void> scatter_into(const Tensor& output, const Problem& problem, const Tensor& coarse, const Tensor& weights,
                          const Tensor* bias = nullptr, const Tensor* residual = nullptr,
                          const PlanOptions& options = {});

/// gather() into `output`.
Result<void> gather_into(const Tensor& output, const Problem& problem, const Tensor& fine, const Tensor& weights,
                         const Tensor* bias = nullptr, const Tensor* residual = nullptr,
                         const PlanOptions& options = {});

/// weight_grad() into `output`, which must be contiguous.
Result<void> weight_grad_into(const Tensor& output, const Problem& problem, const Tensor& coarse, const Tensor& fine,
                              const PlanOptions& options = {});

}  // namespace tconv
