#include "tconv/sizes.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace tconv {
namespace {

std::string number(std::int64_t value) { return std::to_string(value); }

std::string rows(std::int64_t count) { return number(count) + (count == 1 ? " row" : " rows"); }

// " + 2" or " - 2".
std::string signed_number(std::int64_t value) { return value < 0 ? " - " + number(-value) : " + " + number(value); }

// One axis's sentences, each with `prefix` in front.
class AxisDerivation {
public:
    AxisDerivation(const Axis& axis, std::string prefix, std::vector<std::string>& steps)
        : axis_(axis), prefix_(std::move(prefix)), steps_(steps) {}

    void derive() {
        say_stamp();
        say_growth();
        say_padding();
        say_end();
        say("in one line: (m-1)S + d(k-1)+1 - padding + output padding = " + number(axis_.coarse - 1) + "*" +
            number(axis_.stride) + " + " + number(axis_.dilation) + "*" + number(axis_.kernel - 1) + "+1 - " +
            number(axis_.padding_begin) + " - " + number(axis_.padding_end) + signed_number(axis_.output_padding()) +
            " = " + number(axis_.fine));
    }

private:
    void say(const std::string& sentence) { steps_.push_back(prefix_ + sentence); }

    void say_stamp() {
        const std::string taps = number(axis_.kernel) + (axis_.kernel == 1 ? " tap" : " taps");
        if (axis_.dilation == 1 || axis_.kernel == 1)
            say("K = " + number(extent_) + ": each input value stamps the whole kernel, " + taps + ", into the output");
        else
            say("K = d(k-1)+1 = " + number(axis_.dilation) + "*" + number(axis_.kernel - 1) +
                "+1 = " + number(extent_) + ": each input value stamps the whole kernel, " + taps +
                " that lie d = " + number(axis_.dilation) + " apart, into the output");
    }

    void say_growth() {
        say("1st step: the first stamp makes the output K = " + rows(extent_) + " long");
        const char* const ordinals[] = {"1st", "2nd", "3rd"};
        const std::int64_t shown = std::min<std::int64_t>(axis_.coarse, 3);
        for (std::int64_t i = 1; i < shown; ++i)
            say(std::string(ordinals[i]) + " step: the next stamp starts S = " + number(axis_.stride) +
                (i == 1 ? " further, so it ends at K + S = " : " further: K + " + number(i) + "S = ") +
                number(extent_) + " + " + number(i * axis_.stride) + " = " + number(extent_ + i * axis_.stride));
        if (axis_.coarse > shown)
            say("m-th step, the last (m = " + number(axis_.coarse) + " inputs): K + (m-1)S = " + number(extent_) +
                " + " + number(axis_.coarse - 1) + "*" + number(axis_.stride) + " = " + number(axis_.full_size()));
    }

    void say_padding() {
        if (axis_.padding_begin == 0 && axis_.padding_end == 0) return;
        const std::string crops =
            axis_.padding_begin == axis_.padding_end
                ? rows(axis_.padding_begin) + " from each end"
                : rows(axis_.padding_begin) + " from the front and " + number(axis_.padding_end) + " from the end";
        say("padding removes " + crops + ": " + number(axis_.full_size()) + " - " + number(axis_.padding_begin) +
            " - " + number(axis_.padding_end) + " = " + number(cropped_));
    }

    // Output padding, or a given size that is none.
    void say_end() {
        const std::int64_t more = axis_.output_padding();
        if (more < 0)
            say("the output size given cuts " + rows(-more) + " more off the end: " + number(cropped_) + " - " +
                number(-more) + " = " + number(axis_.fine));
        if (more <= 0) return;
        const std::int64_t beyond = std::min(std::max<std::int64_t>(0, more - axis_.padding_end), axis_.fine);
        const std::string is = beyond == 1 ? " lies" : " lie";
        std::string what = "these are rows that padding removed, computed as all others";
        if (beyond == more)
            what = std::string(beyond == 1 ? "it lies" : "they lie") + " beyond the last stamp and hold" +
                   (beyond == 1 ? "s" : "") + " only the bias";
        else if (beyond > 0)
            what = "the last " + (beyond == 1 ? std::string("one") : number(beyond)) + is +
                   " beyond the last stamp and hold" + (beyond == 1 ? "s" : "") + " only the bias";
        else if (more == 1)
            what = "a row that padding removed, computed as all others";
        const bool is_usual = more < std::max(axis_.stride, axis_.dilation);
        say((is_usual ? "output padding puts " : "the output size given puts ") + rows(more) + " back at the end (" +
            what + "): " + number(cropped_) + " + " + number(more) + " = " + number(axis_.fine));
    }

    const Axis& axis_;
    std::string prefix_;
    std::vector<std::string>& steps_;
    std::int64_t extent_ = axis_.kernel_extent();
    std::int64_t cropped_ = axis_.full_size() - axis_.padding_begin - axis_.padding_end;
};

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
        AxisDerivation(axes[i], alike ? "" : "axis " + number(static_cast<std::int64_t>(i)) + ": ", derivation.steps)
            .derive();
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
                                  " there are over a million solutions; ask for smaller sizes, kernels or dilations");
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
