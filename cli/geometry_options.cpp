#include "geometry_options.h"

#include <algorithm>

#include "given_arrays.h"
#include "tconv/frameworks.h"
#include "tconv/problem_text.h"

namespace tconv::cli {
namespace {

Error usage(std::string sentence) { return {ErrorCode::invalid_argument, std::move(sentence)}; }

// What an option holds, read only where it was given; the first refusal is kept.
class Reader {
public:
    Sizes sizes(const char* option, const std::string& text) {
        if (text.empty()) return {};
        return keep(parse_numbers(option, text));
    }
    std::optional<std::int64_t> number(const char* option, const std::string& text) {
        if (text.empty()) return std::nullopt;
        auto value = parse_number(option, text);
        if (value) return *value;
        keep_error(value.error());
        return std::nullopt;
    }
    /// One of two words, `first` where nothing is given.
    bool is_second(const char* option, const std::string& text, const char* first, const char* second) {
        if (!text.empty() && text != first && text != second)
            keep_error(usage(std::string(option) + " '" + text + "' must be " + first + " or " + second));
        return text == second;
    }
    void keep_error(Error error) {
        if (!error_) error_ = std::move(error);
    }
    const std::optional<Error>& error() const { return error_; }

private:
    Sizes keep(Result<std::vector<std::int64_t>> numbers) {
        if (numbers) return std::move(*numbers);
        keep_error(numbers.error());
        return {};
    }
    std::optional<Error> error_;
};

// The options' own sizes, as the shapes of arrays that are not there.
Result<LayerShapes> imagined_shapes(const Sizes& input_size, const Sizes& kernel, const Sizes& channels,
                                    std::int64_t batch, std::int64_t groups, std::size_t longest) {
    if (input_size.empty()) return usage("the input size is missing; give --input-size 8,8 (or -p TEXT)");
    if (kernel.empty()) return usage("the kernel size is missing; give --kernel 4 (or -p TEXT)");
    if (!channels.empty() && channels.size() != 2) return usage("--channels must be two numbers: IN,OUT");
    if (groups < 1) return usage("groups " + std::to_string(groups) + " must be at least 1");
    const Sizes pair = channels.empty() ? Sizes{1, 1} : channels;
    if (pair[1] % groups != 0)
        return usage("output channels " + std::to_string(pair[1]) + " must be divisible by groups " +
                     std::to_string(groups));
    const std::size_t rank = std::max({longest, input_size.size(), kernel.size()});
    LayerShapes shapes{{batch, pair[0]}, {pair[0], pair[1] / groups}};
    const auto append = [&](Sizes& shape, const Sizes& sizes, const char* option) -> Result<void> {
        if (sizes.size() != 1 && sizes.size() != rank)
            return usage(std::string(option) + " has " + std::to_string(sizes.size()) +
                         " entries; give one, or one for each of the " + std::to_string(rank) + " axes");
        for (std::size_t i = 0; i < rank; ++i) shape.push_back(sizes.size() == 1 ? sizes[0] : sizes[i]);
        return {};
    };
    if (auto ok = append(shapes.input, input_size, "--input-size"); !ok) return ok.error();
    if (auto ok = append(shapes.weights, kernel, "--kernel"); !ok) return ok.error();
    return shapes;
}

// Weights are given, but no input: its shape from the options.
Result<Sizes> imagined_input(const LayerShapes& shapes, const Sizes& input_size, std::int64_t batch, bool is_last) {
    if (input_size.empty()) return usage("the input size is missing; give --input-size 8,8 (or -p TEXT)");
    if (shapes.weights.size() < 3)
        return Error{ErrorCode::array_mismatch, "the weights have " + std::to_string(shapes.weights.size()) +
                                                    " axes; at least 3 are needed: (C_in, C_out/groups, kernel...)"};
    Sizes input(shapes.weights.size(), input_size[0]);
    if (input_size.size() != 1 && input_size.size() != input.size() - 2)
        return usage("--input-size has " + std::to_string(input_size.size()) +
                     " entries; give one, or one for each axis of the kernel");
    input[0] = batch;
    input[is_last ? input.size() - 1 : 1] = shapes.weights[0];
    for (std::size_t i = 0; i + 2 < input.size(); ++i)
        input[i + (is_last ? 1 : 2)] = input_size.size() == 1 ? input_size[0] : input_size[i];
    return input;
}

Result<Problem> translate_convolution(const LayerShapes& shapes, const ConvTerms& terms, bool has_transposed_terms) {
    if (has_transposed_terms)
        return usage(
            "--output-padding, --output-size, --output-shape and --auto-pad describe a transposed convolution; "
            "describe "
            "--conv with --padding or --pads");
    return from_convolution(shapes, terms);
}

}  // namespace

void GeometryOptions::declare(CLI::App& app) {
    const std::string group = "Geometry (one number for all axes, or a,b per axis)";
    app.add_option("-p,--problem", text_, "the whole problem as text: 'ic64 oc32 i8x8 k4 s2 p1'")->option_text("TEXT");
    const auto add = [&](const char* name, std::string& value, const char* help, const char* value_name) {
        app.add_option(name, value, help)->group(group)->option_text(value_name);
    };
    add("--kernel", kernel_, "kernel size, where no weights are given", "K");
    add("--input-size", input_size_, "input size", "N");
    add("--channels", channels_, "input and output channels (1,1)", "IN,OUT");
    add("--batch", batch_, "batch (1)", "N");
    add("--stride", stride_, "stride (1)", "S");
    add("--padding", padding_, "padding on both sides (0)", "P");
    add("--pads", pads_, "padding in ONNX's order, all begins, then all ends", "B1,B2,E1,E2");
    add("--output-padding", output_padding_, "0 <= OP < max(stride, dilation) (0)", "OP");
    add("--output-size", output_size_, "as PyTorch: chooses the output padding", "O");
    add("--output-shape", output_shape_, "as ONNX: chooses the padding", "O");
    add("--auto-pad", auto_pad_, "same_upper, same_lower, valid (ONNX), tf_same, tf_valid", "MODE");
    add("--dilation", dilation_, "dilation (1 = dense)", "D");
    add("--groups", groups_, "groups (1)", "G");
    add("--layout", layout_, "nchw or nhwc, of input and output (nchw)", "L");
    add("--dtype", dtype_, "f32 or f64 (that of the arrays, or f32)", "T");
}

void GeometryOptions::declare_execution(CLI::App& app) {
    const auto add = [&](const char* name, std::string& value, const char* help, const char* value_name) {
        app.add_option(name, value, help)->group("Execution")->option_text(value_name);
    };
    add("--threads", threads_, "threads to use, at least 1", "N");
    add("--method", method_, "auto or reference", "NAME");
    add("--isa", isa_, "instruction set to use: portable", "NAME");
}

bool GeometryOptions::has_options() const {
    const std::string* all[] = {&kernel_,  &input_size_, &channels_,       &batch_,       &stride_,
                                &padding_, &pads_,       &output_padding_, &output_size_, &auto_pad_,
                                &groups_,  &dilation_,   &layout_,         &dtype_,       &output_shape_};
    return std::any_of(std::begin(all), std::end(all), [](const std::string* option) { return !option->empty(); });
}

Result<void> GeometryOptions::check_execution() const {
    if (!threads_.empty()) {
        auto threads = parse_number("--threads", threads_);
        if (!threads) return threads.error();
        if (*threads < 1) return usage("--threads " + threads_ + " must be at least 1");
    }
    if (method_ != "auto" && method_ != "reference")
        return usage("unknown method '" + method_ + "'; this build has auto and reference");
    if (isa_.empty() || isa_ == "portable") return {};
    for (const char* known : {"sse4", "avx2", "avx512", "neon", "wasm"})
        if (isa_ == known)
            return Error{ErrorCode::unsupported, "instruction set '" + isa_ + "' is not in this build; use portable"};
    return usage("unknown instruction set '" + isa_ + "'; known are portable, sse4, avx2, avx512, neon, wasm");
}

Result<Problem> GeometryOptions::from_options(const GivenArrays& arrays) const {
    Reader reader;
    const Sizes kernel = reader.sizes("--kernel", kernel_), input_size = reader.sizes("--input-size", input_size_),
                channels = reader.sizes("--channels", channels_), stride = reader.sizes("--stride", stride_),
                padding = reader.sizes("--padding", padding_), pads = reader.sizes("--pads", pads_),
                output_padding = reader.sizes("--output-padding", output_padding_),
                output_size = reader.sizes("--output-size", output_size_),
                output_shape = reader.sizes("--output-shape", output_shape_),
                dilation = reader.sizes("--dilation", dilation_);
    const auto batch = reader.number("--batch", batch_);
    const std::int64_t groups = reader.number("--groups", groups_).value_or(1);
    const bool is_last = reader.is_second("--layout", layout_, "nchw", "nhwc");
    const bool is_f64 = reader.is_second("--dtype", dtype_, "f32", "f64");
    if (reader.error()) return *reader.error();
    if (!padding.empty() && !pads.empty()) return usage("--padding and --pads are given together; give one of them");
    if (!output_size.empty() && !output_shape.empty())
        return usage(
            "--output-size (PyTorch: chooses output_padding) and --output-shape (ONNX: chooses padding) are given "
            "together; give one");

    LayerShapes shapes;
    if (arrays.weights) {
        auto given = shapes_of(arrays, is_last ? Layout::channels_last : Layout::channels_first);
        if (!given) return given.error();
        shapes = std::move(*given);
        if (!arrays.input) {
            auto input = imagined_input(shapes, input_size, batch.value_or(1), is_last);
            if (!input) return input.error();
            shapes.input = std::move(*input);
        }
        if (auto ok = check_agreement(shapes, {kernel, input_size, channels, batch, groups}); !ok) return ok.error();
        if (!dtype_.empty() && is_f64 != (shapes.dtype == DType::f64))
            return Error{ErrorCode::array_mismatch, "--dtype " + dtype_ + " is given, but the arrays hold " +
                                                        (is_f64 ? "f32" : "f64") +
                                                        "; convert them or leave --dtype out"};
    } else {
        const std::size_t longest = std::max({stride.size(), padding.size(), pads.size() / 2, output_padding.size(),
                                              output_size.size(), output_shape.size(), dilation.size()});
        auto imagined = imagined_shapes(input_size, kernel, channels, batch.value_or(1), groups, longest);
        if (!imagined) return imagined.error();
        shapes = std::move(*imagined);
        shapes.dtype = is_f64 ? DType::f64 : DType::f32;
        shapes.layout = is_last ? Layout::channels_last : Layout::channels_first;
        if (is_last) std::rotate(shapes.input.begin() + 1, shapes.input.begin() + 2, shapes.input.end());
    }

    if (arrays.is_convolution)
        return translate_convolution(
            shapes, {stride, padding, pads, dilation, groups},
            !output_padding.empty() || !output_size.empty() || !output_shape.empty() || !auto_pad_.empty());
    if (auto_pad_.starts_with("tf_")) {
        if (auto_pad_ != "tf_same" && auto_pad_ != "tf_valid")
            return usage("--auto-pad '" + auto_pad_ + "' must be same_upper, same_lower, valid, tf_same or tf_valid");
        if (!padding.empty() || !pads.empty() || !output_padding.empty() || !output_size.empty())
            return usage("--auto-pad " + auto_pad_ +
                         " decides the padding by itself; give no other padding or --output-size with it");
        if (groups != 1)
            return usage("TensorFlow's transposed convolution has no groups; leave --groups out with --auto-pad " +
                         auto_pad_);
        return from_tensorflow(shapes, {output_shape, stride, auto_pad_ == "tf_same" ? "SAME" : "VALID", dilation});
    }
    if (pads.empty() && output_shape.empty() && auto_pad_.empty())
        return from_pytorch(shapes, {stride, padding, output_padding, dilation, groups, output_size});

    if (!output_size.empty())
        return usage("--output-size is PyTorch's; use --padding with it, not --pads or --auto-pad");
    OnnxTerms terms{stride, pads, output_padding, dilation, groups, output_shape};
    if (!padding.empty()) {
        const std::size_t rank = shapes.weights.size() - 2;
        for (std::size_t side = 0; side < 2; ++side)
            for (std::size_t i = 0; i < (padding.size() == 1 ? rank : padding.size()); ++i)
                terms.pads.push_back(padding.size() == 1 ? padding[0] : padding[i]);
    }
    if (!auto_pad_.empty()) {
        terms.auto_pad = auto_pad_;
        std::transform(terms.auto_pad.begin(), terms.auto_pad.end(), terms.auto_pad.begin(),
                       [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    }
    auto problem = from_onnx(shapes, terms);
    if (!problem || output_padding.empty()) return problem;
    const auto axes = problem->spatial();
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::int64_t given = output_padding.size() == 1 ? output_padding[0] : output_padding[i];
        const std::int64_t limit = std::max(axes[i].stride, axes[i].dilation);
        if (given >= limit)
            return usage("--output-padding " + std::to_string(given) +
                         " must be smaller than max(stride, dilation) = " + std::to_string(limit) +
                         "; a larger output can be written in a problem text: -p '... o" +
                         std::to_string(axes[i].fine) + "'");
    }
    return problem;
}

Result<Problem> GeometryOptions::from_text(const GivenArrays& arrays) const {
    auto tokens = parse_tokens(text_);
    if (!tokens) return tokens.error();
    return fill_text(std::move(*tokens), arrays);
}

Result<Problem> GeometryOptions::resolve(const GivenArrays& arrays) const {
    if (auto ok = check_execution(); !ok) return ok.error();
    if (!text_.empty() && has_options())
        return usage(
            "a problem text (-p) and geometry options are given together; write everything in the text, or use options "
            "alone");
    auto problem = text_.empty() ? from_options(arrays) : from_text(arrays);
    if (!problem) return problem;
    if (!activation.empty()) {
        if (problem->activation != Activation{})
            return usage("an activation is given in the text and by --activation; give it once");
        auto parsed = parse_activation(activation);
        if (!parsed) return parsed.error();
        problem->activation = *parsed;
    }
    if (arrays.bias) problem->has_bias = true;
    if (arrays.residual) problem->has_sum = true;
    if (auto ok = validate(*problem); !ok) return ok.error();
    return problem;
}

}  // namespace tconv::cli
