// Flow: what stands before and behind a layer in its graph: uneven layers in front, additions behind, and branches that
// do not meet. Every walk ends after a bounded number of nodes.
#pragma once

#include <string>
#include <vector>

#include "lint/shapes.h"
#include "lint/subject.h"

namespace tconv::lint {

/// Whether another branch is added to a layer's result, value-by-value operators in between notwithstanding.
bool is_summed(const onnx::GraphView& view, const onnx::Node& layer);

/// The uneven transposed convolutions that a layer's input comes from, through anything that keeps the sizes: value by
/// value, convolutions of stride 1, joins. The nearest first.
std::vector<Upstream> uneven_upstream(const onnx::GraphView& view, const onnx::Node& layer);

/// Sentences about additions and concatenations behind a layer whose inputs have different spatial sizes; `example` is
/// the size of the model's input where the file does not tell it, or 0.
std::vector<std::string> unmet_branches(const onnx::GraphView& view, const Shapes& shapes, const onnx::Node& layer,
                                        std::int64_t example);

}  // namespace tconv::lint
