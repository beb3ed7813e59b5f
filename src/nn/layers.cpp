#include <cmath>
#include <utility>

#include "nn/fan_in.h"
#include "nn/seeds.h"
#include "problem/layer_shapes.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/passes.h"
#include "tensor/strided.h"

namespace tconv::nn {
namespace {

using layer::number;
using strided::fail;

const char* name_of(DType dtype) { return dtype == DType::f32 ? "f32" : "f64"; }

// One size for all axes, or one per axis, as one per axis.
Sizes per_axis(const char* name, const Sizes& given, std::int64_t least, std::int64_t otherwise, int rank) {
    const auto sizes = layer::per_axis({name, given, otherwise, least}, rank).value();
    return Sizes(sizes.begin(), sizes.begin() + rank);
}

void check_type(const char* name, DType given, DType weights) {
    if (given == weights) return;
    const std::string type = name_of(given);
    fail(std::string(name) + " is " + type + ", but the weights are " + name_of(weights) + "; convert one of them: " +
         (given == DType::f32 ? "the tensor with .to(DType::f64)" : "the layer with .to(DType::f64)") +
         ", for example");
}

bool is_made(const Parameter& weight) { return weight.data.rank() > 1; }

// A tensor of the input's or the output's shape; unbatched where the layer's input is.
Shape as_batched(Shape shape, bool is_batched) {
    if (!is_batched) shape.erase(shape.begin());
    return shape;
}

}  // namespace

ConvolutionLayer::ConvolutionLayer(std::int64_t in_channels, std::int64_t out_channels, const PerAxis& kernel_size,
                                   Settings settings)
    : in_channels_(in_channels), out_channels_(out_channels), settings_(std::move(settings)), seed_(next_seed()) {
    const int rank = settings_.rank;
    kernel_size_ = per_axis("kernel_size", kernel_size.sizes(), 1, 0, rank);
    settings_.stride = per_axis("stride", settings_.stride, 1, 1, rank);
    settings_.padding = per_axis("padding", settings_.padding, 0, 0, rank);
    settings_.output_padding = per_axis("output_padding", settings_.output_padding, 0, 0, rank);
    settings_.dilation = per_axis("dilation", settings_.dilation, 1, 1, rank);
    check_channels();
    if (settings_.has_bias) bias = Parameter{};
    if (is_lazy()) return;
    weight.data = zeros(expected_weights(in_channels_, kernel_size_));
    if (bias) bias->data = zeros({out_channels_});
    fill_weight();
    fill_bias();
}

void ConvolutionLayer::check_channels() const {
    const auto refuse = [](const char* name, std::int64_t given, const std::string& allowed) {
        fail(std::string(name) + " " + number(given) + " " + allowed);
    };
    const std::int64_t groups = settings_.groups;
    if (groups < 1) refuse("groups", groups, "must be at least 1");
    if (in_channels_ < 0 && !is_lazy())
        refuse("in_channels", in_channels_, "must be at least 0, or kLazy to read it off the first input");
    if (out_channels_ < 0) refuse("out_channels", out_channels_, "must be at least 0");
    const std::string divisible = "must be divisible by groups " + number(groups) + "; change one of them";
    if (!is_lazy() && in_channels_ % groups != 0) refuse("in_channels", in_channels_, divisible);
    if (out_channels_ % groups != 0) refuse("out_channels", out_channels_, divisible);
}

Shape ConvolutionLayer::expected_weights(std::int64_t in_channels, const Sizes& kernel) const {
    const bool is_transposed = settings_.forward == Pass::scatter;
    Shape shape = is_transposed ? Shape{in_channels, out_channels_ / settings_.groups}
                                : Shape{out_channels_, in_channels / settings_.groups};
    shape.insert(shape.end(), kernel.begin(), kernel.end());
    return shape;
}

Parts ConvolutionLayer::parts() {
    Parts parts{.parameters = {{"weight", &weight}}};
    if (bias) parts.parameters.emplace_back("bias", &*bias);
    return parts;
}

void ConvolutionLayer::initialize(const Initialiser& initialiser) {
    initialiser_ = initialiser;
    seed_ = next_seed();
    if (is_lazy()) {  // whatever was put in place is to be made anew
        weight.data = Tensor();
        if (bias) bias->data = Tensor();
        return;
    }
    fill_weight();
    fill_bias();
}

void ConvolutionLayer::fill_weight() {
    const Initialiser& fill = initialiser_ ? initialiser_ : kaiming_uniform(std::sqrt(5.0));
    fill(weight.data, {.seed = seed_, .groups = settings_.groups});
}

void ConvolutionLayer::fill_bias() {
    if (!bias) return;
    const std::int64_t inputs = fan_in(weight.data);
    if (initialiser_ || inputs == 0) return bias->data.fill(0);
    const double bound = 1 / std::sqrt(static_cast<double>(inputs));
    bias->data.assign(tconv::uniform(bias->data.shape(), mix(seed_), -bound, bound, bias->data.dtype()));
}

// Weights that were put in place may have another kernel size, and nothing else.
void ConvolutionLayer::check_parameters(const Shape& expected) const {
    const Shape& given = weight.data.shape();
    if (given.size() != expected.size() || given[0] != expected[0] || given[1] != expected[1]) {
        std::string allowed = "(" + number(expected[0]) + ", " + number(expected[1]);
        for (int axis = 0; axis < settings_.rank; ++axis) allowed += ", k" + number(axis + 1);
        fail("the weights have shape " + to_string(given) + ", but this layer's are " + allowed +
             "); only the kernel's size may be another");
    }
    if (!bias || (is_lazy() && bias->data.elements() == 0)) return;
    if (bias->data.shape() != Shape{out_channels_})
        fail("the bias has shape " + to_string(bias->data.shape()) + ", but this layer's is " +
             to_string(Shape{out_channels_}) + ": one value per output channel");
    check_type("the bias", bias->data.dtype(), weight.data.dtype());
}

Result<Problem> ConvolutionLayer::try_problem(const Shape& input, const Sizes& output_size) const {
    const auto rank = static_cast<std::size_t>(settings_.rank);
    if (input.size() != rank + 1 && input.size() != rank + 2)
        fail("the input has shape " + to_string(input) + ", but this layer takes (batch, channels, " +
             (rank == 1 ? "size" : number(settings_.rank) + " sizes") + "), or that without the batch");
    const std::int64_t channels = input[input.size() - rank - 1];
    if (!is_lazy() && channels != in_channels_)
        fail("the input has shape " + to_string(input) + " and so " + number(channels) +
             " channels, but this layer takes " + number(in_channels_) + "; change in_channels or the input");
    if (channels % settings_.groups != 0)
        fail("the input has " + number(channels) + " channels, which must be divisible by groups " +
             number(settings_.groups));
    Shape weights = expected_weights(channels, kernel_size_);
    if (!is_lazy() || is_made(weight)) {
        check_parameters(weights);
        weights = weight.data.shape();
    }

    const LayerShapes shapes{input, weights, bias ? std::optional(out_channels_) : std::nullopt, weight.data.dtype()};
    const Settings& set = settings_;
    if (set.forward == Pass::gather)
        return from_convolution(
            shapes, {.stride = set.stride, .padding = set.padding, .dilation = set.dilation, .groups = set.groups});
    return from_pytorch(shapes, {.stride = set.stride,
                                 .padding = set.padding,
                                 .output_padding = output_size.empty() ? set.output_padding : Sizes{},
                                 .dilation = set.dilation,
                                 .groups = set.groups,
                                 .output_size = output_size});
}

Problem ConvolutionLayer::problem_for(const Shape& input, const Sizes& output_size) const {
    return try_problem(input, output_size).value();
}

void ConvolutionLayer::learn_channels(const Tensor& x) {
    const Tensor weight_before = weight.data, bias_before = bias ? bias->data : Tensor();
    try {
        if (!is_made(weight)) {
            weight.data = zeros(expected_weights(x.shape(-settings_.rank - 1), kernel_size_), x.dtype());
            fill_weight();
        }
        if (bias && bias->data.elements() == 0) {
            bias->data = zeros({out_channels_}, weight.data.dtype());
            fill_bias();
        }
    } catch (...) {  // an initialiser that refuses leaves the layer as lazy as it was
        weight.data = weight_before;
        if (bias) bias->data = bias_before;
        throw;
    }
    in_channels_ = x.shape(-settings_.rank - 1);
}

Tensor ConvolutionLayer::forward(const Tensor& x, const Sizes& output_size) {
    if (is_lazy()) {
        static_cast<void>(problem_for(x.shape(), output_size));  // an input that does not fit teaches nothing
        learn_channels(x);
    }
    return std::as_const(*this).forward(x, output_size);
}

autograd::Variable ConvolutionLayer::forward(const autograd::Variable& x, const Sizes& output_size) {
    if (is_lazy()) {
        static_cast<void>(problem_for(x.shape(), output_size));  // an input that does not fit teaches nothing
        learn_channels(x.data());
    }
    const Problem problem = problem_for(x.shape(), output_size);
    check_type("the input", x.dtype(), weight.data.dtype());
    if (!bias) return autograd::convolution(problem, settings_.forward, x, weight.variable(), nullptr, plans_);
    const autograd::Variable b = bias->variable();
    return autograd::convolution(problem, settings_.forward, x, weight.variable(), &b, plans_);
}

Tensor ConvolutionLayer::forward(const Tensor& x, const Sizes& output_size) const {
    if (is_lazy())
        fail(
            "this layer does not know its input channels yet and, being const, cannot learn them; give in_channels, "
            "or call the layer once where it is not const");
    const Problem problem = problem_for(x.shape(), output_size);
    check_type("the input", x.dtype(), weight.data.dtype());
    const auto pass = settings_.forward == Pass::scatter ? tconv::scatter : tconv::gather;
    return pass(problem, x, weight.data, bias ? &bias->data : nullptr, nullptr, {}).value();
}

// The output's shape tells which output_size the forward pass was asked for.
Problem ConvolutionLayer::problem_of_gradient(const Tensor& x, const Tensor& output_grad) const {
    const bool is_transposed = settings_.forward == Pass::scatter;
    const auto output_shape = [&](const Problem& problem) {
        return as_batched(is_transposed ? fine_shape(problem) : coarse_shape(problem), x.rank() == settings_.rank + 2);
    };
    const Result<Problem> usual = try_problem(x.shape(), {});
    if (usual && output_shape(*usual) == output_grad.shape()) return *usual;
    if (is_transposed && output_grad.rank() == x.rank()) {
        const Result<Problem> asked = try_problem(x.shape(), output_grad.shape());
        if (asked && output_shape(*asked) == output_grad.shape()) return *asked;
    }
    if (!usual) throw BadResult(usual.error());
    fail("output_grad has shape " + to_string(output_grad.shape()) + ", but for an input of shape " +
         to_string(x.shape()) + " the output has shape " + to_string(output_shape(*usual)) +
         "; give the gradient of this layer's output");
}

Gradients ConvolutionLayer::backward(const Tensor& x, const Tensor& output_grad) const {
    if (is_lazy()) fail("this layer does not know its input channels yet; call it once before backward()");
    Problem problem = problem_of_gradient(x, output_grad);
    problem.has_bias = false;  // the gradients do not depend on it
    check_type("the input", x.dtype(), weight.data.dtype());
    check_type("output_grad", output_grad.dtype(), weight.data.dtype());
    const bool is_transposed = settings_.forward == Pass::scatter;
    const auto opposite = is_transposed ? tconv::gather : tconv::scatter;
    Gradients gradients;
    gradients.input_grad = opposite(problem, output_grad, weight.data, nullptr, nullptr, {}).value();
    if (weight.requires_grad)
        gradients.weight_grad =
            weight_grad(problem, is_transposed ? x : output_grad, is_transposed ? output_grad : x).value();
    if (bias && bias->requires_grad) gradients.bias_grad = bias_grad(problem, settings_.forward, output_grad).value();
    return gradients;
}

}  // namespace tconv::nn
