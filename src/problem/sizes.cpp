#include "tconv/sizes.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace tconv {
namespace {

std::string number(std::int64_t value) { return std::to_string(value); }

// "axis 1: " in front of a step where the axes differ.
void derive_axis(const Axis& axis, const std::string& prefix, std::vector<std::string>& steps) {
    const std::int64_t extent = axis.kernel_extent();
    const auto say = [&](const std::string& sentence) { steps.push_back(prefix + sentence); };

    say("K = dilation*(kernel-1)+1 = " + number(axis.dilation) + "*(" + number(axis.kernel) +
        "-1)+1 = " + number(extent));
    say("1st step: the first input writes K = " + number(extent));
    const std::int64_t shown = std::min<std::int64_t>(axis.coarse, 4);
    const char* const ordinals[] = {"1st", "2nd", "3rd", "4th"};
    for (std::int64_t i = 1; i < shown; ++i)
        say(std::string(ordinals[i]) + " step: shifted by S = " + number(axis.stride) + ": K + " +
            (i == 1 ? "S" : number(i) + "S") + " = " + number(extent + i * axis.stride));
    if (axis.coarse > shown)
        say("step m = " + number(axis.coarse) + ": K + (m-1)S = " + number(extent) + " + " + number(axis.coarse - 1) +
            "*" + number(axis.stride) + " = " + number(axis.full_size()));
    if (axis.padding_begin != 0 || axis.padding_end != 0)
        say("padding crops " + number(axis.padding_begin) + " in front and " + number(axis.padding_end) +
            " at the end: " + number(axis.full_size()) + " - " + number(axis.padding_begin) + " - " +
            number(axis.padding_end) + " = " + number(axis.full_size() - axis.padding_begin - axis.padding_end));
    if (const std::int64_t more = axis.output_padding(); more > 0)
        say("output_padding moves the end out by " + number(more) + ": " + number(axis.fine));
    else if (more < 0)
        say("the given output size crops " + number(-more) + " more at the end: " + number(axis.fine));
    say("output = (input-1)*stride + dilation*(kernel-1)+1 - padding_begin - padding_end + output_padding = (" +
        number(axis.coarse) + "-1)*" + number(axis.stride) + " + " + number(axis.dilation) + "*(" +
        number(axis.kernel) + "-1)+1 - " + number(axis.padding_begin) + " - " + number(axis.padding_end) +
        (axis.output_padding() < 0 ? " - " : " + ") +
        number(axis.output_padding() < 0 ? -axis.output_padding() : axis.output_padding()) + " = " + number(axis.fine));
}

}  // namespace

SizeDerivation derive_size(const Problem& problem) {
    SizeDerivation derivation;
    const auto axes = problem.spatial();
    for (const Axis& axis : axes) {
        derivation.input_size.push_back(axis.coarse);
        derivation.full_size.push_back(axis.full_size());
        derivation.output_size.push_back(axis.fine);
    }
    const bool alike = std::all_of(axes.begin(), axes.end(), [&](const Axis& axis) { return axis == axes[0]; });
    for (std::size_t i = 0; i < (alike ? 1 : axes.size()); ++i)
        derive_axis(axes[i], alike ? "" : "axis " + number(static_cast<std::int64_t>(i)) + ": ", derivation.steps);
    return derivation;
}

const char* to_string(Evenness evenness) noexcept {
    switch (evenness) {
        case Evenness::even:
            return "even";
        case Evenness::uneven:
            return "uneven";
        default:
            return "holes";
    }
}

Evenness evenness_of(std::int64_t kernel, std::int64_t stride, std::int64_t dilation) noexcept {
    if (std::gcd(stride, dilation) > 1 || kernel < stride) return Evenness::holes;
    return kernel % stride == 0 ? Evenness::even : Evenness::uneven;
}

Result<std::vector<SizeSolution>> solve_size(const SizeQuestion& question) {
    constexpr std::int64_t kLargest = std::int64_t{1} << 40, kMostTaps = 64;
    constexpr std::size_t kMostSolutions = 1'000'000;
    const auto refuse = [](std::string sentence) { return Error{ErrorCode::invalid_argument, std::move(sentence)}; };
    if (question.from < 1 || question.want < 1 || question.from > kLargest || question.want > kLargest)
        return refuse("sizes " + number(question.from) + " and " + number(question.want) +
                      " must be at least 1 and at most 2^40");
    if (question.max_kernel < 1 || question.max_kernel > kMostTaps || question.max_dilation < 1 ||
        question.max_dilation > kMostTaps)
        return refuse("the largest kernel " + number(question.max_kernel) + " and dilation " +
                      number(question.max_dilation) + " to look for must be from 1 to 64");

    std::vector<SizeSolution> solutions;
    // want = (from-1)*s + extent - 2p + op, with 0 <= p < extent and 0 <= op < max(s, d): a stride has solutions only
    // between a lowest one, where the most output padding still reaches `want`, and a highest one, where the most
    // padding still crops down to it. Where the stride moves nothing (from = 1), max_kernel is the highest.
    const std::int64_t moves = question.from - 1;
    for (std::int64_t k = 1; k <= question.max_kernel; ++k)
        for (std::int64_t d = 1; d <= (k == 1 ? 1 : question.max_dilation); ++d) {
            const std::int64_t extent = d * (k - 1) + 1;
            const std::int64_t lowest =
                moves == 0 ? 1 : std::max<std::int64_t>(1, (question.want - extent - d) / question.from);
            const std::int64_t highest = moves == 0 ? question.max_kernel : (question.want + extent - 2) / moves;
            for (std::int64_t s = lowest; s <= highest; ++s) {
                const std::int64_t full = moves * s + extent;
                for (std::int64_t op = std::max<std::int64_t>(0, question.want - full); op < std::max(s, d); ++op) {
                    const std::int64_t cropped = full + op - question.want;
                    if (cropped > 2 * (extent - 1)) break;
                    if (cropped % 2 == 0) solutions.push_back({k, s, cropped / 2, op, d, evenness_of(k, s, d)});
                }
                if (solutions.size() > kMostSolutions)
                    return refuse("from " + number(question.from) + " to " + number(question.want) +
                                  " there are over a million solutions; look for smaller kernels and dilations");
            }
        }

    const auto plainness = [](const SizeSolution& a) {
        return std::tuple(a.dilation > 1, a.evenness == Evenness::holes, a.evenness == Evenness::uneven,
                          a.output_padding > 0, a.kernel, a.stride, a.dilation, a.padding, a.output_padding);
    };
    std::sort(solutions.begin(), solutions.end(),
              [&](const SizeSolution& a, const SizeSolution& b) { return plainness(a) < plainness(b); });
    return solutions;
}

}  // namespace tconv
