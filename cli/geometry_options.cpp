#include "geometry_options.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "tconv/problem_text.h"
#include "tuned_method.h"

namespace tconv::cli {
namespace {

Error mismatch(std::string sentence) { return {ErrorCode::array_mismatch, std::move(sentence)}; }

// What arrays there are, as a layer's shapes; empty where there are none.
Result<LayerShapes> shapes_of(const GivenArrays& arrays) {
    LayerShapes shapes;
    if (arrays.input) shapes.input = arrays.input->shape();
    if (arrays.input && shapes.input.size() < 2)
        return mismatch("the input has shape " + to_string(shapes.input) +
                        ", but channels and at least one spatial axis are needed");
    if (arrays.weights) {
        shapes.weights = arrays.weights->shape();
        shapes.dtype = arrays.weights->dtype();
        if (shapes.weights.size() < 3)
            return mismatch("the weights have shape " + to_string(shapes.weights) +
                            ", but (C_in, C_out/groups, kernel...) with at least one kernel axis is needed");
    }
    for (const Tensor* other : {arrays.input, arrays.bias, arrays.residual}) {
        if (other && other->dtype() != shapes.dtype)
            return mismatch("the arrays hold both f32 and f64; convert them to one of these");
    }
    if (arrays.bias && arrays.bias->rank() != 1)
        return mismatch("the bias has shape " + to_string(arrays.bias->shape()) +
                        ", but one number per output channel is needed");
    if (arrays.bias) shapes.bias_length = arrays.bias->shape()[0];
    return shapes;
}

}  // namespace

void GeometryOptions::declare(CLI::App& app) {
    const std::string group = "Geometry (one number for all axes, or a,b per axis)";
    app.add_option("-p,--problem", text_, "the whole problem as text: 'ic64 oc32 i8x8 k4 s2 p1'")->option_text("TEXT");
    const auto add = [&](const char* name, std::string& value, const char* help, const char* value_name) {
        app.add_option(name, value, help)->group(group)->option_text(value_name);
    };
    add("--kernel", texts_.kernel, "kernel size, where no weights are given", "K");
    add("--input-size", texts_.input_size, "input size", "N");
    add("--channels", texts_.channels, "input and output channels (1,1)", "IN,OUT");
    add("--batch", texts_.batch, "batch (1)", "N");
    add("--stride", texts_.stride, "stride (1)", "S");
    add("--padding", texts_.padding, "padding on both sides (0)", "P");
    add("--pads", texts_.pads, "padding in ONNX's order, all begins, then all ends", "B1,B2,E1,E2");
    add("--output-padding", texts_.output_padding, "0 <= OP < max(stride, dilation) (0)", "OP");
    add("--output-size", texts_.output_size, "as PyTorch: chooses the output padding", "O");
    add("--output-shape", texts_.output_shape, "as ONNX: chooses the padding", "O");
    add("--auto-pad", texts_.auto_pad, "same_upper, same_lower, valid (ONNX), tf_same, tf_valid", "MODE");
    add("--dilation", texts_.dilation, "dilation (1 = dense)", "D");
    add("--groups", texts_.groups, "groups (1)", "G");
    add("--layout", texts_.layout, "nchw or nhwc, of input and output (nchw)", "L");
    add("--dtype", texts_.dtype, "f32 or f64 (that of the arrays, or f32)", "T");
    add("--threads", threads_, "the most threads to use, 1 to 4096 (as many as there are CPUs)", "N");
    add("--method", method_, "auto, tuned (what `tconv bench --tune` found), or one that `tconv explain` lists (auto)",
        "NAME");
    add("--isa", isa_, "instruction set: portable, sse4, avx2, avx512, amx, neon, wasm (the best that the CPU has)",
        "NAME");
}

Result<PlanOptions> GeometryOptions::execution() const {
    PlanOptions options;
    if (!threads_.empty()) {
        constexpr std::int64_t kMost = 4096;
        auto threads = parse_number("--threads", threads_);
        if (!threads) return threads.error();
        if (*threads < 1 || *threads > kMost)
            return usage("--threads " + threads_ + " must be at least 1 and at most " + std::to_string(kMost));
        options.threads = static_cast<int>(*threads);
    }
    std::vector<std::string_view> known{"auto", kTuned};
    for (const Pass pass : {Pass::scatter, Pass::gather, Pass::weight_grad})
        for (const std::string_view name : method_names(pass))
            if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
    if (std::find(known.begin(), known.end(), method_) == known.end())
        return usage(fmt::format("unknown method '{}'; use one of {}", method_, fmt::join(known, ", ")));
    options.method = method_;
    if (isa_.empty()) return options;
    const auto isa = parse_isa(isa_);
    if (!isa) return Error{isa.error().code, "--isa: " + isa.error().message};
    if (auto available = require_isa(*isa); !available)
        return Error{available.error().code, "--isa: " + available.error().message};
    options.isa = *isa;
    return options;
}

Result<Problem> GeometryOptions::from_text(const LayerShapes& shapes, bool is_convolution) const {
    auto tokens = parse_tokens(text_);
    if (!tokens) return tokens.error();
    if (shapes.weights.empty()) return to_problem(*tokens);
    return from_tokens(shapes, std::move(*tokens), is_convolution ? Pass::gather : Pass::scatter);
}

Result<Problem> GeometryOptions::from_options(LayerShapes shapes, bool is_convolution) const {
    auto terms = read_terms(texts_);
    if (!terms) return terms.error();
    shapes.layout = terms->layout;
    auto complete = complete_shapes(std::move(shapes), *terms);
    if (!complete) return complete.error();
    auto problem = translate(*complete, *terms, is_convolution);
    if (!problem) return problem;
    if (auto ok = check_agreement(*problem, *terms, is_convolution); !ok) return ok.error();
    return problem;
}

Result<Problem> GeometryOptions::resolve(const GivenArrays& arrays) const {
    if (auto options = execution(); !options) return options.error();
    if (!text_.empty() && texts_.any())
        return usage(
            "a problem text (-p) and geometry options are given together; write everything in the text, or use options "
            "alone");
    auto shapes = shapes_of(arrays);
    if (!shapes) return shapes.error();
    auto problem = text_.empty() ? from_options(std::move(*shapes), arrays.is_convolution)
                                 : from_text(*shapes, arrays.is_convolution);
    if (!problem) return problem;
    if (!activation.empty()) {
        if (problem->activation != Activation{})
            return usage("an activation is given in the text and by --activation; give it once");
        auto parsed = parse_activation(activation);
        if (!parsed) return parsed.error();
        problem->activation = *parsed;
    }
    if (arrays.residual) problem->has_sum = true;
    return problem;
}

}  // namespace tconv::cli
