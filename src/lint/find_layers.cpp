#include "lint/find_layers.h"

#include <algorithm>
#include <cmath>

#include "lint/flow.h"
#include "lint/node_geometry.h"
#include "lint/words.h"
#include "tconv/rewrite.h"

namespace tconv::lint {
namespace {

using onnx::is_op;
using onnx::Node;

constexpr std::int64_t kMostReadAgain = std::int64_t{1} << 26;  // numbers, of weights that layers share
constexpr std::int64_t kExampleSize = 256;                      // of a model's input, where its branches are to meet

std::string name_of(const Node& node) {
    return printable(!node.name.empty() ? node.name : !node.output(0).empty() ? node.output(0) : "(no name)");
}

bool has_stride(const Node& node) {
    const Sizes strides = integers(node, "strides");
    return std::any_of(strides.begin(), strides.end(), [](std::int64_t stride) { return stride > 1; });
}

DType dtype_of(const onnx::Tensor* weights) {
    return weights != nullptr && weights->type == onnx::kFloat64 ? DType::f64 : DType::f32;
}

// Whether nearest-neighbour enlarging by whole factors makes output o of input floor(o / factor), so that it repeats
// every value as often. (ONNX, Resize: the formulas of where it samples; "align_corners" depends on sizes.)
bool repeats_evenly(const Node& resize, const Sizes& factors) {
    if (is_op(resize, "Upsample")) return true;
    const std::string place = text(resize, "coordinate_transformation_mode", "half_pixel"),
                      round = text(resize, "nearest_mode", "round_prefer_floor");
    const auto source = [&](double o, double factor) {
        if (place == "asymmetric") return o / factor;
        if (place == "tf_half_pixel_for_nn") return (o + 0.5) / factor;
        return (o + 0.5) / factor - 0.5;
    };
    const auto rounded = [&](double at) {
        if (round == "floor") return std::floor(at);
        if (round == "ceil") return std::ceil(at);
        return round == "round_prefer_ceil" ? std::floor(at + 0.5) : std::ceil(at - 0.5);
    };
    if (place == "align_corners" || place == "tf_crop_and_resize") return false;
    return std::all_of(factors.begin(), factors.end(), [&](std::int64_t factor) {
        bool is_even = true;  // of the values of the second input, with neighbours on both sides
        for (std::int64_t o = factor; is_even && o < 2 * factor; ++o)
            is_even = rounded(source(static_cast<double>(o), static_cast<double>(factor))) == 1;
        return is_even;
    });
}

// Whole factors of the spatial axes; empty where they are not.
Sizes whole_factors(const std::vector<double>& scales) {
    Sizes factors;
    for (std::size_t i = 0; i < scales.size(); ++i) {
        const double scale = scales[i];
        if (!(scale >= 1 && scale <= 1024 && scale == std::floor(scale)) || (i < 2 && scale != 1)) return {};
        if (i >= 2) factors.push_back(static_cast<std::int64_t>(scale));
    }
    return factors;
}

}  // namespace

LayerFinder::LayerFinder(const onnx::Model& model, const ReadExternal& external)
    : model_(model), external_(external), views_(onnx::views_of(model)), reads_left_(kMostReadAgain) {
    shapes_.reserve(views_.size());
    examples_.reserve(views_.size());
    for (const onnx::GraphView& view : views_) {
        const std::ptrdiff_t parent = view.graph().parent;
        const auto around = [&](const std::vector<Shapes>& all) {
            return parent < 0 ? nullptr : &all[static_cast<std::size_t>(parent)];
        };
        shapes_.emplace_back(model, view, around(shapes_), 0);
        examples_.emplace_back(model, view, around(examples_), kExampleSize);
    }
}

std::optional<FoundLayer> LayerFinder::next() {
    for (; graph_ < views_.size(); ++graph_, node_ = 0)
        while (node_ < view().graph().nodes.size())
            if (auto found = look_at(view().graph().nodes[node_++])) return found;
    return {};
}

std::optional<FoundLayer> LayerFinder::look_at(const Node& node) {
    if (is_op(node, "ConvTranspose")) return transposed(node);
    if (is_op(node, "Conv") && has_stride(node)) return convolution(node);
    if (is_op(node, "DepthToSpace")) return sub_pixel(node);
    if (is_op(node, "Resize") || is_op(node, "Upsample")) return resized(node);
    return {};
}

FoundLayer LayerFinder::start(const Node& node, std::string op) const {
    FoundLayer found;
    found.subject.node.name = name_of(node);
    found.subject.node.op = std::move(op);
    found.subject.node.output = printable(node.output(0));
    found.graph = graph_;
    found.node = &node;
    found.weights = view().constant(node.input(1));
    if (found.weights == nullptr)
        found.reason = "its weights are computed by the model, not stored; a constant is needed";
    else if (onnx::element_count(*found.weights) < 0)
        found.reason = "its weights have a shape that is none";
    return found;
}

void LayerFinder::read_weights(FoundLayer& found) {
    if (!read_.insert(found.weights).second) reads_left_ -= onnx::element_count(*found.weights);
    if (reads_left_ < 0) {
        found.subject.node.weights = "the same weights are used by so many layers that they are not read again";
        return;
    }
    auto values = onnx::read_numbers(model_, *found.weights, external_);
    if (values && values->empty())
        found.subject.node.weights = "there are none";
    else if (!values)
        found.subject.node.weights = values.error().message;
    else
        found.subject.values = std::move(*values);
}

std::vector<double> LayerFinder::numbers(const onnx::Tensor* tensor) const {
    if (tensor == nullptr) return {};
    auto read = onnx::read_numbers(model_, *tensor, external_);
    return read ? std::move(*read) : std::vector<double>();
}

std::optional<FoundLayer> LayerFinder::transposed(const Node& node) {
    FoundLayer found = start(node, "ConvTranspose");
    if (!found.reason.empty()) return found;
    const auto geometry = transposed_geometry(node, found.weights->dims, shapes_[graph_].of(node.input(0)),
                                              !node.input(2).empty(), dtype_of(found.weights));
    if (!geometry) {
        found.reason = geometry.error().message;
        return found;
    }
    Subject& subject = found.subject;
    subject.node.kind = Kind::transposed;
    subject.node.problem = geometry->problem;
    subject.node.sizes_are_known = geometry->sizes_are_known;
    const std::string auto_pad = text(node, "auto_pad", "NOTSET");
    const bool has_output_shape = node.attribute("output_shape") != nullptr;
    subject.is_same = auto_pad.starts_with("SAME") || (has_output_shape && geometry->sizes_are_known);
    subject.auto_pad = has_output_shape ? "output_shape" : "auto_pad " + printable(auto_pad);
    subject.is_summed = is_summed(view(), node);
    subject.upstream = uneven_upstream(view(), node);
    subject.unmet = unmet_branches(view(), shapes_[graph_], node, 0);
    if (subject.unmet.empty()) subject.unmet = unmet_branches(view(), examples_[graph_], node, kExampleSize);
    read_weights(found);
    return found;
}

std::optional<FoundLayer> LayerFinder::convolution(const Node& node) {
    FoundLayer found = start(node, "Conv");
    if (!found.reason.empty()) return found;
    const auto geometry = convolution_geometry(node, found.weights->dims, shapes_[graph_].of(node.input(0)),
                                               !node.input(2).empty(), dtype_of(found.weights));
    if (!geometry) {
        found.reason = geometry.error().message;
        return found;
    }
    found.subject.node.kind = Kind::convolution;
    found.subject.node.problem = geometry->problem;
    found.subject.node.sizes_are_known = geometry->sizes_are_known;
    read_weights(found);
    return found;
}

std::optional<FoundLayer> LayerFinder::sub_pixel(const Node& depth_to_space) {
    const Node* conv = view().producer(depth_to_space.input(0));
    if (conv == nullptr || !is_op(*conv, "Conv")) return {};
    FoundLayer found = start(*conv, "Conv + DepthToSpace");
    found.subject.node.output = printable(depth_to_space.output(0));
    if (!found.reason.empty()) return found;
    const auto geometry = convolution_geometry(*conv, found.weights->dims, shapes_[graph_].of(conv->input(0)),
                                               !conv->input(2).empty(), dtype_of(found.weights));
    const std::int64_t factor = integer(depth_to_space, "blocksize", 1);
    const bool is_crd = text(depth_to_space, "mode", "DCR") == "CRD";
    if (!geometry) found.reason = geometry.error().message;
    if (found.reason.empty() && geometry->problem.rank != 2) found.reason = "depth-to-space works on two spatial axes";
    if (!found.reason.empty()) return found;
    read_weights(found);
    if (found.subject.values.empty()) {
        found.reason = "its weights cannot be read: " + found.subject.node.weights;
        return found;
    }
    auto layer = checkerboard::from_sub_pixel(
        geometry->problem, found.subject.values, factor,
        is_crd ? checkerboard::PhaseOrder::column_row_depth : checkerboard::PhaseOrder::depth_column_row);
    if (!layer) {
        found.reason = layer.error().message;
        return found;
    }
    const std::vector<double> bias = numbers(view().constant(conv->input(2)));
    const std::int64_t phases = factor * factor, channels = layer->problem.fine_channels;
    if (static_cast<std::int64_t>(bias.size()) == phases * channels)
        for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t phase = 0; phase < phases; ++phase)
                found.subject.phase_bias.push_back(
                    bias[static_cast<std::size_t>(is_crd ? c * phases + phase : phase * channels + c)]);
    found.subject.node.kind = Kind::sub_pixel;
    found.subject.node.problem = layer->problem;
    found.subject.node.sizes_are_known = geometry->sizes_are_known;
    found.subject.values = std::move(layer->weights);
    return found;
}

