#include "tconv/fix.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "lint/find_layers.h"
#include "lint/node_geometry.h"
#include "lint/words.h"
#include "onnx/edit.h"

namespace tconv::lint {
namespace {

using onnx::Edit;

Error refuse(std::string sentence) { return {ErrorCode::invalid_argument, std::move(sentence)}; }

// epsilon that the rounding of stored weights leaves behind.
double rounding_of(std::int32_t type) { return type == onnx::kFloat64 ? 1e-11 : type == onnx::kFloat32 ? 1e-5 : 5e-3; }

double epsilon_of(const checkerboard::Layer& layer) {
    const auto measures = checkerboard::measure(layer.problem, layer.weights);
    return measures ? measures->epsilon : 1;
}

// A layer on the way through its repairs.
struct Work {
    FixedNode node;
    checkerboard::Layer layer;
};

// Whether a repair has nothing to do.
bool is_needless(Repair repair, const checkerboard::Layer& layer, std::int32_t type) {
    if (repair == Repair::embed_even) return checkerboard::structure_of(layer.problem).evenness == Evenness::even;
    return epsilon_of(layer) <= rounding_of(type);
}

Result<void> apply(Repair repair, const FixRequest& request, std::int32_t type, Work& work) {
    if (is_needless(repair, work.layer, type)) return {};
    const checkerboard::Layer& layer = work.layer;
    auto repaired = repair == Repair::embed_even ? checkerboard::embed_even(layer.problem, layer.weights)
                    : repair == Repair::project_dc
                        ? checkerboard::project_dc(layer.problem, layer.weights, request.target)
                        : checkerboard::blur(layer.problem, layer.weights);
    if (!repaired) return repaired.error();
    work.layer = std::move(repaired->layer);
    work.node.repairs.push_back(repair);
    return {};
}

class Fixer {
public:
    Fixer(const onnx::Model& model, const FixRequest& request, const ReadExternal& external)
        : model_(model), request_(request), finder_(model, external) {}

    Result<Fixed> run();

    /// Of the repaired layers, counted in the order of LayerFinder.
    const std::vector<std::size_t>& places() const noexcept { return places_; }

private:
    Result<void> consider(FoundLayer& found, Fixed& fixed);
    Result<FixedNode> repair(FoundLayer& found);
    void rewrite(const FoundLayer& found, const checkerboard::Layer& layer);
    std::string_view place_weights(const FoundLayer& found, const checkerboard::Layer& layer);
    bool can_be_replaced(const FoundLayer& found, std::string_view name) const;
    bool is_wanted(const std::string& name) const {
        return request_.nodes.empty() ||
               std::find(request_.nodes.begin(), request_.nodes.end(), name) != request_.nodes.end();
    }
    std::vector<std::byte>& appended_to(std::size_t graph) { return appended_[graph]; }

