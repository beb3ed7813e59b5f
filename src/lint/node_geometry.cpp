#include "lint/node_geometry.h"

#include <algorithm>

#include "tconv/geometry.h"
#include "tconv/sizes.h"

namespace tconv::lint {
namespace {

// Calls make(input shape) with the sizes that are known, and for those that are not with one example after the other
// until one is accepted.
template <class Make>
Result<NodeGeometry> with_sizes(const Sizes& weights, const Sizes& input, std::int64_t channels, bool has_bias,
                                Make make) {
    Sizes shape(weights.size(), -1);
    if (input.size() == weights.size()) shape = input;
    shape[1] = channels;
    if (shape[0] < 0) shape[0] = 1;
    const bool is_known = std::all_of(shape.begin() + 2, shape.end(), [](std::int64_t size) { return size >= 0; });
    Result<Problem> problem = Error{};
    for (const std::int64_t example : {16, 64, 256, 4096}) {
        Sizes filled = shape;
        std::replace(filled.begin(), filled.end(), std::int64_t{-1}, example);
        problem = make(filled);
        if (problem || is_known) break;
    }
    if (!problem) return problem.error();
    problem->has_bias = has_bias;
    return NodeGeometry{*problem, is_known};
}

Error no_axes(const Sizes& weights) {
    return {ErrorCode::unsupported, "weights with " + std::to_string(weights.size()) +
                                        " axes are not those of a convolution in 1 to 3 dimensions"};
}

// SAME of a convolution: out = ceil(in / stride); the odd row at the end for SAME_UPPER.
Sizes same_pads(const Sizes& input, const Sizes& weights, const Sizes& strides, const Sizes& dilations, bool upper) {
    const std::size_t rank = weights.size() - 2;
    Sizes pads(2 * rank);
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t s = strides.empty() ? 1 : strides[i], d = dilations.empty() ? 1 : dilations[i];
        const std::int64_t extent = d * (weights[i + 2] - 1) + 1;
        const std::int64_t total =
            std::max<std::int64_t>(0, (ceil_div(input[i + 2], s) - 1) * s + extent - input[i + 2]);
        pads[i] = upper ? total / 2 : total - total / 2;
        pads[rank + i] = total - pads[i];
    }
    return pads;
}

// Numbers that cannot overflow what follows.
bool are_small(const Sizes& values) {
    constexpr std::int64_t kMost = std::int64_t{1} << 28;
    return std::all_of(values.begin(), values.end(), [](std::int64_t v) { return v >= 0 && v <= kMost; });
}

}  // namespace

Sizes integers(const onnx::Node& node, std::string_view name) {
    const onnx::Attribute* attribute = node.attribute(name);
    return attribute != nullptr ? attribute->ints : Sizes();
}

std::int64_t integer(const onnx::Node& node, std::string_view name, std::int64_t otherwise) {
    const onnx::Attribute* attribute = node.attribute(name);
    return attribute != nullptr ? attribute->i : otherwise;
}

std::string text(const onnx::Node& node, std::string_view name, std::string_view otherwise) {
    const onnx::Attribute* attribute = node.attribute(name);
    return std::string(attribute != nullptr ? attribute->s : otherwise);
}

Result<NodeGeometry> transposed_geometry(const onnx::Node& node, const Sizes& weights, const Sizes& input,
                                         bool has_bias, DType dtype) {
    if (weights.size() < 3 || weights.size() > 5) return no_axes(weights);
    const OnnxTerms terms{.strides = integers(node, "strides"),
                          .pads = integers(node, "pads"),
                          .output_padding = integers(node, "output_padding"),
                          .dilations = integers(node, "dilations"),
                          .group = integer(node, "group", 1),
                          .output_shape = integers(node, "output_shape"),
                          .kernel_shape = integers(node, "kernel_shape"),
                          .auto_pad = text(node, "auto_pad", "NOTSET")};
    return with_sizes(weights, input, weights[0], has_bias, [&](const Sizes& shape) {
        return from_onnx({.input = shape, .weights = weights, .bias_length = {}, .dtype = dtype}, terms);
    });
}

Result<NodeGeometry> convolution_geometry(const onnx::Node& node, const Sizes& weights, const Sizes& input,
                                          bool has_bias, DType dtype) {
    if (weights.size() < 3 || weights.size() > 5) return no_axes(weights);
    const std::size_t rank = weights.size() - 2;
    const std::string auto_pad = text(node, "auto_pad", "NOTSET");
    ConvTerms terms{.stride = integers(node, "strides"),
                    .padding = {},
                    .pads = integers(node, "pads"),
                    .dilation = integers(node, "dilations"),
                    .groups = integer(node, "group", 1)};
    const bool is_same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
    if (auto_pad == "VALID") terms.pads.clear();
    const Sizes kernel(weights.begin() + 2, weights.end());
    if (is_same && (!are_small(terms.stride) || !are_small(terms.dilation) || !are_small(kernel) ||
                    (!terms.stride.empty() && terms.stride.size() != rank) ||
                    (!terms.dilation.empty() && terms.dilation.size() != rank) ||
                    std::find(terms.stride.begin(), terms.stride.end(), 0) != terms.stride.end()))
        return Error{ErrorCode::invalid_argument, "strides, dilations or the kernel are out of bounds"};
    if (terms.groups < 1 || weights[1] < 0 || weights[1] > (std::int64_t{1} << 40) / terms.groups)
        return Error{ErrorCode::invalid_argument,
                     "group " + std::to_string(terms.groups) + " does not go with the weights"};
    return with_sizes(weights, input, weights[1] * terms.groups, has_bias, [&](const Sizes& shape) {
        ConvTerms filled = terms;
        const Sizes sizes(shape.begin() + 2, shape.end());
        if (is_same && are_small(sizes))
            filled.pads = same_pads(shape, weights, terms.stride, terms.dilation, auto_pad == "SAME_UPPER");
        return from_convolution({.input = shape, .weights = weights, .bias_length = {}, .dtype = dtype}, filled);
    });
}

bool is_uneven(const onnx::Node& node, std::span<const std::int64_t> kernel) {
    const Sizes strides = integers(node, "strides"), dilations = integers(node, "dilations");
    for (std::size_t i = 0; i < kernel.size(); ++i) {
        const std::int64_t s = i < strides.size() ? strides[i] : 1, d = i < dilations.size() ? dilations[i] : 1;
        if (kernel[i] < 1 || s < 1 || d < 1) return false;
        if (evenness_of(kernel[i], s, d) != Evenness::even) return true;
    }
    return false;
}

}  // namespace tconv::lint