std::optional<FoundLayer> LayerFinder::resized(const Node& resize) {
    const Node* conv = nullptr;
    for (const Node* user : view().consumers(resize.output(0)))
        if (conv == nullptr && is_op(*user, "Conv") && !has_stride(*user) && user->input(0) == resize.output(0))
            conv = user;
    if (conv == nullptr) return {};
    const std::string op = std::string(resize.op_type) + " + Conv";
    FoundLayer found = start(*conv, op);
    if (!found.reason.empty()) return found;
    const std::string mode = text(resize, "mode", "nearest");
    if (mode != "nearest") {
        found.reason =
            "enlarging by mode '" + printable(mode) + "' keeps constants constant, so there is nothing to judge";
        return found;
    }
    const Sizes shape = shapes_[graph_].of(resize.input(0));
    const Sizes factors = whole_factors(resize_scales(model_, view(), resize, shape));
    if (factors.size() + 2 != found.weights->dims.size() || !repeats_evenly(resize, factors)) {
        found.reason = "the enlargement repeats values unevenly, or by factors that are not constant whole numbers";
        return found;
    }
    Sizes enlarged = shape;
    for (std::size_t i = 0; i < factors.size() && shape.size() == factors.size() + 2; ++i)
        if (enlarged[i + 2] >= 0) enlarged[i + 2] *= factors[i];
    Result<NodeGeometry> geometry =
        convolution_geometry(*conv, found.weights->dims, enlarged, !conv->input(2).empty(), dtype_of(found.weights));
    if (geometry && !geometry->sizes_are_known) {  // an example that every factor divides
        Sizes example(found.weights->dims.size(), 1);
        for (std::size_t i = 0; i < factors.size(); ++i) example[i + 2] = 16 * factors[i];
        geometry =
            convolution_geometry(*conv, found.weights->dims, example, !conv->input(2).empty(), dtype_of(found.weights));
        if (geometry) geometry->sizes_are_known = false;
    }
    if (!geometry) {
        found.reason = geometry.error().message;
        return found;
    }
    read_weights(found);
    if (found.subject.values.empty()) {
        found.reason = "its weights cannot be read: " + found.subject.node.weights;
        return found;
    }
    auto layer = checkerboard::from_nearest_resize(geometry->problem, found.subject.values, factors);
    if (!layer) {
        found.reason = layer.error().message;
        return found;
    }
    found.subject.node.kind = Kind::resize;
    found.subject.node.problem = layer->problem;
    found.subject.node.sizes_are_known = geometry->sizes_are_known;
    found.subject.values = std::move(layer->weights);
    return found;
}

}  // namespace tconv::lint
