// PyTorch, Keras, TensorFlow, MXNet and plain convolutions; ONNX is in frameworks_onnx.cpp.
#include "tconv/frameworks.h"

#include <algorithm>
#include <utility>

#include "problem/axis.h"
#include "problem/checked.h"
#include "problem/layer_shapes.h"

namespace tconv {
namespace {

using layer::InputSide;
using layer::mismatch;
using layer::number;
using layer::PerAxis;
using layer::quoted;
using layer::refuse;

bool any_nonzero(const Sizes& list) {
    return std::any_of(list.begin(), list.end(), [](std::int64_t value) { return value != 0; });
}

// The frameworks whose output_padding has to stay below the stride alone.
Result<void> check_below_stride(const char* name, std::int64_t value, std::int64_t stride) {
    if (value < stride) return {};
    return refuse(std::string(name) + " " + number(value) + " must be smaller than the stride " + number(stride) +
                  "; use a stride of at least " + number(value + 1) + " or " + name + " up to " + number(stride - 1));
}

// Crops the full output to `fine` rows as TensorFlow's SAME does; where it is too short, nothing is cropped.
void crop_to(Axis& axis, std::int64_t fine, bool larger_half_in_front) {
    const std::int64_t total = std::max<std::int64_t>(axis.full_size() - fine, 0);
    axis.fine = fine;
    axis.padding_begin = larger_half_in_front ? total - total / 2 : total / 2;
    axis.padding_end = total - axis.padding_begin;
}

// torch.nn.modules.conv, _ConvTransposeNd: output_size reaches from the smallest size to that + stride - 1.
Result<PerAxis> output_padding_to(const PerAxis& wanted, const Problem& problem) {
    PerAxis output_padding{};
    for (std::size_t i = 0; i < problem.spatial().size(); ++i) {
        const Axis& axis = problem.spatial()[i];
        const std::int64_t least = axis.full_size() - axis.padding_begin - axis.padding_end;
        output_padding[i] = wanted[i] - least;
        if (output_padding[i] < 0 || output_padding[i] >= axis.stride)
            return refuse("output_size " + number(wanted[i]) + " cannot be reached: with this input, kernel, padding " +
                          "and stride " + number(axis.stride) + " it must be from " + number(least) + " to " +
                          number(least + axis.stride - 1) + "; change one of them");
    }
    return output_padding;
}

// The rows of a forward convolution over `fine` rows have to be the layer's input: tf.nn.conv_transpose refuses others.
Result<void> check_forward_size(const Axis& axis, std::int64_t fine, bool same) {
    const std::int64_t first = same ? 1 : axis.kernel_extent();  // the smallest size that gives one row
    const std::int64_t rows = fine < first ? 0 : (fine - first) / axis.stride + 1;
    if (rows == axis.coarse) return {};
    const std::int64_t least = (axis.coarse - 1) * axis.stride + first;
    return refuse("output_shape " + number(fine) + " would be convolved to " + number(rows) +
                  " rows, not to the input's " + number(axis.coarse) + "; with stride " + number(axis.stride) +
                  " and padding " + (same ? "SAME" : "VALID") + " give one from " + number(least) + " to " +
                  number(least + axis.stride - 1));
}

// What TensorFlow calls output_shape may hold batch and channels too, in the layout's order; they have to be right.
Result<void> check_whole_shape(const LayerShapes& shapes, const Problem& problem, const Sizes& whole) {
    const bool first = shapes.layout == Layout::channels_first;
    const std::int64_t channels = first ? whole[1] : whole.back();
    if (whole.front() == problem.batch && channels == problem.fine_channels) return {};
    return mismatch("output_shape has batch " + number(whole.front()) + " and " + number(channels) +
                    " channels, but the arrays give " + number(problem.batch) + " and " +
                    number(problem.fine_channels) + "; leave both out or make them agree");
}

Result<PerAxis> tensorflow_sizes(const LayerShapes& shapes, const Problem& problem, const Sizes& given) {
    const std::size_t spatial = problem.spatial().size();
    if (given.size() != spatial + 2) return layer::wanted_sizes("output_shape", given, problem.rank, 2);
    if (auto ok = check_whole_shape(shapes, problem, given); !ok) return ok.error();
    const auto from = given.begin() + (shapes.layout == Layout::channels_first ? 2 : 1);
    return layer::wanted_sizes("output_shape", Sizes(from, from + problem.rank), problem.rank, 2);
}

// torch.nn.functional.conv2d, "padding": a name instead of numbers.
Result<void> check_auto_pad(const ConvTerms& terms) {
    if (terms.auto_pad.empty()) return {};
    if (terms.auto_pad != "same" && terms.auto_pad != "valid")
        return refuse("padding " + quoted(terms.auto_pad) +
                      " is unknown to a convolution; use 'same', 'valid' or numbers");
    if (terms.padding.empty() && terms.pads.empty()) return {};
    return refuse("padding is given as " + quoted(terms.auto_pad) + " and as numbers; give one of them");
}

std::string lower_case(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

}  // namespace

Result<Problem> from_pytorch(const LayerShapes& shapes, const PyTorchTerms& terms) {
    auto problem =
        layer::transposed(shapes, terms.groups, {"stride", terms.stride, 1, 1}, {"dilation", terms.dilation, 1, 1});
    if (!problem) return problem;
    const auto padding = layer::per_axis({"padding", terms.padding, 0, 0}, problem->rank);
    if (!padding) return padding.error();
    auto output_padding = layer::per_axis({"output_padding", terms.output_padding, 0, 0}, problem->rank);
    if (!output_padding) return output_padding.error();
    for (std::size_t i = 0; i < problem->spatial().size(); ++i) {
        Axis& axis = problem->spatial()[i];
        axis.padding_begin = axis.padding_end = (*padding)[i];
        if (auto ok = check_parameters(axis); !ok) return ok.error();
    }
    if (!terms.output_size.empty()) {
        if (any_nonzero(terms.output_padding))
            return refuse(
                "output_size and output_padding are given together; output_size chooses the output_padding, "
                "so give one of them");
        const bool batched = shapes.input.size() == shapes.weights.size();
        const auto wanted = layer::wanted_sizes("output_size", terms.output_size, problem->rank, batched ? 2 : 1);
        if (!wanted) return wanted.error();
        output_padding = output_padding_to(*wanted, *problem);
        if (!output_padding) return output_padding.error();
    }
    for (std::size_t i = 0; i < problem->spatial().size(); ++i) {
        const Axis& axis = problem->spatial()[i];
        const auto made = axis_from_output_padding({axis.coarse, 0, axis.kernel, axis.stride, axis.dilation,
                                                    axis.padding_begin, axis.padding_end, (*output_padding)[i]});
        if (!made) return made.error();
        problem->spatial()[i] = *made;
    }
    return layer::finish(*problem);
}

Result<Problem> from_keras(const LayerShapes& shapes, const KerasTerms& terms) {
    const std::string mode = lower_case(terms.padding);
    if (mode != "valid" && mode != "same")
        return refuse("padding " + quoted(terms.padding) +
                      " is unknown to Keras's transposed convolution; use 'valid' or 'same'");
    auto problem = layer::transposed(shapes, terms.groups, {"strides", terms.strides, 1, 1},
                                     {"dilation_rate", terms.dilation_rate, 1, 1});
    if (!problem) return problem;
    const auto output_padding = layer::per_axis({"output_padding", terms.output_padding, 0, 0}, problem->rank);
    if (!output_padding) return output_padding.error();

    const bool same = mode == "same", inferred = terms.output_padding.empty();
    for (std::size_t i = 0; i < problem->spatial().size(); ++i) {
        Axis& axis = problem->spatial()[i];
        const std::int64_t extent = axis.kernel_extent(), shifted = (axis.coarse - 1) * axis.stride;
        if (inferred) {
            crop_to(axis, shifted + (same ? axis.stride : std::max(extent, axis.stride)), false);
            continue;
        }
        if (auto ok = check_below_stride("output_padding", (*output_padding)[i], axis.stride); !ok) return ok.error();
        crop_to(axis, shifted + extent - (same ? extent / 2 * 2 : 0) + (*output_padding)[i], false);
    }
    return layer::finish(*problem);
}

Result<Problem> from_tensorflow(const LayerShapes& shapes, const TensorFlowTerms& terms) {
    if (terms.padding != "SAME" && terms.padding != "VALID")
        return refuse("padding " + quoted(terms.padding) +
                      " is unknown to TensorFlow's transposed convolution; use 'SAME' or 'VALID'");
    auto problem = layer::transposed(shapes, 1, {"strides", terms.strides, 1, 1}, {"dilations", terms.dilations, 1, 1});
    if (!problem) return problem;
    PerAxis fine{};
    if (!terms.output_shape.empty()) {
        const auto wanted = tensorflow_sizes(shapes, *problem, terms.output_shape);
        if (!wanted) return wanted.error();
        fine = *wanted;
    }
    const bool same = terms.padding == "SAME";
    for (std::size_t i = 0; i < problem->spatial().size(); ++i) {
        Axis& axis = problem->spatial()[i];
        if (terms.output_shape.empty())
            fine[i] =
                (axis.coarse - 1) * axis.stride + (same ? axis.stride : std::max(axis.kernel_extent(), axis.stride));
        if (auto ok = check_forward_size(axis, fine[i], same); !ok) return ok.error();
        crop_to(axis, fine[i], false);
    }
    return layer::finish(*problem);
}

Result<Problem> from_mxnet(const LayerShapes& shapes, const MxnetTerms& terms) {
    auto problem =
        layer::transposed(shapes, terms.num_group, {"stride", terms.stride, 1, 1}, {"dilate", terms.dilate, 1, 1});
    if (!problem) return problem;
    const auto pad = layer::per_axis({"pad", terms.pad, 0, 0}, problem->rank);
    if (!pad) return pad.error();
    const auto adj = layer::per_axis({"adj", terms.adj, 0, 0}, problem->rank);
    if (!adj) return adj.error();

    const bool targeted = any_nonzero(terms.target_shape);  // all zeros: not set, as in MXNet
    PerAxis target{};
    if (targeted) {
        const auto wanted = layer::wanted_sizes("target_shape", terms.target_shape, problem->rank, 0);
        if (!wanted) return wanted.error();
        target = *wanted;
    }
    for (std::size_t i = 0; i < problem->spatial().size(); ++i) {
        Axis& axis = problem->spatial()[i];
        if (!targeted) {
            if (auto ok = check_below_stride("adj", (*adj)[i], axis.stride); !ok) return ok.error();
            axis.padding_begin = axis.padding_end = (*pad)[i];
            if (auto ok = check_parameters(axis); !ok) return ok.error();
            axis.fine = axis.full_size() - 2 * (*pad)[i] + (*adj)[i];
            continue;
        }
        if (target[i] > axis.full_size())
            return refuse("target_shape " + number(target[i]) + " is larger than the full output " +
                          number(axis.full_size()) + "; MXNet only crops, so use a smaller one");
        // MXNet pads both sides by half, rounded up, and gives an odd row back with adj = 1, which stride 1 forbids.
        if (axis.stride == 1 && (axis.full_size() - target[i]) % 2 != 0)
            return refuse("target_shape " + number(target[i]) + " crops an odd number of rows off the full output " +
                          number(axis.full_size()) + ", which needs a stride of at least 2; change target_shape by 1");
        crop_to(axis, target[i], true);
    }
    return layer::finish(*problem);
}

Result<Problem> from_convolution(const LayerShapes& shapes, const ConvTerms& terms) {
    auto problem = layer::problem_of(shapes, InputSide::fine, terms.groups);
    if (!problem) return problem;
    const bool same = terms.auto_pad == "same";
    if (auto ok = check_auto_pad(terms); !ok) return ok.error();
    if (!terms.padding.empty() && !terms.pads.empty())
        return refuse("padding and pads are given together; give padding (both sides) or pads (begins, then ends)");
    const auto stride = layer::per_axis({"stride", terms.stride, 1, 1}, problem->rank);
    if (!stride) return stride.error();
    const auto dilation = layer::per_axis({"dilation", terms.dilation, 1, 1}, problem->rank);
    if (!dilation) return dilation.error();
    const auto padding = layer::per_axis({"padding", terms.padding, 0, 0}, problem->rank);
    if (!padding) return padding.error();
    auto pads = layer::begins_and_ends("pads", terms.pads, problem->rank);
    if (!pads) return pads.error();
    if (terms.pads.empty()) pads->begin = pads->end = *padding;
    for (std::size_t i = 0; i < problem->spatial().size(); ++i) {
        const Axis& axis = problem->spatial()[i];
        if (same) {
            if ((*stride)[i] != 1)
                return refuse("padding 'same' needs stride 1, but stride " + number((*stride)[i]) +
                              " is given; give the padding as numbers");
            const Checked total = Checked((*dilation)[i]) * (axis.kernel - 1);
            if (!total.fits())
                return refuse("dilation " + number((*dilation)[i]) + " overflows 62 bits; use a smaller one");
            pads->begin[i] = total.value() / 2;
            pads->end[i] = total.value() - pads->begin[i];
        }
        const auto made = axis_to_fine_size(
            {0, axis.fine, axis.kernel, (*stride)[i], (*dilation)[i], pads->begin[i], pads->end[i], 0}, false);
        if (!made) return made.error();
        problem->spatial()[i] = *made;
    }
    return layer::finish(*problem);
}

}  // namespace tconv
