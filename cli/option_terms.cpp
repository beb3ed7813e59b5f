#include "option_terms.h"

#include <algorithm>

#include "geometry_options.h"

namespace tconv::cli {
namespace {

// The text with its letters moved from one case, named by its first letter, to the other.
std::string in_case(std::string text, char from, char to) {
    for (char& c : text)
        if (c >= from && c < from + 26) c = static_cast<char>(c - from + to);
    return text;
}

std::string number(std::int64_t value) { return std::to_string(value); }

// An entry of a list that has one for all axes or one per axis; nothing for an empty list.
std::optional<std::int64_t> entry(const Sizes& list, std::size_t axis) {
    if (list.empty()) return std::nullopt;
    return list.size() == 1 ? list[0] : list[axis];
}

Result<void> append(Sizes& shape, const Sizes& sizes, std::size_t rank, const char* option) {
    if (sizes.size() != 1 && sizes.size() != rank)
        return usage(std::string(option) + " has " + std::to_string(sizes.size()) +
                     " entries; give one, or one for each of the " + std::to_string(rank) + " axes");
    for (std::size_t i = 0; i < rank; ++i) shape.push_back(*entry(sizes, i));
    return {};
}

// One wanted size stands for all axes, as every option's number does; the frameworks themselves want one per axis.
Sizes for_all_axes(const Sizes& sizes, const LayerShapes& shapes) {
    return sizes.size() == 1 && shapes.weights.size() > 3 ? Sizes(shapes.weights.size() - 2, sizes[0]) : sizes;
}

bool has_nonzero(const Sizes& sizes) {
    return std::any_of(sizes.begin(), sizes.end(), [](std::int64_t size) { return size != 0; });
}

Result<Problem> translate_tensorflow(const LayerShapes& shapes, const OptionTerms& terms) {
    const std::string option = "--auto-pad " + terms.auto_pad;
    if (has_nonzero(terms.padding) || has_nonzero(terms.pads) || has_nonzero(terms.output_padding) ||
        !terms.output_size.empty())
        return usage(option + " decides the padding by itself; give no other padding or --output-size with it");
    if (terms.groups != 1)
        return usage("TensorFlow's transposed convolution has no groups; leave --groups out with " + option);
    return from_tensorflow(shapes, {for_all_axes(terms.output_shape, shapes), terms.stride,
                                    terms.auto_pad == "tf_same" ? "SAME" : "VALID", terms.dilation});
}

// --output-size is PyTorch's, whose padding is the same on both sides, however it is written.
Result<Problem> translate_output_size(const LayerShapes& shapes, const OptionTerms& terms) {
    if (!terms.auto_pad.empty())
        return usage(
            "--output-size is PyTorch's and --auto-pad ONNX's; give --padding with it, or --output-shape instead");
    Sizes padding = terms.padding;
    if (terms.pads.size() == 1) padding = terms.pads;
    if (terms.pads.size() > 1) {
        const auto middle = terms.pads.begin() + static_cast<std::ptrdiff_t>(terms.pads.size() / 2);
        if (!std::equal(terms.pads.begin(), middle, middle, terms.pads.end()))
            return usage(
                "--output-size is PyTorch's, whose padding is the same on both sides; with uneven --pads give "
                "--output-padding");
        padding.assign(terms.pads.begin(), middle);
    }
    return from_pytorch(shapes, {terms.stride, padding, terms.output_padding, terms.dilation, terms.groups,
                                 for_all_axes(terms.output_size, shapes)});
}

// ONNX's output_padding may be any; the option keeps PyTorch's limit everywhere.
Result<void> check_output_padding(const Problem& problem, const Sizes& output_padding) {
    for (std::size_t i = 0; i < problem.spatial().size() && !output_padding.empty(); ++i) {
        const Axis& axis = problem.spatial()[i];
        const std::int64_t given = *entry(output_padding, i), limit = std::max(axis.stride, axis.dilation);
        if (given >= limit)
            return usage("--output-padding " + number(given) + " must be smaller than max(stride " +
                         number(axis.stride) + ", dilation " + number(axis.dilation) + ") = " + number(limit) +
                         "; a larger output is written as o in a problem text (-p)");
    }
    return {};
}

Result<Problem> translate_onnx(const LayerShapes& shapes, const OptionTerms& terms) {
    OnnxTerms onnx{terms.stride,   terms.pads,   terms.output_padding,
                   terms.dilation, terms.groups, for_all_axes(terms.output_shape, shapes)};
    const std::size_t rank = std::max<std::size_t>(shapes.weights.size(), 2) - 2;
    for (int side = 0; side < 2 && !terms.padding.empty(); ++side)
        if (auto ok = append(onnx.pads, terms.padding, rank, "--padding"); !ok) return ok.error();
    if (!terms.auto_pad.empty()) onnx.auto_pad = in_case(terms.auto_pad, 'a', 'A');
    auto problem = from_onnx(shapes, onnx);
    if (!problem) return problem;
    if (auto ok = check_output_padding(*problem, terms.output_padding); !ok) return ok.error();
    return problem;
}

}  // namespace

bool OptionTexts::any() const {
    const std::string* all[] = {&kernel,   &input_size, &channels,       &batch,       &stride,
                                &padding,  &pads,       &output_padding, &output_size, &output_shape,
                                &auto_pad, &dilation,   &groups,         &layout,      &dtype};
    return std::any_of(std::begin(all), std::end(all), [](const std::string* text) { return !text->empty(); });
}

Result<OptionTerms> read_terms(const OptionTexts& texts) {
    OptionTerms terms;
    struct List {
        const char* option;
        const std::string& text;
        Sizes& sizes;
    };
    for (const List& list :
         {List{"--kernel", texts.kernel, terms.kernel}, List{"--input-size", texts.input_size, terms.input_size},
          List{"--channels", texts.channels, terms.channels}, List{"--stride", texts.stride, terms.stride},
          List{"--padding", texts.padding, terms.padding}, List{"--pads", texts.pads, terms.pads},
          List{"--output-padding", texts.output_padding, terms.output_padding},
          List{"--output-size", texts.output_size, terms.output_size},
          List{"--output-shape", texts.output_shape, terms.output_shape},
          List{"--dilation", texts.dilation, terms.dilation}}) {
        if (list.text.empty()) continue;
        auto sizes = parse_numbers(list.option, list.text);
        if (!sizes) return sizes.error();
        list.sizes = std::move(*sizes);
    }
    if (!texts.batch.empty()) {
        auto batch = parse_number("--batch", texts.batch);
        if (!batch) return batch.error();
        terms.batch = *batch;
    }
    if (!texts.groups.empty()) {
        auto groups = parse_number("--groups", texts.groups);
        if (!groups) return groups.error();
        terms.groups = *groups;
    }
    if (!texts.layout.empty() && texts.layout != "nchw" && texts.layout != "nhwc")
        return usage("--layout '" + texts.layout + "' must be nchw or nhwc");
    if (texts.layout == "nhwc") terms.layout = Layout::channels_last;
    if (!texts.dtype.empty() && texts.dtype != "f32" && texts.dtype != "f64")
        return usage("--dtype '" + texts.dtype + "' must be f32 or f64");
    if (!texts.dtype.empty()) terms.dtype = texts.dtype == "f32" ? DType::f32 : DType::f64;
    terms.auto_pad = in_case(texts.auto_pad, 'A', 'a');
    if (!terms.channels.empty() && terms.channels.size() != 2) return usage("--channels must be two numbers: IN,OUT");
    if (!terms.padding.empty() && !terms.pads.empty())
        return usage("--padding and --pads are given together; give one of them");
    if (!terms.output_size.empty() && !terms.output_shape.empty())
        return usage(
            "--output-size (PyTorch's: chooses the output padding) and --output-shape (ONNX's: chooses the padding) "
            "are "
            "given together; give one of them");
    return terms;
}

Result<LayerShapes> complete_shapes(LayerShapes shapes, const OptionTerms& terms) {
    if (!shapes.input.empty() && !shapes.weights.empty()) return shapes;
    if (terms.input_size.empty()) return usage("the input size is missing; give --input-size 8,8 (or -p TEXT)");
    std::size_t rank = shapes.weights.size() - 2;
    if (shapes.weights.empty()) {
        if (terms.kernel.empty()) return usage("the kernel size is missing; give --kernel 4 (or -p TEXT)");
        rank = std::max({terms.input_size.size(), terms.kernel.size(), terms.stride.size(), terms.padding.size(),
                         terms.pads.size() / 2, terms.output_padding.size(), terms.dilation.size()});
        const Sizes channels = terms.channels.empty() ? Sizes{1, 1} : terms.channels;
        if (terms.groups < 1) return usage("groups " + number(terms.groups) + " must be at least 1");
        if (channels[1] % terms.groups != 0)
            return usage("output channels " + number(channels[1]) + " must be divisible by groups " +
                         number(terms.groups));
        shapes.weights = {channels[0], channels[1] / terms.groups};
        if (auto ok = append(shapes.weights, terms.kernel, rank, "--kernel"); !ok) return ok.error();
        shapes.dtype = terms.dtype.value_or(DType::f32);
    }
    shapes.input = {terms.batch.value_or(1), shapes.weights[0]};
    if (auto ok = append(shapes.input, terms.input_size, rank, "--input-size"); !ok) return ok.error();
    if (shapes.layout == Layout::channels_last)
        std::rotate(shapes.input.begin() + 1, shapes.input.begin() + 2, shapes.input.end());
    return shapes;
}

Result<Problem> translate(const LayerShapes& shapes, const OptionTerms& terms, bool is_convolution) {
    if (is_convolution) {
        if (!terms.output_padding.empty() || !terms.output_size.empty() || !terms.output_shape.empty() ||
            !terms.auto_pad.empty())
            return usage(
                "--output-padding, --output-size, --output-shape and --auto-pad describe a transposed convolution; "
                "describe --conv with --padding or --pads");
        return from_convolution(shapes, {terms.stride, terms.padding, terms.pads, terms.dilation, terms.groups});
    }
    const std::string& auto_pad = terms.auto_pad;
    const char* const known[] = {"", "same_upper", "same_lower", "valid", "tf_same", "tf_valid"};
    if (std::find(std::begin(known), std::end(known), auto_pad) == std::end(known))
        return usage("--auto-pad '" + auto_pad + "' must be same_upper, same_lower, valid, tf_same or tf_valid");
    if (auto_pad.starts_with("tf_")) return translate_tensorflow(shapes, terms);
    if (!terms.output_size.empty()) return translate_output_size(shapes, terms);
    if (!terms.pads.empty() || !terms.output_shape.empty() || !auto_pad.empty()) return translate_onnx(shapes, terms);
    return from_pytorch(shapes, {terms.stride, terms.padding, terms.output_padding, terms.dilation, terms.groups, {}});
}

Result<void> check_agreement(const Problem& problem, const OptionTerms& terms, bool is_convolution) {
    const auto differ = [](const std::string& option, std::int64_t given, std::int64_t theirs) {
        return Error{ErrorCode::array_mismatch,
                     option + " " + number(given) + " is given, but the arrays have " + number(theirs)};
    };
    const std::size_t rank = problem.spatial().size();
    for (const auto& [option, sizes] :
         {std::pair{"--kernel", &terms.kernel}, std::pair{"--input-size", &terms.input_size}}) {
        if (sizes->size() > 1 && sizes->size() != rank)
            return Error{ErrorCode::array_mismatch, std::string(option) + " has " + std::to_string(sizes->size()) +
                                                        " entries, but the arrays have " + std::to_string(rank) +
                                                        " axes"};
        for (std::size_t i = 0; i < rank && !sizes->empty(); ++i) {
            const Axis& axis = problem.spatial()[i];
            const std::int64_t theirs = sizes == &terms.kernel ? axis.kernel : is_convolution ? axis.fine : axis.coarse;
            if (*entry(*sizes, i) != theirs) return differ(option, *entry(*sizes, i), theirs);
        }
    }
    const std::int64_t in = is_convolution ? problem.fine_channels : problem.coarse_channels;
    const std::int64_t out = is_convolution ? problem.coarse_channels : problem.fine_channels;
    if (!terms.channels.empty() && terms.channels[0] != in) return differ("--channels: IN", terms.channels[0], in);
    if (!terms.channels.empty() && terms.channels[1] != out) return differ("--channels: OUT", terms.channels[1], out);
    if (terms.batch && *terms.batch != problem.batch) return differ("--batch", *terms.batch, problem.batch);
    if (terms.dtype && *terms.dtype != problem.dtype)
        return Error{ErrorCode::array_mismatch,
                     "--dtype names another element type than the arrays hold; convert them or leave it out"};
    return {};
}

}  // namespace tconv::cli
