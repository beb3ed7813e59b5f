// Layers: Conv1d/2d/3d and ConvTranspose1d/2d/3d with PyTorch's parameter names, defaults and default initialisation.
//
//     nn::ConvTranspose2d layer(1, 1, 3, {.stride = 2, .bias = false});
//     layer.weight.data = ones({1, 1, 3, 3});
//     Tensor y = layer(x);                              // x (N, C_in, H, W), or (C_in, H, W)
//
// The weights are (in_channels, out_channels / groups, k...) for a transposed convolution and (out_channels,
// in_channels / groups, k...) for a convolution: in both the coarse side's channels come first, so a convolution and
// its transpose can share one tensor: transposed.weight = convolution.weight.
//
// The kernel's size is that of the weights, so weights of another size may be put in place. Everything computed has the
// type of the weights (f32 at first), and so must the input. A layer of a Tensor computes; a layer of a Variable
// (autograd.h) is recorded, for training. backward() gives the gradients of one layer without a tape, by their names:
// input_grad, weight_grad, bias_grad. Layers are modules (module.h). Copies of a layer share its parameters' memory.
// Everything throws BadResult on misuse. (torch.nn.Conv2d, torch.nn.ConvTranspose2d;
// gluon.nn.Conv2DTranspose for lazy input channels and for initialize().)
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <vector>

#include "tconv/frameworks.h"
#include "tconv/module.h"
#include "tconv/problem.h"
#include "tconv/tensor.h"

namespace tconv::nn {

/// One number for all axes, or one per axis: 2 or {2, 1}.
class PerAxis {
public:
    /// The same for all axes.
    template <Position T>
    PerAxis(T all) : sizes_{static_cast<std::int64_t>(all)} {}
    /// One per axis.
    PerAxis(std::initializer_list<std::int64_t> sizes) : sizes_(sizes) {}

    /// As they were given: one, or one per axis.
    const Sizes& sizes() const noexcept { return sizes_; }

private:
    Sizes sizes_;
};

/// What an initialiser is told beside the weights.
struct InitialiserTerms {
    std::uint64_t seed = 0;   ///< makes random values repeatable
    std::int64_t groups = 1;  ///< of the layer whose weights they are
};

/// Fills a tensor of weights in place: bilinear()(weights, {.groups = 3}).
using Initialiser = std::function<void(const Tensor& weights, const InitialiserTerms& terms)>;

/// The same number everywhere.
Initialiser constant(double value);
/// The tensor's values as they are now; its shape has to be the weights', or broadcast to it.
Initialiser constant(const Tensor& values);
/// Random in [low, high).
Initialiser uniform(double low, double high);
/// Gaussian; the deviation is 0 or more.
Initialiser normal(double mean, double deviation);
/// Kaiming He et al. 2015 with PyTorch's fan_in (the weights' second size times the taps, for transposed layers too),
/// for a leaky ReLU of slope a: uniform within +-sqrt(6 / ((1 + a^2) fan_in)). PyTorch's layers start with a = sqrt(5).
/// (torch.nn.init.kaiming_uniform_)
Initialiser kaiming_uniform(double a = 0);
/// The same, normal with mean 0 and deviation sqrt(2 / ((1 + a^2) fan_in)).
Initialiser kaiming_normal(double a = 0);
/// FCN's: every channel is interpolated bilinearly (in each axis h[j] = 1 - |j - (k-1)/2| / f, f = floor((k+1)/2)) into
/// the output channel of the same number within its group; other pairs of channels get zeros. (Long, Shelhamer and
/// Darrell 2015; surgery.py of fcn.berkeleyvision.org)
Initialiser bilinear();

/// Sets the seed of what layers made or initialised from now on draw. A program that never calls it starts at 0.
void manual_seed(std::uint64_t seed);

/// What backward() found; a gradient that no requires_grad asks for stays empty.
struct Gradients {
    Tensor input_grad;                  ///< of x's shape
    std::optional<Tensor> weight_grad;  ///< of weight's shape
    std::optional<Tensor> bias_grad;    ///< (out_channels)
};

/// in_channels that are read off the first input.
inline constexpr std::int64_t kLazy = -1;

/// What both kinds of layer have in common.
class ConvolutionLayer : public Module {
public:
    /// The weights; see the top of this file for their shape.
    Parameter weight;
    /// (out_channels); empty where the layer has none.
    std::optional<Parameter> bias;

