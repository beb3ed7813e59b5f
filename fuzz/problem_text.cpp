#include "tconv/problem_text.h"

#include <string_view>

#include "check.h"
#include "tconv/geometry.h"
#include "tconv/sizes.h"

using tconv::fuzz::require;

namespace {

void check_activation(std::string_view text) {
    const auto activation = tconv::parse_activation(text);
    if (!activation) return;
    const std::string canonical = tconv::to_text(*activation);
    const auto again = tconv::parse_activation(canonical.empty() ? "none" : canonical);
    require(again && *again == *activation, "an activation's text gives the activation back");
}

/// The closed forms on the axis's corners: no overflow (the sanitizer looks), and they agree with each other.
void check_axis(const tconv::Axis& axis) {
    require(tconv::meeting_pairs(axis) >= 0 && tconv::empty_phases(axis) >= 0, "counts are not negative");
    require(tconv::empty_phases(axis) < axis.stride, "some phase has a tap");
    for (const std::int64_t fine : {std::int64_t{0}, axis.fine / 2, axis.fine - 1}) {
        const auto contributions = tconv::contributions_to(axis, fine);
        require(contributions.count == tconv::overlap(axis, fine), "overlap counts the contributions");
        const std::int64_t phase = tconv::phase_of(axis, fine);
        require(phase >= 0 && phase < axis.stride, "a phase lies in [0, stride)");
        require(contributions.count <= tconv::taps_of_phase(axis, phase).count, "a phase's taps are all that reach it");
        if (contributions.count == 0) continue;
        const std::int64_t tap = contributions.first_tap, coarse = contributions.first_coarse;
        require(coarse * axis.stride + tap * axis.dilation - axis.padding_begin == fine, "a contribution meets");
    }
    for (const std::int64_t tap : {std::int64_t{0}, axis.kernel / 2, axis.kernel - 1}) {
        const tconv::Range coarse = tconv::coarse_range(axis, tap), fine = tconv::fine_range(axis, tap);
        require(coarse.empty() == fine.empty(), "a tap's two ranges are empty together");
        if (!coarse.empty()) require(coarse.begin >= 0 && coarse.end <= axis.coarse, "a coarse range lies in the axis");
        if (!fine.empty()) require(fine.begin >= 0 && fine.end <= axis.fine, "a fine range lies in the axis");
    }
    for (const std::int64_t coarse : {std::int64_t{0}, axis.coarse - 1}) {
        const tconv::Range taps = tconv::tap_range(axis, coarse);
        if (!taps.empty()) require(taps.begin >= 0 && taps.end <= axis.kernel, "a tap range lies in the kernel");
    }
}

void check_problem(const tconv::Problem& problem) {
    require(tconv::validate(problem).ok(), "a parsed problem is valid");
    const std::string canonical = tconv::to_text(problem);
    const auto again = tconv::parse_problem(canonical);
    require(again && *again == problem, "a problem's text gives the problem back");
    require(tconv::to_text(*again) == canonical, "the canonical text is canonical");
    require(problem.coarse_elements() >= 0 && problem.fine_elements() >= 0 && problem.weight_elements() >= 0,
            "element counts do not overflow");
    static_cast<void>(tconv::derive_size(problem));
    for (const tconv::Axis& axis : problem.axes) check_axis(axis);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_activation(text);
    const auto tokens = tconv::parse_tokens(text);
    const auto problem = tconv::parse_problem(text);
    require(tokens || !problem, "a problem is made of tokens");
    require(problem || !problem.error().message.empty(), "an error is a sentence");
    if (problem) check_problem(*problem);
    return 0;
}
