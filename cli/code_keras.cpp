// tconv shape --code keras: Keras 3's Conv{1,2,3}DTranspose in a functional model. 'valid' makes (in-1)s + max(extent,
// s) rows and crops nothing, 'same' makes in*s; any other crop is a CroppingND after 'valid'. 'same' is used only where
// it crops both ends alike, since Keras' backends disagree by a row where it does not.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "layer_code.h"
#include "tconv/frameworks.h"
#include "tconv/passes.h"

namespace tconv::cli {
namespace {

using List = std::vector<std::int64_t>;

bool any_above(const List& values, std::int64_t limit) {
    return std::any_of(values.begin(), values.end(), [&](auto value) { return value > limit; });
}

// How the layer gets its output size: the arguments, and what surrounds the layer.
struct KerasPadding {
    std::string arguments;
    std::vector<Cut> cuts;  ///< empty where the arguments say it all
};

// True where Keras makes exactly the problem's crop with these terms.
bool is_exact(const Problem& problem, const KerasTerms& terms) {
    const LayerShapes shapes{coarse_shape(problem), weight_shape(problem), std::nullopt, problem.dtype, problem.layout};
    const auto made = from_keras(shapes, terms);
    if (!made) return false;
    for (std::size_t i = 0; i < problem.spatial().size(); ++i) {
        const Axis &wanted = problem.spatial()[i], &got = made->spatial()[i];
        if (wanted.fine != got.fine || wanted.padding_begin != got.padding_begin) return false;
    }
    return true;
}

KerasPadding keras_padding(const Problem& problem) {
    KerasTerms terms;
    terms.strides = per_axis(problem, [](const Axis& axis) { return axis.stride; });
    terms.dilation_rate = per_axis(problem, [](const Axis& axis) { return axis.dilation; });
    terms.groups = problem.groups;
    if (is_exact(problem, terms)) return {R"(padding="valid")", {}};

    const auto axes = problem.spatial();
    terms.output_padding = per_axis(problem, [](const Axis& axis) { return axis.fine - axis.full_size(); });
    if (is_exact(problem, terms))
        return {fmt::format(R"(padding="valid", output_padding={})", python_sizes(terms.output_padding)), {}};

    terms.output_padding.clear();
    terms.padding = "same";
    const bool is_even = std::all_of(axes.begin(), axes.end(), [](const Axis& axis) {
        return 2 * axis.padding_begin + axis.fine == axis.full_size();
    });
    if (is_even && is_exact(problem, terms)) return {R"(padding="same")", {}};

    KerasPadding padding{R"(padding="valid")", {}};
    for (const Axis& axis : axes)
        padding.cuts.push_back(
            cut_of(axis, (axis.coarse - 1) * axis.stride + std::max(axis.kernel_extent(), axis.stride)));
    return padding;
}

// Keras' constructor arguments for amounts at both ends of each axis.
std::string both_ends(const std::vector<std::pair<std::int64_t, std::int64_t>>& amounts) {
    if (amounts.size() == 1) return fmt::format("({}, {})", amounts[0].first, amounts[0].second);
    std::string text;
    for (const auto& [begin, end] : amounts) text += fmt::format("{}({}, {})", text.empty() ? "" : ", ", begin, end);
    return "(" + text + ")";
}

std::string activation_line(const Activation& activation, DType dtype) {
    const auto line = [](const std::string& call) { return "y = " + call + "\n"; };
    switch (activation.kind) {
        case Activation::Kind::relu:
            return line("keras.ops.relu(y)");
        case Activation::Kind::leaky:
            return line(fmt::format("keras.ops.leaky_relu(y, {})", python_number(activation.alpha)));
        case Activation::Kind::tanh:
            return dtype == DType::f32 ? line("keras.ops.tanh(y)")
                                       : "# tanh(y); Keras' own rounds to float32 on the JAX backend.\n" +
                                             line("2.0 * keras.ops.sigmoid(2.0 * y) - 1.0");
        case Activation::Kind::sigmoid:
            return line("keras.ops.sigmoid(y)");
        case Activation::Kind::clamp:
            return line(fmt::format("keras.ops.clip(y, {}, {})", python_number(activation.alpha),
                                    python_number(activation.beta)));
        default:
            return {};
    }
}

// The shape with its channels last, without the batch.
List keras_shape(Shape shape, const Problem& problem) {
    if (problem.layout == Layout::channels_first) std::rotate(shape.begin() + 1, shape.begin() + 2, shape.end());
    return {shape.begin() + 1, shape.end()};
}

// The constructor of one layer, and the comment on its weights.
struct KerasLayer {
    std::string constructor, comment;
};

KerasLayer keras_layer(const Problem& problem, const std::string& padding) {
    const List strides = per_axis(problem, [](const Axis& axis) { return axis.stride; });
    const List dilations = per_axis(problem, [](const Axis& axis) { return axis.dilation; });
    List kernel = per_axis(problem, [](const Axis& axis) { return axis.kernel; });
    const std::int64_t filters = problem.fine_channels / problem.groups;
    List weights = kernel;
    const bool writes_zeros = any_above(strides, 1) && any_above(dilations, 1);
    if (writes_zeros) weights = kernel = per_axis(problem, [](const Axis& axis) { return axis.kernel_extent(); });
    weights.insert(weights.end(), {filters, problem.coarse_channels / problem.groups});

    KerasLayer layer;
    layer.constructor =
        fmt::format("keras.layers.Conv{}DTranspose({}, {}", problem.rank, filters, python_sizes(kernel));
    if (any_above(strides, 1)) layer.constructor += ", strides=" + python_sizes(strides);
    layer.constructor += ", " + padding;
    if (any_above(dilations, 1) && !writes_zeros) layer.constructor += ", dilation_rate=" + python_sizes(dilations);
    layer.constructor += fmt::format(", use_bias={})", problem.has_bias ? "True" : "False");

    List axes;
    for (std::int64_t i = 2; i < problem.rank + 2; ++i) axes.push_back(i);
    layer.comment = fmt::format(
        "# A layer's kernel is (kernel..., C_out, C_in) = {}: W.transpose({}, 1, 0) of tconv's W{}.\n",
        python_tuple(weights), fmt::join(axes, ", "), problem.groups > 1 ? "[its group's input channels]" : "");
    if (writes_zeros) {
        std::string places;
        for (const std::int64_t dilation : dilations)
            places += (places.empty() ? "" : ", ") + (dilation == 1 ? ":" : fmt::format("::{}", dilation));
        layer.comment += fmt::format(
            "# Keras refuses dilation_rate together with strides, so the dilated kernel is written out: put W's taps "
            "at\n"
            "# kernel[{}] and keep zeros elsewhere (in training too).\n",
            places);
    }
    return layer;
}

std::string model_lines(const Problem& problem, const KerasPadding& padding, const KerasLayer& layer) {
    std::vector<std::pair<std::int64_t, std::int64_t>> zeros, crops;
    for (const Cut& cut : padding.cuts) {
        zeros.emplace_back(0, cut.extra);
        crops.emplace_back(cut.begin, cut.end);
    }
    const auto is_some = [](const auto& pair) { return pair.first > 0 || pair.second > 0; };
    std::string text =
        fmt::format("inputs = keras.Input({})\n", python_tuple(keras_shape(coarse_shape(problem), problem)));
    if (problem.has_sum)
        text += fmt::format("residual = keras.Input({})\n", python_tuple(keras_shape(fine_shape(problem), problem)));
    text += "y = inputs\n";
    if (std::any_of(zeros.begin(), zeros.end(), is_some))
        text += fmt::format(
            "# Zeros after the input make rows that hold only the bias.\n"
            "y = keras.layers.ZeroPadding{}D({})(y)\n",
            problem.rank, both_ends(zeros));
    if (problem.groups == 1)
        text += fmt::format("y = {}(y)\n", layer.constructor);
    else
        text += fmt::format(
            "# Keras has no groups here: one layer for each.\n"
            "parts = [{}(part)\n         for part in keras.ops.split(y, {}, axis=-1)]\n"
            "y = keras.ops.concatenate(parts, axis=-1)\n",
            layer.constructor, problem.groups);
    if (std::any_of(crops.begin(), crops.end(), is_some))
        text += fmt::format("y = keras.layers.Cropping{}D({})(y)\n", problem.rank, both_ends(crops));
    if (problem.has_sum) text += "y = y + residual\n";
    return text + activation_line(problem.activation, problem.dtype) +
           fmt::format("model = keras.Model({}, y)\n", problem.has_sum ? "[inputs, residual]" : "inputs");
}

}  // namespace

Result<std::string> keras_code(const Problem& problem) {
    if (problem.coarse_channels == 0 || problem.fine_channels == 0)
        return Error{ErrorCode::unsupported,
                     "Keras' layers need at least 1 input and 1 output channel; use --code cpp, or more channels"};
    const KerasPadding padding = keras_padding(problem);
    const KerasLayer layer = keras_layer(problem, padding.arguments);
    const bool is_f64 = problem.dtype == DType::f64;

    std::string text = fmt::format("# tconv: {}\n# input {}, output {}\nimport keras\nimport numpy as np\n\n",
                                   text_without_name(problem),
                                   size_text(per_axis(problem, [](const Axis& axis) { return axis.coarse; })),
                                   size_text(per_axis(problem, [](const Axis& axis) { return axis.fine; })));
    if (is_f64)
        text +=
            "keras.config.set_floatx(\"float64\")  # with the JAX backend also set JAX_ENABLE_X64=1\n"
            "keras.config.set_dtype_policy(\"float64\")\n\n";
    if (problem.layout == Layout::channels_first) {
        List order{0};
        for (std::int64_t i = 2; i < problem.rank + 2; ++i) order.push_back(i);
        text += fmt::format(
            "# Channels last, which every backend can do: tconv's x is here x.transpose({}, 1), and y likewise.\n",
            fmt::join(order, ", "));
    }
    text += layer.comment + model_lines(problem, padding, layer);

    const char* const type = is_f64 ? "float64" : "float32";
    const auto array = [&](const char* name, const Shape& shape) {
        List whole = keras_shape(shape, problem);
        whole.insert(whole.begin(), problem.batch);
        return fmt::format("{} = np.random.default_rng(0).standard_normal({}).astype(\"{}\")\n", name,
                           python_tuple(whole), type);
    };
    text += "\n" + array("x", coarse_shape(problem));
    if (problem.has_sum) text += array("r", fine_shape(problem));
    List result = keras_shape(fine_shape(problem), problem);
    result.insert(result.begin(), problem.batch);
    return text + fmt::format("y = model({})\nassert tuple(y.shape) == {}\n", problem.has_sum ? "[x, r]" : "x",
                              python_tuple(result));
}

}  // namespace tconv::cli
