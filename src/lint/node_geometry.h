// A node's geometry: ONNX's attributes of ConvTranspose and Conv as a problem, through the translators of frameworks.h.
// Where the file does not tell the input's sizes, an example that the layer accepts stands for them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "onnx/graph_view.h"
#include "tconv/frameworks.h"

namespace tconv::lint {

struct NodeGeometry {
    Problem problem;
    bool sizes_are_known = true;
};

/// `weights`: (C_in, C_out / groups, kernel...); `input`: (N, C, sizes...), -1 unknown, empty where nothing is known.
Result<NodeGeometry> transposed_geometry(const onnx::Node& node, const Sizes& weights, const Sizes& input,
                                         bool has_bias, DType dtype);

/// `weights`: (C_out, C_in / groups, kernel...).
Result<NodeGeometry> convolution_geometry(const onnx::Node& node, const Sizes& weights, const Sizes& input,
                                          bool has_bias, DType dtype);

/// An attribute's integers or text; empty or `otherwise` where the node has it not.
///@{
Sizes integers(const onnx::Node& node, std::string_view name);
std::int64_t integer(const onnx::Node& node, std::string_view name, std::int64_t otherwise);
std::string text(const onnx::Node& node, std::string_view name, std::string_view otherwise);
///@}

/// Whether any axis of a ConvTranspose has uneven taps or holes; `kernel` is its weights' spatial sizes.
bool is_uneven(const onnx::Node& node, std::span<const std::int64_t> kernel);

}  // namespace tconv::lint
