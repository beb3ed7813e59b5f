#include "problem/axis.h"

#include <algorithm>

#include "problem/checked.h"

namespace tconv {
namespace {

Error refuse(std::string sentence) { return {ErrorCode::invalid_argument, std::move(sentence)}; }

std::string number(std::int64_t value) { return std::to_string(value); }

Error overflow(const Axis& axis) {
    return refuse("sizes overflow 62 bits: input " + number(axis.coarse) + ", kernel " + number(axis.kernel) +
                  ", stride " + number(axis.stride) + ", dilation " + number(axis.dilation) + ", padding " +
                  number(axis.padding_begin) + ":" + number(axis.padding_end) + ", output " + number(axis.fine) +
                  "; use smaller ones");
}

Axis without_sizes(const AxisTerms& terms) {
    return {terms.coarse, 1, terms.kernel, terms.stride, terms.dilation, terms.padding_begin, terms.padding_end};
}

}  // namespace

Result<void> check_at_least(const char* what, std::int64_t value, std::int64_t least) {
    if (value >= least) return {};
    return refuse(std::string(what) + " " + number(value) + " must be at least " + number(least));
}

Result<void> check_parameters(const Axis& axis) {
    struct Rule {
        const char* what;
        std::int64_t value, least;
    };
    const Rule rules[] = {
        {"input (coarse) size", axis.coarse, 1}, {"kernel size", axis.kernel, 1},    {"stride", axis.stride, 1},
        {"dilation", axis.dilation, 1},          {"padding", axis.padding_begin, 0}, {"padding", axis.padding_end, 0}};
    for (const Rule& rule : rules) {
        if (auto ok = check_at_least(rule.what, rule.value, rule.least); !ok) return ok;
    }
    // Later arithmetic adds at most two of these; each fits 62 bits, so the sums fit 63.
    const Checked padding = Checked(axis.padding_begin) + axis.padding_end;
    const Checked reach = Checked(axis.coarse) * axis.stride + Checked(axis.kernel) * axis.dilation + 1;
    if (!padding.fits() || !reach.fits() || !(reach + padding).fits()) return overflow(axis);
    return {};
}

Result<void> check_axis(const Axis& axis) {
    if (auto ok = check_parameters(axis); !ok) return ok;
    if (axis.fine < 1)
        return refuse("output (fine) size " + number(axis.fine) + " must be at least 1: the full output has " +
                      number(axis.full_size()) + " rows and padding " + number(axis.padding_begin) + ":" +
                      number(axis.padding_end) + " is cropped; use less padding");
    const Checked reach = Checked(axis.coarse) * axis.stride + Checked(axis.kernel) * axis.dilation + 1;
    if (!(reach + axis.padding_begin + axis.padding_end + axis.fine).fits()) return overflow(axis);
    return {};
}

Result<Axis> axis_from_output_padding(const AxisTerms& terms) {
    Axis axis = without_sizes(terms);
    if (auto ok = check_parameters(axis); !ok) return ok.error();
    const std::int64_t limit = std::max(axis.stride, axis.dilation);
    if (terms.output_padding < 0)
        return refuse("output_padding " + number(terms.output_padding) + " must not be negative; crop with padding");
    if (terms.output_padding >= limit)
        return refuse("output_padding " + number(terms.output_padding) + " must be smaller than max(stride " +
                      number(axis.stride) + ", dilation " + number(axis.dilation) + ") = " + number(limit) +
                      "; use a larger stride or output_padding up to " + number(limit - 1));
    axis.fine = axis.full_size() - axis.padding_begin - axis.padding_end + terms.output_padding;
    if (auto ok = check_axis(axis); !ok) return ok.error();
    return axis;
}

Result<Axis> axis_to_fine_size(const AxisTerms& terms, bool coarse_is_given) {
    Axis axis = without_sizes(terms);
    axis.fine = terms.fine;
    if (auto ok = check_at_least("output (fine) size", axis.fine, 1); !ok) return ok.error();
    if (!coarse_is_given) {
        axis.coarse = 1;
        if (auto ok = check_axis(axis); !ok) return ok.error();
        const std::int64_t room = axis.fine + axis.padding_begin + axis.padding_end - axis.kernel_extent();
        if (room < 0)
            return refuse("the kernel's extent " + number(axis.kernel_extent()) + " is larger than the padded size " +
                          number(room + axis.kernel_extent()) + "; use a smaller kernel or more padding");
        axis.coarse = room / axis.stride + 1;
    }
    if (auto ok = check_axis(axis); !ok) return ok.error();
    return axis;
}

}  // namespace tconv
