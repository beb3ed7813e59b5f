#include "lint/shapes.h"

#include <algorithm>
#include <cmath>

#include "lint/node_geometry.h"
#include "tconv/geometry.h"

namespace tconv::lint {
namespace {

using onnx::is_op;

constexpr std::int64_t kMostSize = std::int64_t{1} << 40;

constexpr std::string_view kKeepSizes[] = {"Relu",
                                           "LeakyRelu",
                                           "PRelu",
                                           "Elu",
                                           "Selu",
                                           "Celu",
                                           "ThresholdedRelu",
                                           "Sigmoid",
                                           "HardSigmoid",
                                           "HardSwish",
                                           "Tanh",
                                           "Softplus",
                                           "Softsign",
                                           "Mish",
                                           "Gelu",
                                           "Swish",
                                           "Clip",
                                           "Erf",
                                           "Exp",
                                           "Log",
                                           "Sqrt",
                                           "Abs",
                                           "Neg",
                                           "Sin",
                                           "Cos",
                                           "Identity",
                                           "Dropout",
                                           "Cast",
                                           "BatchNormalization",
                                           "InstanceNormalization",
                                           "GroupNormalization",
                                           "LayerNormalization",
                                           "LRN",
                                           "QuantizeLinear",
                                           "DequantizeLinear",
                                           "Round",
                                           "Floor",
                                           "Ceil"};

bool is_binary(const onnx::Node& node) noexcept {
    return is_op(node, "Add") || is_op(node, "Sub") || is_op(node, "Mul") || is_op(node, "Div") || is_op(node, "Sum") ||
           is_op(node, "Max") || is_op(node, "Min") || is_op(node, "Pow");
}

Sizes spatial_of(const Problem& problem, bool is_fine) {
    Sizes sizes;
    for (const Axis& axis : problem.spatial()) sizes.push_back(is_fine ? axis.fine : axis.coarse);
    return sizes;
}

}  // namespace

bool keeps_sizes(const onnx::Node& node) noexcept {
    return (node.domain.empty() || node.domain == "ai.onnx") &&
           std::find(std::begin(kKeepSizes), std::end(kKeepSizes), node.op_type) != std::end(kKeepSizes);
}

std::vector<double> resize_scales(const onnx::Model& model, const onnx::GraphView& view, const onnx::Node& node,
                                  const Sizes& input) {
    const auto numbers = [&](std::string_view name) {
        const onnx::Tensor* tensor = view.constant(name);
        if (tensor == nullptr || onnx::element_count(*tensor) > 16) return std::vector<double>();
        auto read = onnx::read_numbers(model, *tensor, {});
        return read ? *read : std::vector<double>();
    };
    if (is_op(node, "Upsample")) {
        if (const onnx::Attribute* scales = node.attribute("scales"))  // opset 7
            return {scales->floats.begin(), scales->floats.end()};
        return numbers(node.input(1));
    }
    // Resize-10 has (X, scales); from 11 on (X, roi, scales, sizes).
    std::vector<double> scales = numbers(node.inputs.size() == 2 ? node.input(1) : node.input(2));
    if (!scales.empty()) return scales;
    const std::vector<double> sizes = numbers(node.input(3));
    if (sizes.size() != input.size() || sizes.empty()) return {};
    for (std::size_t i = 0; i < sizes.size(); ++i)
        scales.push_back(i < 2 && input[i] < 0 ? 1 : sizes[i] / static_cast<double>(input[i]));
    return std::any_of(scales.begin(), scales.end(), [](double scale) { return !(scale > 0); }) ? std::vector<double>()
                                                                                                : scales;
}

Shapes::Shapes(const onnx::Model& model, const onnx::GraphView& view, const Shapes* outer, std::int64_t example)
    : model_(model), view_(view), outer_(outer) {
    for (const auto* infos : {&view.graph().values, &view.graph().outputs, &view.graph().inputs})
        for (const onnx::ValueInfo& info : *infos)
            if (info.has_shape && info.dims.size() <= 5) merge(info.name, info.dims);
    if (example > 0)
        for (const onnx::ValueInfo& info : view.graph().inputs) {
            if (!info.has_shape || info.dims.size() < 3 || info.dims.size() > 5) continue;
            Sizes& shape = shapes_[info.name];
            for (std::size_t i = 0; i < shape.size(); ++i)
                if (shape[i] < 0 && i != 1) shape[i] = i == 0 ? 1 : example;
        }
    for (const onnx::Node& node : view.graph().nodes) infer(node);
}

Sizes Shapes::of(std::string_view name) const {
    const auto at = shapes_.find(name);
    if (at != shapes_.end()) return at->second;
    return outer_ != nullptr && view_.producer(name) == nullptr ? outer_->of(name) : Sizes();
}

// What is known stays; what was not is filled in.
void Shapes::merge(std::string_view name, const Sizes& shape) {
    if (shape.empty() || name.empty()) return;
    for (const std::int64_t size : shape)
        if (size > kMostSize) return;
    const auto [at, is_new] = shapes_.emplace(name, shape);
    if (is_new || at->second.size() != shape.size()) return;
    for (std::size_t i = 0; i < shape.size(); ++i)
        if (at->second[i] < 0) at->second[i] = shape[i];
}

void Shapes::infer(const onnx::Node& node) { merge(node.output(0), result_of(node)); }

Sizes Shapes::result_of(const onnx::Node& node) const {
    if (keeps_sizes(node)) return of(node.input(0));
    if (is_binary(node)) return broadcast(node);
    if (is_op(node, "Concat")) return concatenated(node);
    if (is_op(node, "MaxPool") || is_op(node, "AveragePool") || is_op(node, "LpPool")) return pooled(node);
    if (is_op(node, "Resize") || is_op(node, "Upsample")) return resized(node);
    Sizes shape = of(node.input(0));
    if (is_op(node, "DepthToSpace") && shape.size() == 4) {
        const std::int64_t block = integer(node, "blocksize", 1);
        if (block < 1 || block > 4096) return {};
        if (shape[1] >= 0) shape[1] /= block * block;
        for (std::size_t i : {2U, 3U})
            if (shape[i] >= 0) shape[i] *= block;
        return shape;
    }
    const bool is_transposed = is_op(node, "ConvTranspose");
    if (!is_transposed && !is_op(node, "Conv")) return {};
    const onnx::Tensor* weights = view_.constant(node.input(1));
    if (weights == nullptr || shape.size() != weights->dims.size()) return {};
    const auto geometry = is_transposed ? transposed_geometry(node, weights->dims, shape, false, DType::f32)
                                        : convolution_geometry(node, weights->dims, shape, false, DType::f32);
    if (!geometry) return {};
    const Sizes sizes = spatial_of(geometry->problem, is_transposed);
    for (std::size_t i = 0; i < sizes.size(); ++i) shape[i + 2] = shape[i + 2] < 0 ? -1 : sizes[i];
    shape[1] = is_transposed ? geometry->problem.fine_channels : geometry->problem.coarse_channels;
    return shape;
}

Sizes Shapes::pooled(const onnx::Node& node) const {
    Sizes shape = of(node.input(0));
    const Sizes kernel = integers(node, "kernel_shape"), strides = integers(node, "strides"),
                pads = integers(node, "pads"), dilations = integers(node, "dilations");
    if (shape.size() < 3 || kernel.size() + 2 != shape.size()) return {};
    const std::size_t rank = kernel.size();
    const std::string auto_pad = text(node, "auto_pad", "NOTSET");
    for (std::size_t i = 0; i < rank; ++i) {
        std::int64_t& size = shape[i + 2];
        if (size < 0) continue;
        const std::int64_t s = i < strides.size() ? strides[i] : 1, d = i < dilations.size() ? dilations[i] : 1;
        const std::int64_t pad = pads.size() == 2 * rank ? pads[i] + pads[rank + i] : 0;
        if (s < 1 || s > kMostSize || d < 1 || d > 4096 || kernel[i] < 1 || kernel[i] > 65536 || pad < 0 ||
            pad > kMostSize)
            return {};
        const std::int64_t extent = d * (kernel[i] - 1) + 1, room = size + pad - extent;
        if (auto_pad.starts_with("SAME"))
            size = ceil_div(size, s);
        else
            size = (integer(node, "ceil_mode", 0) != 0 ? ceil_div(room, s) : floor_div(room, s)) + 1;
        if (size < 1) return {};
    }
    return shape;
}

Sizes Shapes::resized(const onnx::Node& node) const {
    Sizes shape = of(node.input(0));
    const std::vector<double> scales = resize_scales(model_, view_, node, shape);
    if (shape.empty() || scales.size() != shape.size()) return {};
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] < 0) continue;
        const double size = std::floor(static_cast<double>(shape[i]) * scales[i] + 1e-9);
        if (!(size >= 0 && size < static_cast<double>(kMostSize))) return {};
        shape[i] = static_cast<std::int64_t>(size);
    }
    return shape;
}

