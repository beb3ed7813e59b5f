// tconv shape --code pytorch: torch.nn.ConvTransposeNd. Its padding cuts both ends alike and its output_padding gives
// back less than max(stride, dilation) rows at the end; any other crop is cut from a larger output.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "layer_code.h"
#include "tconv/passes.h"

namespace tconv::cli {
namespace {

// One axis of the layer, and what must be done around it.
struct TorchAxis {
    std::int64_t padding = 0, output_padding = 0;
    Cut cut;
};

TorchAxis torch_axis(const Axis& axis) {
    const Cut cut = cut_of(axis, axis.full_size());
    const std::int64_t end = axis.full_size() - axis.padding_begin - axis.fine;  // below 0: rows beyond the stamps
    const std::int64_t output_padding = axis.padding_begin - end;
    if (output_padding >= 0 && output_padding < std::max(axis.stride, axis.dilation))
        return {axis.padding_begin, output_padding, {}};
    const std::int64_t both = std::min(cut.begin, cut.end);
    return {both, 0, {cut.extra, cut.begin - both, cut.end - both}};
}

std::string activation_call(const Activation& activation) {
    switch (activation.kind) {
        case Activation::Kind::relu:
            return "torch.relu(y)";
        case Activation::Kind::leaky:
            return fmt::format("F.leaky_relu(y, {})", python_number(activation.alpha));
        case Activation::Kind::tanh:
            return "torch.tanh(y)";
        case Activation::Kind::sigmoid:
            return "torch.sigmoid(y)";
        case Activation::Kind::clamp:
            return fmt::format("torch.clamp(y, {}, {})", python_number(activation.alpha),
                               python_number(activation.beta));
        default:
            return "y";
    }
}

std::string constructor(const Problem& problem, const std::vector<TorchAxis>& axes) {
    std::vector<std::int64_t> padding, output_padding;
    for (const TorchAxis& axis : axes) {
        padding.push_back(axis.padding);
        output_padding.push_back(axis.output_padding);
    }
    std::string text =
        fmt::format("nn.ConvTranspose{}d({}, {}", problem.rank, problem.coarse_channels, problem.fine_channels);
    const auto argument = [&](const char* name, const std::vector<std::int64_t>& values, std::int64_t usual) {
        if (std::any_of(values.begin(), values.end(), [&](auto value) { return value != usual; }))
            text += fmt::format(", {}={}", name, python_sizes(values));
    };
    argument("kernel_size", per_axis(problem, [](const Axis& axis) { return axis.kernel; }), -1);
    argument("stride", per_axis(problem, [](const Axis& axis) { return axis.stride; }), 1);
    argument("padding", padding, 0);
    argument("output_padding", output_padding, 0);
    argument("dilation", per_axis(problem, [](const Axis& axis) { return axis.dilation; }), 1);
    argument("groups", {problem.groups}, 1);
    text += problem.has_bias ? ", bias=True" : ", bias=False";
    return text + (problem.dtype == DType::f64 ? ", dtype=torch.float64)" : ")");
}

std::string slice(const Cut& cut) {
    return fmt::format("{}:{}", cut.begin > 0 ? std::to_string(cut.begin) : "",
                       cut.end > 0 ? "-" + std::to_string(cut.end) : "");
}

// The lines of forward(); empty where the layer alone will do.
std::string forward_lines(const Problem& problem, const std::vector<TorchAxis>& axes) {
    std::vector<std::int64_t> to_first{0, problem.rank + 1}, to_last{0}, zeros;
    std::vector<std::string> slices;
    for (int i = 0; i < problem.rank; ++i) {
        to_first.push_back(i + 1);
        to_last.push_back(i + 2);
        slices.push_back(slice(axes[static_cast<std::size_t>(i)].cut));
        const Cut& from_last = axes[static_cast<std::size_t>(problem.rank - 1 - i)].cut;
        zeros.insert(zeros.end(), {0, from_last.extra});
    }
    to_last.push_back(1);
    const bool is_last = problem.layout == Layout::channels_last;
    const bool extends = std::any_of(zeros.begin(), zeros.end(), [](auto count) { return count > 0; });
    const bool cuts = std::any_of(slices.begin(), slices.end(), [](const std::string& text) { return text != ":"; });
    const bool activates = problem.activation.kind != Activation::Kind::none;
    if (!is_last && !extends && !cuts && !activates && !problem.has_sum) return {};

    std::string lines;
    if (is_last)
        lines +=
            fmt::format("        x = x.permute{}  # the problem's arrays are channels last\n", python_tuple(to_first));
    if (extends)
        lines += fmt::format(
            "        # Zeros after the input make rows that hold only the bias: more of them than output_padding may "
            "add.\n"
            "        x = F.pad(x, {})\n",
            python_tuple(zeros));
    lines += "        y = self.conv(x)\n";
    if (cuts)
        lines += fmt::format(
            "        # PyTorch's padding cuts both ends alike; the rest is cut here.\n"
            "        y = y[:, :, {}]\n",
            fmt::join(slices, ", "));
    if (is_last) lines += fmt::format("        y = y.permute{}\n", python_tuple(to_last));
    if (problem.has_sum) lines += "        y = y + residual\n";
    return lines + fmt::format("        return {}\n", activation_call(problem.activation));
}

}  // namespace

Result<std::string> pytorch_code(const Problem& problem) {
    if (problem.coarse_channels == 0 || problem.fine_channels == 0)
        return Error{ErrorCode::unsupported,
                     "PyTorch's layers need at least 1 input and 1 output channel; use --code cpp, or more channels"};
    std::vector<TorchAxis> axes;
    for (const Axis& axis : problem.spatial()) axes.push_back(torch_axis(axis));
    const std::string forward = forward_lines(problem, axes);
    const bool needs_functional = forward.find("F.") != std::string::npos;
    const char* const type = problem.dtype == DType::f64 ? ", dtype=torch.float64" : "";

    std::string text = fmt::format("# tconv: {}\n# input {}, output {}\nimport torch\n{}from torch import nn\n\n",
                                   text_without_name(problem),
                                   size_text(per_axis(problem, [](const Axis& axis) { return axis.coarse; })),
                                   size_text(per_axis(problem, [](const Axis& axis) { return axis.fine; })),
                                   needs_functional ? "import torch.nn.functional as F\n" : "");
    if (forward.empty())
        text += fmt::format("layer = {}\n", constructor(problem, axes));
    else
        text += fmt::format(
            "\nclass Layer(nn.Module):\n"
            "    def __init__(self):\n"
            "        super().__init__()\n"
            "        self.conv = {}\n\n"
            "    def forward(self, x{}):\n{}\n\n"
            "layer = Layer()\n",
            constructor(problem, axes), problem.has_sum ? ", residual" : "", forward);
    text += fmt::format("# {}.weight has tconv's own order, (C_in, C_out/groups, kernel...) = {}\n\n",
                        forward.empty() ? "layer" : "layer.conv", python_tuple(weight_shape(problem)));
    text += fmt::format("x = torch.randn({}{})\n", fmt::join(coarse_shape(problem), ", "), type);
    if (problem.has_sum)
        text += fmt::format("residual = torch.randn({}{})\n", fmt::join(fine_shape(problem), ", "), type);
    return text + fmt::format("y = layer(x{})\nassert y.shape == {}\n", problem.has_sum ? ", residual" : "",
                              python_tuple(fine_shape(problem)));
}

}  // namespace tconv::cli