    const onnx::Model& model_;
    const FixRequest& request_;
    LayerFinder finder_;
    std::vector<Edit> edits_;
    std::map<std::size_t, std::vector<std::byte>> appended_;  // fields behind those of a graph
    std::map<std::string_view, int> copies_;                  // of a tensor, by its name
    std::vector<std::size_t> places_;                         // of the repaired layers among all
    std::set<std::string> new_names_;                         // stays in place: edits refer to them
};

// A tensor may be replaced where nothing but this one input reads it; otherwise the node gets one of its own.
bool Fixer::can_be_replaced(const FoundLayer& found, std::string_view name) const {
    const onnx::Graph& graph = model_.graphs[found.graph];
    if (found.weights->name != name || found.weights->range.size() == 0) return false;
    const std::less<> comes_before;  // of any two pointers
    const onnx::Tensor* const first = graph.initializers.data();
    const bool is_own =
        !comes_before(found.weights, first) && comes_before(found.weights, first + graph.initializers.size());
    if (!is_own) return false;
    std::size_t uses = 0;
    for (const onnx::GraphView& view : finder_.views()) {
        for (const onnx::Node* user : view.consumers(name)) {
            uses += static_cast<std::size_t>(std::count(user->inputs.begin(), user->inputs.end(), name));
            if (uses > 1) return false;
        }
        for (const auto* infos : {&view.graph().outputs, &view.graph().values})
            for (const onnx::ValueInfo& info : *infos) uses += info.name == name ? 2 : 0;
    }
    return uses == 1;
}

// Stores the weights and answers their name; empty where it stays.
std::string_view Fixer::place_weights(const FoundLayer& found, const checkerboard::Layer& layer) {
    const Problem& problem = layer.problem;
    Sizes dims{problem.coarse_channels, problem.fine_channels / problem.groups};
    for (const Axis& axis : problem.spatial()) dims.push_back(axis.kernel);
    const std::string_view name = found.node->input(1);
    const std::int32_t type = found.weights->type;
    const onnx::Graph& graph = model_.graphs[found.graph];
    if (can_be_replaced(found, name)) {
        edits_.push_back({found.weights->range, onnx::encode_tensor(name, type, dims, layer.weights)});
        for (const onnx::ValueInfo& info : graph.inputs)  // files of before 2019 list constants among the inputs
            if (info.name == name) edits_.push_back({info.range, onnx::encode_value_info(name, type, dims)});
        return {};
    }
    const auto is_taken = [&](const std::string& wanted) {
        return new_names_.contains(wanted) ||
               std::any_of(finder_.views().begin(), finder_.views().end(), [&](const onnx::GraphView& view) {
                   return view.producer(wanted) != nullptr || view.constant(wanted) != nullptr ||
                          !view.consumers(wanted).empty() || view.value_info(wanted) != nullptr;
               });
    };
    int& count = copies_[name];  // so that many layers of one tensor do not try the same names again
    std::string made;
    do made = std::string(name) + "_repaired" + (++count > 1 ? "_" + std::to_string(count) : "");
    while (is_taken(made));
    const std::string& kept = *new_names_.insert(made).first;
    onnx::put_bytes(appended_to(found.graph), 5, onnx::encode_tensor(kept, type, dims, layer.weights));
    constexpr std::int64_t kFirstWithoutInputs = 4;
    if (model_.ir_version < kFirstWithoutInputs && found.graph == 0)
        onnx::put_bytes(appended_to(found.graph), 11, onnx::encode_value_info(kept, type, dims));
    return kept;
}

void Fixer::rewrite(const FoundLayer& found, const checkerboard::Layer& layer) {
    Sizes kernel, begins, ends, output_padding;
    for (const Axis& axis : layer.problem.spatial()) {
        kernel.push_back(axis.kernel);
        begins.push_back(axis.padding_begin);
        ends.push_back(axis.padding_end);
        output_padding.push_back(axis.output_padding());
    }
    begins.insert(begins.end(), ends.begin(), ends.end());
    std::vector<std::vector<std::byte>> attributes{onnx::encode_ints("kernel_shape", kernel),
                                                   onnx::encode_ints("pads", begins)};
    if (std::any_of(output_padding.begin(), output_padding.end(), [](std::int64_t rows) { return rows != 0; }))
        attributes.push_back(onnx::encode_ints("output_padding", output_padding));
    constexpr std::string_view kWithout[] = {"kernel_shape", "pads", "output_padding", "auto_pad", "output_shape"};
    const std::string_view name = place_weights(found, layer);
    edits_.push_back({found.node->range, onnx::changed_node(model_, *found.node, kWithout, attributes, name)});
}

Result<FixedNode> Fixer::repair(FoundLayer& found) {
    if (!found.reason.empty()) return refuse(found.reason);
    const Subject& subject = found.subject;
    if (subject.values.empty()) return refuse("its weights were not read: " + subject.node.weights);
    const std::int32_t type = found.weights->type;
    if (type != onnx::kFloat16 && type != onnx::kFloat32 && type != onnx::kFloat64)
        return Error{ErrorCode::unsupported,
                     "its weights are of " + onnx::type_name(type) + ", but float16, float32 and float64 are written"};
    if (found.node->attribute("output_shape") != nullptr && !subject.node.sizes_are_known)
        return refuse(
            "its crop follows from output_shape and an input size that the file does not tell; write the pads as "
            "numbers first");
    Work work;
    work.node.name = subject.node.name;
    work.node.before = subject.node.problem;
    work.layer = {subject.node.problem, subject.values};
    if (auto ok = checkerboard::phase_gains(work.layer.problem, work.layer.weights); !ok) return ok.error();
    work.node.epsilon_before = epsilon_of(work.layer);
    for (const Repair repair : request_.repairs)
        if (auto ok = apply(repair, request_, type, work); !ok) return ok.error();
    if (work.node.repairs.empty()) return refuse("there is nothing for the repairs to do");
    for (double& weight : work.layer.weights) weight = onnx::rounded_to(type, weight);
    work.node.after = work.layer.problem;
    rewrite(found, work.layer);
    return std::move(work.node);
}

Result<void> Fixer::consider(FoundLayer& found, Fixed& fixed) {
    const std::string name = found.subject.node.name, op = found.subject.node.op;
    auto node = op == "ConvTranspose" ? repair(found) : refuse("only transposed convolutions are repaired");
    if (node) {
        fixed.nodes.push_back(std::move(*node));
        return {};
    }
    if (!request_.nodes.empty())
        return Error{node.error().code, "node '" + name + "' cannot be repaired: " + node.error().message};
    if (op == "ConvTranspose") fixed.skipped.push_back({name, op, node.error().message});
    return {};
}

Result<Fixed> Fixer::run() {
    Fixed fixed;
    fixed.external_files.assign(model_.external_files.begin(), model_.external_files.end());
    std::set<std::string> seen;
    for (std::size_t place = 0; auto found = finder_.next(); ++place) {
        const std::size_t before = fixed.nodes.size();
        if (!is_wanted(found->subject.node.name)) continue;
        seen.insert(found->subject.node.name);
        if (auto ok = consider(*found, fixed); !ok) return ok.error();
        if (fixed.nodes.size() > before) places_.push_back(place);
    }
    for (const std::string& name : request_.nodes)
        if (!seen.contains(name))
            return refuse("there is no transposed convolution named '" + printable(name) +
                          "'; `tconv lint` lists their names");
    for (auto& [graph, fields] : appended_) edits_.push_back({model_.graphs[graph].range, std::move(fields), true});
    auto file = onnx::apply_edits(model_.file, std::move(edits_));
    if (!file) return file.error();
    fixed.file = std::move(*file);
    return fixed;
}

// Both files' layers in their order; `places`: which of them were repaired. Names may occur twice.
Result<void> verify(const onnx::Model& before, const onnx::Model& after, const ReadExternal& external,
                    const std::vector<std::size_t>& places, Fixed& fixed) {
    LayerFinder old_layers(before, external), new_layers(after, external);
    auto next = fixed.nodes.begin();
    const auto failed = [&](const std::string& what) {
        return refuse("the repair of '" + next->name + "' did not hold: " + what +
                      "; nothing was written, please report it");
    };
    for (std::size_t place = 0;; ++place) {
        const auto was = old_layers.next();
        const auto is = new_layers.next();
        if (was.has_value() != is.has_value()) return refuse("the repaired model has other layers; please report it");
        if (!was || next == fixed.nodes.end()) break;
        if (place != places[static_cast<std::size_t>(next - fixed.nodes.begin())]) continue;
        if (!is->reason.empty() || is->subject.values.empty()) return failed("the layer cannot be read any more");
        const checkerboard::Layer old_layer{was->subject.node.problem, was->subject.values};
        const checkerboard::Layer new_layer{is->subject.node.problem, is->subject.values};
        const auto change = checkerboard::relative_change(old_layer, new_layer);
        if (!change) return failed("its sizes changed");
        const auto wanted = [&](Repair repair) {
            return std::find(next->repairs.begin(), next->repairs.end(), repair) != next->repairs.end();
        };
        next->relative_change = *change;
        next->gain_change = checkerboard::gain_change(old_layer, new_layer);
        next->is_same_function = *change == 0;
        next->epsilon_after = epsilon_of(new_layer);
        if (!wanted(Repair::project_dc) && !wanted(Repair::blur) && *change != 0) return failed("its function changed");
        if ((wanted(Repair::project_dc) || wanted(Repair::blur)) &&
            next->epsilon_after > rounding_of(is->weights->type))
            return failed("a pattern is left");
        ++next;
    }
    return next == fixed.nodes.end() ? Result<void>() : failed("the layer is gone");
}

}  // namespace

const char* to_string(Repair repair) noexcept {
    return repair == Repair::embed_even ? "R1" : repair == Repair::project_dc ? "R2" : "R4";
}

Result<Repair> parse_repair(std::string_view text) {
    for (const Repair repair : {Repair::embed_even, Repair::project_dc, Repair::blur})
        if (text == to_string(repair)) return repair;
    return refuse("'" + printable(text) + "' is no repair; use R1 (even taps), R2 (equal sums) or R4 (blur)");
}

Result<Fixed> fix_model(std::span<const std::byte> file, const FixRequest& request, const ReadExternal& external) {
    const auto model = onnx::decode_model(file);
    if (!model) return model.error();
    Fixer fixer(*model, request, external);
    auto fixed = fixer.run();
    if (!fixed || fixed->nodes.empty()) return fixed;
    const auto after = onnx::decode_model(fixed->file);
    if (!after) return after.error();
    if (auto ok = verify(*model, *after, external, fixer.places(), *fixed); !ok) return ok.error();
    return fixed;
}

}  // namespace tconv::lint
