// Shapes: the sizes of a graph's values, as far as they follow from what the file says of its inputs and intermediate
// values and from operators that keep or change sizes in a simple way. -1 is an unknown size; a value that is not in
// the table is unknown altogether. Nothing is executed.
#pragma once

#include <map>
#include <string_view>

#include "onnx/graph_view.h"
#include "onnx/tensor.h"
#include "tconv/frameworks.h"

namespace tconv::lint {

class Shapes {
public:
    /// `outer`: of the graph around, or null. `example` (where it is not 0) stands for unknown spatial sizes of the
    /// graph's inputs, and 1 for their batch.
    Shapes(const onnx::Model& model, const onnx::GraphView& view, const Shapes* outer, std::int64_t example);

    /// (N, C, sizes...); empty: unknown.
    Sizes of(std::string_view name) const;

private:
    void infer(const onnx::Node& node);
    Sizes result_of(const onnx::Node& node) const;
    Sizes pooled(const onnx::Node& node) const;
    Sizes resized(const onnx::Node& node) const;
    Sizes concatenated(const onnx::Node& node) const;
    Sizes broadcast(const onnx::Node& node) const;
    void merge(std::string_view name, const Sizes& shape);

    const onnx::Model& model_;
    const onnx::GraphView& view_;
    const Shapes* outer_;
    std::map<std::string_view, Sizes> shapes_;
};

/// The factors by which a Resize or Upsample node enlarges, one per axis of its input; empty: not constant.
std::vector<double> resize_scales(const onnx::Model& model, const onnx::GraphView& view, const onnx::Node& node,
                                  const Sizes& input);

/// Operators that work value by value, or keep the sizes of their first input in another way.
bool keeps_sizes(const onnx::Node& node) noexcept;

}  // namespace tconv::lint
