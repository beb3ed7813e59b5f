// ONNX ConvTranspose, whose padding comes from pads, from auto_pad, or from output_shape.
#include <algorithm>

#include "problem/axis.h"
#include "problem/layer_shapes.h"
#include "tconv/frameworks.h"

namespace tconv {
namespace {

using layer::mismatch;
using layer::number;
using layer::PerAxis;
using layer::quoted;
using layer::refuse;
using layer::shape_text;

enum class AutoPad : std::uint8_t { notset, same_upper, same_lower, valid };

Result<AutoPad> parse_auto_pad(const std::string& text) {
    if (text == "NOTSET" || text.empty()) return AutoPad::notset;
    if (text == "SAME_UPPER") return AutoPad::same_upper;
    if (text == "SAME_LOWER") return AutoPad::same_lower;
    if (text == "VALID") return AutoPad::valid;
    return refuse("auto_pad " + quoted(text) + " is unknown; use NOTSET, SAME_UPPER, SAME_LOWER or VALID");
}

Result<void> check_kernel_shape(const Sizes& given, const Problem& problem) {
    bool agree = given.size() == problem.spatial().size();
    for (std::size_t i = 0; agree && i < given.size(); ++i) agree = given[i] == problem.spatial()[i].kernel;
    if (given.empty() || agree) return {};
    Sizes kernel;
    for (const Axis& axis : problem.spatial()) kernel.push_back(axis.kernel);
    return mismatch("kernel_shape " + shape_text(given) + " disagrees with the weights' kernel " + shape_text(kernel) +
                    "; leave it out or make them agree");
}

// What the axis is cropped to, and where: total = natural + output_padding - fine rows go, the odd one at the end for
// SAME_UPPER and in front otherwise.
Result<void> crop_to(Axis& axis, std::int64_t fine, std::int64_t output_padding, bool odd_row_at_end) {
    const std::int64_t natural = axis.full_size(), total = natural + output_padding - fine;
    if (total < 0 && fine - natural >= axis.stride)
        return refuse("output_shape " + number(fine) + " is above the natural size " + number(natural) + " by " +
                      number(fine - natural) + "; it may be above by less than the stride " + number(axis.stride) +
                      ", so use up to " + number(natural + axis.stride - 1));
    axis.fine = fine;
    const std::int64_t cropped = std::max<std::int64_t>(total, 0);
    axis.padding_begin = odd_row_at_end ? cropped / 2 : cropped - cropped / 2;
    axis.padding_end = cropped - axis.padding_begin;
    return {};
}

}  // namespace

Result<Problem> from_onnx(const LayerShapes& shapes, const OnnxTerms& terms) {
    const auto auto_pad = parse_auto_pad(terms.auto_pad);
    if (!auto_pad) return auto_pad.error();
    auto problem =
        layer::transposed(shapes, terms.group, {"strides", terms.strides, 1, 1}, {"dilations", terms.dilations, 1, 1});
    if (!problem) return problem;
    if (auto ok = check_kernel_shape(terms.kernel_shape, *problem); !ok) return ok.error();
    const auto pads = layer::begins_and_ends("pads", terms.pads, problem->rank);
    if (!pads) return pads.error();
    const bool padded = std::any_of(terms.pads.begin(), terms.pads.end(), [](std::int64_t pad) { return pad != 0; });
    if (*auto_pad != AutoPad::notset && padded)
        return refuse("auto_pad " + terms.auto_pad +
                      " and pads are given together; auto_pad chooses the pads, so give "
                      "one of them");
    const auto output_padding = layer::per_axis({"output_padding", terms.output_padding, 0, 0}, problem->rank);
    if (!output_padding) return output_padding.error();
    PerAxis wanted{};
    if (!terms.output_shape.empty()) {
        const auto sizes = layer::wanted_sizes("output_shape", terms.output_shape, problem->rank, 0);
        if (!sizes) return sizes.error();
        wanted = *sizes;
    }

    const bool same = *auto_pad == AutoPad::same_upper || *auto_pad == AutoPad::same_lower;
    for (std::size_t i = 0; i < problem->spatial().size(); ++i) {
        Axis& axis = problem->spatial()[i];
        const std::int64_t largest = axis.full_size() + (*output_padding)[i];
        if (terms.output_shape.empty() && !same) {
            axis.padding_begin = pads->begin[i];
            axis.padding_end = pads->end[i];
            if (auto ok = check_parameters(axis); !ok) return ok.error();
            axis.fine = largest - axis.padding_begin - axis.padding_end;
            continue;
        }
        const std::int64_t fine = terms.output_shape.empty() ? std::min(axis.coarse * axis.stride, largest) : wanted[i];
        if (auto ok = crop_to(axis, fine, (*output_padding)[i], *auto_pad == AutoPad::same_upper); !ok)
            return ok.error();
    }
    return layer::finish(*problem);
}

}  // namespace tconv