    /// The layer's parameters: weight, then bias where there is one.
    Parts parts() override;

    /// Gluon's rule: the initialiser sets the weights, the bias becomes zero; both in place. A lazy layer remembers it
    /// until its input channels are known. Without an initialiser: PyTorch's default, for both, which is what a new
    /// layer has: kaiming_uniform(sqrt(5)), and a bias uniform within +-1 / sqrt(fan_in).
    void initialize(const Initialiser& initialiser = {});

    /// Whether the input channels are still unknown.
    bool is_lazy() const noexcept { return in_channels_ == kLazy; }
    /// Channels of the input; kLazy while unknown.
    std::int64_t in_channels() const noexcept { return in_channels_; }
    /// Channels of the output.
    std::int64_t out_channels() const noexcept { return out_channels_; }

    /// The problem that the layer computes for an input of this shape.
    Problem problem(const Shape& input) const { return problem_for(input, {}); }

    /// The gradients of a loss: output_grad is dL/dy, of the output's shape for this x (for a transposed convolution,
    /// any that output_size can ask for).
    Gradients backward(const Tensor& x, const Tensor& output_grad) const;

protected:
    /// What a kind of layer hands over of its options.
    struct Settings {
        int rank;              ///< number of spatial axes
        Pass forward;          ///< scatter: a transposed convolution; gather: a convolution
        Sizes stride;          ///< one for all axes or one per axis, as the others
        Sizes padding;         ///< on both sides
        Sizes output_padding;  ///< empty for a convolution
        Sizes dilation;        ///< 1 = dense
        std::int64_t groups;   ///< divides both numbers of channels
        bool has_bias;         ///< whether there is a bias
    };
    /// Checks everything that does not depend on the input, and makes the parameters of a layer that is not lazy.
    ConvolutionLayer(std::int64_t in_channels, std::int64_t out_channels, const PerAxis& kernel_size,
                     Settings settings);

    /// The problem for an input of this shape, with output_size where it is not empty.
    Problem problem_for(const Shape& input, const Sizes& output_size) const;
    /// The output. A lazy layer learns its input channels from x and makes the parameters that are not there yet...
    Tensor forward(const Tensor& x, const Sizes& output_size);
    /// ...but a const one throws BadResult.
    Tensor forward(const Tensor& x, const Sizes& output_size) const;
    /// The same on the tape.
    autograd::Variable forward(const autograd::Variable& x, const Sizes& output_size);

private:
    void check_channels() const;
    void check_parameters(const Shape& expected_weights) const;
    Shape expected_weights(std::int64_t in_channels, const Sizes& kernel) const;
    Result<Problem> try_problem(const Shape& input, const Sizes& output_size) const;
    Problem problem_of_gradient(const Tensor& x, const Tensor& output_grad) const;
    void learn_channels(const Tensor& x);
    void fill_weight();
    void fill_bias();

