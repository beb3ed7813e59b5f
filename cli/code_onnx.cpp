// tconv shape --code onnx: Python that builds the model with onnx.helper. ConvTranspose has pads for both ends and an
// output_padding; the standard allows it below max(stride, dilation), but ONNX Runtime (1.32) only below the stride, so
// a larger one becomes less of the end's pad, or zeros after the input.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "layer_code.h"
#include "tconv/passes.h"

namespace tconv::cli {
namespace {

using List = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

// The nodes are written in order, each reading what the last one wrote; the last writes Y.
class Graph {
public:
    explicit Graph(const Problem& problem) : problem_(problem) {}

    std::string write() {
        const std::size_t rank = problem_.spatial().size();
        List pads_begin, pads_end, output_padding, zeros(rank + 2, 0);
        zeros.resize(2 * (rank + 2), 0);
        for (std::size_t i = 0; i < rank; ++i) {
            const Axis& axis = problem_.spatial()[i];
            const std::int64_t usual = axis.output_padding();
            const bool is_usual = usual >= 0 && usual < axis.stride;
            const Cut cut = cut_of(axis, axis.full_size());
            pads_begin.push_back(axis.padding_begin);
            pads_end.push_back(is_usual ? axis.padding_end : cut.end);
            output_padding.push_back(is_usual ? usual : 0);
            zeros[rank + 4 + i] = is_usual ? 0 : cut.extra;
        }
        const bool is_last = problem_.layout == Layout::channels_last;
        const auto channels = static_cast<std::int64_t>(rank) + 1;
        if (is_last) {
            List order{0, channels};
            for (std::int64_t i = 1; i < channels; ++i) order.push_back(i);
            add("Transpose", {}, fmt::format("perm=[{}]", fmt::join(order, ", ")));
        }
        if (std::any_of(zeros.begin(), zeros.end(), [](auto count) { return count > 0; })) {
            comment("Zeros after the input make rows that hold only the bias: more than output_padding may add.");
            add("Pad", {"zeros"}, "");
            constant("zeros", fmt::format("np.array([{}], dtype=np.int64)", fmt::join(zeros, ", ")));
        }
        add_convolution(pads_begin, pads_end, output_padding);
        if (is_last) {
            List order{0};
            for (std::int64_t i = 2; i <= channels; ++i) order.push_back(i);
            order.push_back(1);
            add("Transpose", {}, fmt::format("perm=[{}]", fmt::join(order, ", ")));
        }
        if (problem_.has_sum) add("Add", {"R"}, "");
        add_activation();
        return finish();
    }

    const std::string& constants() const { return constants_; }
    const std::string& initializers() const { return initializers_; }

private:
    void add_convolution(const List& pads_begin, const List& pads_end, const List& output_padding) {
        std::string attributes;
        const auto attribute = [&](const char* name, const List& values) {
            attributes += fmt::format("{}{}=[{}]", attributes.empty() ? "" : ", ", name, fmt::join(values, ", "));
        };
        attribute("kernel_shape", per_axis(problem_, [](const Axis& axis) { return axis.kernel; }));
        attribute("strides", per_axis(problem_, [](const Axis& axis) { return axis.stride; }));
        List pads = pads_begin;
        pads.insert(pads.end(), pads_end.begin(), pads_end.end());
        attribute("pads", pads);
        attribute("output_padding", output_padding);
        attribute("dilations", per_axis(problem_, [](const Axis& axis) { return axis.dilation; }));
        attributes += fmt::format(", group={}", problem_.groups);
        add("ConvTranspose", problem_.has_bias ? Names{"W", "B"} : Names{"W"}, attributes);
        initializers_ = problem_.has_bias ? "\"W\": W, \"B\": B" + initializers_ : "\"W\": W" + initializers_;
    }

    void add_activation() {
        const Activation& activation = problem_.activation;
        const auto bound = [&](double value) {
            return fmt::format("np.array({}, dtype={})", python_number(value), numpy_type());
        };
        switch (activation.kind) {
            case Activation::Kind::relu:
                return add("Relu", {}, "");
            case Activation::Kind::leaky:
                return add("LeakyRelu", {}, "alpha=" + python_number(activation.alpha));
            case Activation::Kind::tanh:
                return add("Tanh", {}, "");
            case Activation::Kind::sigmoid:
                return add("Sigmoid", {}, "");
            case Activation::Kind::clamp:
                constant("low", bound(activation.alpha));
                constant("high", bound(activation.beta));
                return add("Clip", {"low", "high"}, "");
            default:
                return;
        }
    }

