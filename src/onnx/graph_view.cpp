#include "onnx/graph_view.h"

namespace tconv::onnx {
namespace {

template <class Map>
auto found_in(const Map& map, std::string_view name) noexcept -> typename Map::mapped_type {
    const auto at = map.find(name);
    return at == map.end() ? nullptr : at->second;
}

}  // namespace

GraphView::GraphView(const Model& model, std::size_t number, const GraphView* outer)
    : graph_(&model.graphs[number]), outer_(outer), number_(number) {
    for (const Tensor& tensor : graph_->initializers) initializers_.emplace(tensor.name, &tensor);
    for (const Node& node : graph_->nodes) {
        for (const std::string_view name : node.outputs)
            if (!name.empty()) producers_.emplace(name, &node);
        for (const std::string_view name : node.inputs) {
            if (name.empty()) continue;
            std::vector<const Node*>& users = consumers_[name];
            if (users.empty() || users.back() != &node) users.push_back(&node);
        }
    }
    for (const auto* infos : {&graph_->inputs, &graph_->outputs, &graph_->values})
        for (const ValueInfo& info : *infos)
            if (info.has_shape) infos_.emplace(info.name, &info);
}

const Node* GraphView::producer(std::string_view name) const noexcept { return found_in(producers_, name); }

std::span<const Node* const> GraphView::consumers(std::string_view name) const noexcept {
    const auto at = consumers_.find(name);
    return at == consumers_.end() ? std::span<const Node* const>() : at->second;
}

const Tensor* GraphView::own_constant(std::string_view name) const noexcept {
    if (const Tensor* tensor = found_in(initializers_, name)) return tensor;
    const Node* node = producer(name);
    if (node == nullptr || !is_op(*node, "Constant")) return nullptr;
    const Attribute* value = node->attribute("value");
    return value != nullptr && value->tensor ? &*value->tensor : nullptr;
}

const Tensor* GraphView::constant(std::string_view name) const noexcept {
    constexpr int kMostSteps = 16;  // a hostile file may have Identity nodes in a circle
    for (int step = 0; step < kMostSteps; ++step) {
        if (const Tensor* tensor = own_constant(name)) return tensor;
        const Node* node = producer(name);
        if (node == nullptr) return outer_ != nullptr ? outer_->constant(name) : nullptr;
        if (!is_op(*node, "Identity")) return nullptr;
        name = node->input(0);
    }
    return nullptr;
}

const ValueInfo* GraphView::value_info(std::string_view name) const noexcept {
    if (const ValueInfo* info = found_in(infos_, name)) return info;
    return outer_ != nullptr && producer(name) == nullptr ? outer_->value_info(name) : nullptr;
}

std::vector<GraphView> views_of(const Model& model) {
    std::vector<GraphView> views;
    views.reserve(model.graphs.size());  // views point at each other
    for (std::size_t number = 0; number < model.graphs.size(); ++number) {
        const std::ptrdiff_t parent = model.graphs[number].parent;
        views.emplace_back(model, number, parent < 0 ? nullptr : &views[static_cast<std::size_t>(parent)]);
    }
    return views;
}

}  // namespace tconv::onnx