    std::int64_t in_channels_, out_channels_;
    Sizes kernel_size_;
    Settings settings_;
    Initialiser initialiser_;  ///< empty: PyTorch's default
    std::uint64_t seed_;
    std::shared_ptr<autograd::ConvolutionPlans> plans_ = autograd::make_convolution_plans();
};

/// PyTorch's defaults for nn.ConvNd.
struct ConvOptions {
    PerAxis stride = 1;       ///< distance between neighbouring windows
    PerAxis padding = 0;      ///< rows of zeros on both sides of the input
    PerAxis dilation = 1;     ///< distance between taps; 1 = dense
    std::int64_t groups = 1;  ///< divides both numbers of channels
    bool bias = true;         ///< whether there is one
};

/// PyTorch's defaults for nn.ConvTransposeNd, dilation beside the other sizes.
struct ConvTransposeOptions {
    PerAxis stride = 1;          ///< distance between neighbouring stamps
    PerAxis padding = 0;         ///< rows cropped from both sides of the output
    PerAxis output_padding = 0;  ///< rows un-cropped at the end, below max(stride, dilation)
    PerAxis dilation = 1;        ///< distance between taps; 1 = dense
    std::int64_t groups = 1;     ///< divides both numbers of channels
    bool bias = true;            ///< whether there is one
};

/// A convolution (as in every framework, a cross-correlation: the kernel is not flipped): x (N, in_channels, sizes...)
/// to (N, out_channels, floor((size + 2p - d(k-1) - 1) / s) + 1...).
template <int kRank>
class ConvNd : public ConvolutionLayer {
public:
    /// Throws BadResult where a number is not one of its kind, or channels are not divisible by groups.
    ConvNd(std::int64_t in_channels, std::int64_t out_channels, PerAxis kernel_size, ConvOptions options = {})
        : ConvolutionLayer(in_channels, out_channels, kernel_size,
                           {kRank,
                            Pass::gather,
                            options.stride.sizes(),
                            options.padding.sizes(),
                            {},
                            options.dilation.sizes(),
                            options.groups,
                            options.bias}) {}

    /// The output, of x's type; batched where x is. The first call of a lazy layer makes its parameters.
    Tensor operator()(const Tensor& x) { return forward(x, {}); }
    /// The same for a const layer, which cannot be lazy.
    Tensor operator()(const Tensor& x) const { return forward(x, {}); }
    /// The same on the tape.
    autograd::Variable operator()(const autograd::Variable& x) override { return forward(x, {}); }
};

/// A transposed convolution: x (N, in_channels, sizes...) to (N, out_channels, (size-1) s + d(k-1) + 1 - 2p + op...).
/// output_size, given at the call as the sizes or the whole shape wanted, takes the place of output_padding.
template <int kRank>
class ConvTransposeNd : public ConvolutionLayer {
public:
    /// Throws BadResult where a number is not one of its kind, or channels are not divisible by groups.
    ConvTransposeNd(std::int64_t in_channels, std::int64_t out_channels, PerAxis kernel_size,
                    ConvTransposeOptions options = {})
        : ConvolutionLayer(in_channels, out_channels, kernel_size,
                           {kRank, Pass::scatter, options.stride.sizes(), options.padding.sizes(),
                            options.output_padding.sizes(), options.dilation.sizes(), options.groups, options.bias}) {}

    /// The output, of x's type; batched where x is. The first call of a lazy layer makes its parameters.
    Tensor operator()(const Tensor& x) { return forward(x, {}); }
    /// The same for a const layer, which cannot be lazy.
    Tensor operator()(const Tensor& x) const { return forward(x, {}); }
    /// The same on the tape.
    autograd::Variable operator()(const autograd::Variable& x) override { return forward(x, {}); }
    /// The output of the size asked for: from the smallest size to that + stride - 1 on each axis.
    Tensor operator()(const Tensor& x, const Sizes& output_size) { return forward(x, output_size); }
    /// The same for a const layer, which cannot be lazy.
    Tensor operator()(const Tensor& x, const Sizes& output_size) const { return forward(x, output_size); }
    /// The same on the tape.
    autograd::Variable operator()(const autograd::Variable& x, const Sizes& output_size) {
        return forward(x, output_size);
    }

    using ConvolutionLayer::problem;
    /// The problem that such a call computes.
    Problem problem(const Shape& input, const Sizes& output_size) const { return problem_for(input, output_size); }
};

/// Convolutions of rank 1, 2 and 3: x is (N, C, L), (N, C, H, W) or (N, C, D, H, W).
///@{
using Conv1d = ConvNd<1>;
using Conv2d = ConvNd<2>;
using Conv3d = ConvNd<3>;
///@}
/// Transposed convolutions of the same ranks.
///@{
using ConvTranspose1d = ConvTransposeNd<1>;
using ConvTranspose2d = ConvTransposeNd<2>;
using ConvTranspose3d = ConvTransposeNd<3>;
///@}

}  // namespace tconv::nn