    const char* numpy_type() const { return problem_.dtype == DType::f64 ? "np.float64" : "np.float32"; }

    void comment(const std::string& sentence) { pending_comment_ = "    # " + sentence + "\n"; }

    void constant(const std::string& name, const std::string& value) {
        constants_ += name + " = " + value + "\n";
        initializers_ += fmt::format(", \"{0}\": {0}", name);
    }

    // The node's first input is the last node's output.
    void add(const std::string& op, const Names& further, const std::string& attributes) {
        std::string inputs = fmt::format("\"{}\"", nodes_.empty() ? "X" : fmt::format("y{}", nodes_.size()));
        for (const std::string& name : further) inputs += fmt::format(", \"{}\"", name);
        const char* const separator = attributes.size() > 40 ? ",\n                     " : ", ";
        nodes_.push_back({pending_comment_, fmt::format("    helper.make_node(\"{}\", [{}], [", op, inputs),
                          fmt::format("]{}{}),\n", attributes.empty() ? "" : separator, attributes)});
        pending_comment_.clear();
    }

    std::string finish() const {
        std::string text;
        for (std::size_t i = 0; i < nodes_.size(); ++i)
            text += nodes_[i].comment + nodes_[i].front +
                    (i + 1 == nodes_.size() ? "\"Y\"" : fmt::format("\"y{}\"", i + 1)) + nodes_[i].back;
        return text;
    }

    struct Node {
        std::string comment, front, back;
    };

    const Problem& problem_;
    std::vector<Node> nodes_;
    std::string constants_, initializers_, pending_comment_;
};

}  // namespace

Result<std::string> onnx_code(const Problem& problem) {
    Graph graph(problem);
    const std::string nodes = graph.write();
    const bool is_f64 = problem.dtype == DType::f64;
    const std::string type = is_f64 ? "np.float64" : "np.float32";
    const auto value_info = [&](const char* name, const Shape& shape) {
        return fmt::format("helper.make_tensor_value_info(\"{}\", TensorProto.{}, [{}])", name,
                           is_f64 ? "DOUBLE" : "FLOAT", fmt::join(shape, ", "));
    };
    std::string text = fmt::format(
        "# tconv: {}\n# input {}, output {}\nimport numpy as np\nimport onnx\n"
        "from onnx import TensorProto, helper, numpy_helper\n\n"
        "rng = np.random.default_rng(0)\n"
        "# W has tconv's own order, (C_in, C_out/groups, kernel...).\n"
        "W = rng.standard_normal({}).astype({})\n",
        text_without_name(problem), size_text(per_axis(problem, [](const Axis& axis) { return axis.coarse; })),
        size_text(per_axis(problem, [](const Axis& axis) { return axis.fine; })), python_tuple(weight_shape(problem)),
        type);
    if (problem.has_bias) text += fmt::format("B = rng.standard_normal({}).astype({})\n", problem.fine_channels, type);
    text += graph.constants() + "\nnodes = [\n" + nodes + "]\n";
    std::string inputs = value_info("X", coarse_shape(problem));
    if (problem.has_sum) inputs += ",\n            " + value_info("R", fine_shape(problem));
    text += fmt::format(
        "graph = helper.make_graph(\n"
        "    nodes, \"tconv\",\n"
        "    inputs=[{}],\n"
        "    outputs=[{}],\n"
        "    initializer=[numpy_helper.from_array(array, name) for name, array in {{{}}}.items()],\n"
        ")\n"
        "model = helper.make_model(graph, opset_imports=[helper.make_opsetid(\"\", 17)], ir_version=8)\n"
        "onnx.checker.check_model(model, full_check=True)\n"
        "onnx.save(model, \"layer.onnx\")\n",
        inputs, value_info("Y", fine_shape(problem)), graph.initializers());
    if (is_f64) text += "# ONNX Runtime's CPU provider computes ConvTranspose in f32 only.\n";
    return text;
}

}  // namespace tconv::cli
