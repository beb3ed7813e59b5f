// Operations on variables (autograd.h): what a convolutional network and its training need. x is (N, C, sizes...); all
// operands have one type. Each refuses shapes that do not fit by throwing BadResult.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tconv/autograd.h"
#include "tconv/problem.h"

namespace tconv::autograd {

/// The plans that a layer's passes use, made at their first call and kept; shared by all who hold it.
class ConvolutionPlans;
/// For layers; one each.
std::shared_ptr<ConvolutionPlans> make_convolution_plans();

/// The layer that `problem` describes: forward is scatter (a transposed convolution) or gather (a convolution). bias
/// may be null, as problem.has_bias says. x is batched, or not where problem.batch is 1. (ConvolutionBackward0)
Variable convolution(const Problem& problem, Pass forward, const Variable& x, const Variable& weight,
                     const Variable* bias = nullptr, const std::shared_ptr<ConvolutionPlans>& plans = nullptr);

/// x W^T + b: x (N, in), W (out, in), b (out) or null. It is computed as a convolution of one tap over the samples.
/// (AddmmBackward0; without a bias MmBackward0)
Variable linear(const Variable& x, const Variable& weight, const Variable* bias = nullptr,
                const std::shared_ptr<ConvolutionPlans>& plans = nullptr);

/// How batch_norm() treats its channels.
struct BatchNormTerms {
    Tensor running_mean;      ///< (C); f32 or f64 as x
    Tensor running_variance;  ///< (C)
    bool is_training = true;  ///< normalise by the batch and update the running statistics in place; else by these
    double momentum = 0.1;    ///< running = (1 - momentum) running + momentum batch; the batch's variance is unbiased
    double epsilon = 1e-5;    ///< added to the variance
};
/// y = (x - mean) / sqrt(variance + epsilon) * weight + bias, statistics of each channel over samples and positions;
/// weight and bias are (C). (torch.nn.functional.batch_norm; NativeBatchNormBackward0)
Variable batch_norm(const Variable& x, const Variable& weight, const Variable& bias, const BatchNormTerms& terms);

/// Element by element: max(x, 0); x, below zero slope * x; the hyperbolic tangent; 1 / (1 + exp(-x)). NaN stays NaN.
///@{
Variable relu(const Variable& x);
Variable leaky_relu(const Variable& x, double slope = 0.01);
Variable tanh(const Variable& x);
Variable sigmoid(const Variable& x);
///@}
/// a + b, of one shape.
Variable add(const Variable& a, const Variable& b);

/// Mean or maximum of windows of kernel x kernel, `stride` apart (0: the kernel), over the last two axes; windows that
/// would reach beyond the end are left out. Of equal maxima the first gets the gradient; NaN is the maximum.
///@{
Variable average_pool2d(const Variable& x, std::int64_t kernel, std::int64_t stride = 0);
Variable max_pool2d(const Variable& x, std::int64_t kernel, std::int64_t stride = 0);
///@}

/// One behind the other along an axis; all other sizes are the same.
Variable concat(std::span<const Variable> parts, std::int64_t axis = 1);
/// The same elements under another shape, as Tensor::reshape.
Variable reshape(const Variable& x, const Shape& shape);

/// The same values with the elements in another order in memory; shapes do not tell. Batch first is what new tensors
/// have. Batch last, (C, sizes..., N), makes networks of many samples and small maps faster: the other operations keep
/// their input's order, so it is set once, where a network begins, and set back where it ends. (CloneBackward0)
///@{
Variable batch_last(const Variable& x);
Variable batch_first(const Variable& x);
///@}

/// Class numbers, one per sample and position.
using Labels = std::vector<std::int32_t>;
/// Softmax over the channels and the mean of -log(probability of the label): logits (N, C) or (N, C, sizes...), labels
/// N * positions of them, in [0, C). (torch.nn.functional.cross_entropy)
Variable cross_entropy(const Variable& logits, const Labels& labels);
/// The mean of -(t log(p) + (1 - t) log(1 - p)), p = sigmoid(logits), t the target for all of them or one each.
///@{
Variable binary_cross_entropy_with_logits(const Variable& logits, double target);
Variable binary_cross_entropy_with_logits(const Variable& logits, const Tensor& targets);
///@}
/// The mean of (x - target)^2.
Variable mse_loss(const Variable& x, const Tensor& target);

}  // namespace tconv::autograd
