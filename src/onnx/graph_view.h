// A graph view: one graph of a model with its names resolved: who makes a value, who uses it, which values are
// constant. A subgraph sees the names of the graphs around it.
#pragma once

#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "onnx/model.h"

namespace tconv::onnx {

class GraphView {
public:
    GraphView(const Model& model, std::size_t number, const GraphView* outer);

    const Graph& graph() const noexcept { return *graph_; }
    std::size_t number() const noexcept { return number_; }

    /// The node of this graph whose output it is; null for inputs, constants and outer names.
    const Node* producer(std::string_view name) const noexcept;
    /// The nodes of this graph that read it.
    std::span<const Node* const> consumers(std::string_view name) const noexcept;
    /// The tensor of an initializer or a Constant node, through Identity, here or in a graph around; null: not
    /// constant.
    const Tensor* constant(std::string_view name) const noexcept;
    /// What the file says of a value's shape, here or around; null: nothing.
    const ValueInfo* value_info(std::string_view name) const noexcept;

private:
    const Tensor* own_constant(std::string_view name) const noexcept;

    const Graph* graph_;
    const GraphView* outer_;
    std::size_t number_;
    std::map<std::string_view, const Node*> producers_;
    std::map<std::string_view, std::vector<const Node*>> consumers_;
    std::map<std::string_view, const Tensor*> initializers_;
    std::map<std::string_view, const ValueInfo*> infos_;
};

/// Views of all graphs, in the model's order.
std::vector<GraphView> views_of(const Model& model);

/// Whether an operator is ONNX's own, of this type.
inline bool is_op(const Node& node, std::string_view type) noexcept {
    return node.op_type == type && (node.domain.empty() || node.domain == "ai.onnx");
}

}  // namespace tconv::onnx
