#include "lint/flow.h"

#include <algorithm>
#include <set>
#include <span>

#include "lint/node_geometry.h"
#include "lint/words.h"

namespace tconv::lint {
namespace {

using onnx::is_op;
using onnx::Node;

constexpr std::size_t kMostNodes = 256;  // of one walk
constexpr std::size_t kMostInputs = 64;  // of a node, that are looked at

bool is_join(const Node& node) {
    return is_op(node, "Add") || is_op(node, "Sum") || is_op(node, "Sub") || is_op(node, "Mul") ||
           is_op(node, "Concat");
}

// Nodes behind a layer, reached through what works value by value; visit() says whether to go on behind one.
template <class Visit>
void walk_behind(const onnx::GraphView& view, const Node& layer, Visit visit) {
    std::vector<const Node*> waiting{&layer};
    std::set<const Node*> seen{&layer};
    while (!waiting.empty() && seen.size() < kMostNodes) {
        const Node* node = waiting.back();
        waiting.pop_back();
        for (const Node* user : view.consumers(node->output(0))) {
            if (seen.size() >= kMostNodes) return;
            if (seen.insert(user).second && visit(*user)) waiting.push_back(user);
        }
    }
}

std::span<const std::string_view> first_inputs(const Node& node) {
    return std::span(node.inputs).first(std::min(node.inputs.size(), kMostInputs));
}

bool adds_constant(const onnx::GraphView& view, const Node& node) {
    const auto inputs = first_inputs(node);
    return std::any_of(inputs.begin(), inputs.end(),
                       [&](std::string_view name) { return view.constant(name) != nullptr; });
}

bool keeps_phases(const Node& node) {
    if (keeps_sizes(node) || is_join(node)) return true;
    if (!is_op(node, "Conv")) return false;
    const Sizes strides = integers(node, "strides");
    return std::all_of(strides.begin(), strides.end(), [](std::int64_t stride) { return stride == 1; });
}

std::string size_text(const Sizes& shape) { return list_text(std::span(shape).subspan(2)); }

}  // namespace

bool is_summed(const onnx::GraphView& view, const Node& layer) {
    bool found = false;
    walk_behind(view, layer, [&](const Node& node) {
        if ((is_op(node, "Add") || is_op(node, "Sum")) && !adds_constant(view, node)) found = true;
        return !found && (keeps_sizes(node) || is_op(node, "Add") || is_op(node, "Mul"));
    });
    return found;
}

std::vector<Upstream> uneven_upstream(const onnx::GraphView& view, const Node& layer) {
    std::vector<Upstream> found;
    std::vector<const Node*> waiting{&layer}, next;
    std::set<const Node*> seen{&layer};
    while (!waiting.empty()) {
        next.clear();
        for (const Node* node : waiting)
            for (const std::string_view name : first_inputs(*node)) {
                const Node* before = view.producer(name);
                if (before == nullptr || seen.size() >= kMostNodes || !seen.insert(before).second) continue;
                if (is_op(*before, "ConvTranspose")) {
                    const onnx::Tensor* weights = view.constant(before->input(1));
                    if (weights != nullptr && weights->dims.size() > 2 &&
                        is_uneven(*before, std::span(weights->dims).subspan(2)))
                        found.push_back({printable(before->name.empty() ? before->output(0) : before->name),
                                         integers(*before, "strides")});
                    next.push_back(before);
                } else if (keeps_phases(*before)) {
                    next.push_back(before);
                }
            }
        waiting.swap(next);
    }
    return found;
}

std::vector<std::string> unmet_branches(const onnx::GraphView& view, const Shapes& shapes, const Node& layer,
                                        std::int64_t example) {
    std::vector<std::string> found;
    walk_behind(view, layer, [&](const Node& node) {
        if (!is_join(node)) return keeps_sizes(node);
        const bool broadcasts = !is_op(node, "Concat");
        Sizes first;
        for (const std::string_view name : first_inputs(node)) {
            const Sizes shape = shapes.of(name);
            if (shape.size() < 3) continue;
            if (first.empty()) first = shape;
            bool meets = shape.size() == first.size();
            for (std::size_t i = 2; meets && i < shape.size(); ++i)
                meets = shape[i] == first[i] || shape[i] < 0 || first[i] < 0 ||
                        (broadcasts && (shape[i] == 1 || first[i] == 1));
            if (meets) continue;
            found.push_back("its result meets another branch at '" +
                            printable(node.name.empty() ? node.output(0) : node.name) + "' (" +
                            std::string(printable(node.op_type)) + "), where sizes " + size_text(first) + " and " +
                            size_text(shape) + " do not agree" +
                            (example > 0 ? " (for a model input of size " + std::to_string(example) + ")." : "."));
            break;
        }
        return false;
    });
    return found;
}

}  // namespace tconv::lint