Sizes Shapes::concatenated(const onnx::Node& node) const {
    Sizes shape = of(node.input(0));
    std::int64_t axis = integer(node, "axis", 1);
    if (axis < 0) axis += static_cast<std::int64_t>(shape.size());
    if (axis < 0 || axis >= static_cast<std::int64_t>(shape.size())) return {};
    for (std::size_t i = 1; i < node.inputs.size(); ++i) {
        const Sizes other = of(node.inputs[i]);
        std::int64_t& joined = shape[static_cast<std::size_t>(axis)];
        const std::int64_t more = other.size() == shape.size() ? other[static_cast<std::size_t>(axis)] : -1;
        joined = joined < 0 || more < 0 || joined > kMostSize ? -1 : joined + more;
    }
    return shape;
}

Sizes Shapes::broadcast(const onnx::Node& node) const {
    Sizes result;
    for (const std::string_view name : node.inputs) {
        Sizes shape = of(name);
        if (shape.empty()) {
            if (const onnx::Tensor* constant = view_.constant(name); constant != nullptr && constant->dims.size() <= 5)
                shape = constant->dims;
            else
                return {};
        }
        if (shape.size() > result.size()) result.insert(result.begin(), shape.size() - result.size(), 1);
        const std::size_t lead = result.size() - shape.size();
        for (std::size_t i = 0; i < shape.size(); ++i) {
            std::int64_t& size = result[lead + i];
            if (size == 1 || (size < 0 && shape[i] > 1)) size = shape[i];
        }
    }
    return result;
}

}  // namespace tconv::lint
