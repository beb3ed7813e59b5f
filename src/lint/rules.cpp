// The rules. Each looks at one subject and says what it found in words that the author of a model understands.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "lint/subject.h"
#include "tconv/geometry.h"

namespace tconv::lint {
namespace {

constexpr double kEqualSums = 1e-3;     // epsilon below which phases are equal for every purpose
constexpr double kCleanRejection = 40;  // dB: a hundredth of the constant's amplitude
constexpr double kRandomRatio = 0.9;    // of the epsilon that independent weights have
constexpr double kEqualBias = 1e-3;     // spread of phase biases, of the largest

constexpr Rule kRules[] = {
    {"TC001", "holes", "Some outputs are reached by no tap and hold the bias alone."},
    {"TC002", "uneven-taps", "Some outputs collect more taps than their neighbours."},
    {"TC003", "random-phases", "Taps are even, but the weights' phase sums differ as much as random ones."},
    {"TC004", "flat-field-pattern", "Phase sums differ, so a constant input comes out as a pattern."},
    {"TC005", "border-ramp", "Outputs near the border collect fewer taps than those inside."},
    {"TC006", "chain-of-uneven-layers", "An uneven layer follows an uneven layer, so patterns of two periods add up."},
    {"TC007", "gradient-holes", "The strided convolution hands no gradient to some of its inputs."},
    {"TC008", "output-padding", "Output padding with a kernel that the stride does not divide."},
    {"TC009", "sub-pixel-phases", "The phases of a sub-pixel convolution differ."},
    {"TC010", "framework-padding", "Frameworks crop this padding differently."},
    {"TC011", "output-size", "The output is not stride times the input, or branches do not meet."},
};

using Add = std::vector<Finding>&;

template <class Get>
std::vector<std::int64_t> per_axis(const Subject& subject, Get get) {
    std::vector<std::int64_t> values;
    for (const Axis& axis : subject.node.problem.spatial()) values.push_back(get(axis));
    return values;
}

std::string strides_text(const Subject& s) {
    return list_text(per_axis(s, [](const Axis& axis) { return axis.stride; }));
}
std::string kernel_text(const Subject& s) {
    return list_text(per_axis(s, [](const Axis& axis) { return axis.kernel; }));
}

bool has_stride(const Subject& s) {
    return std::any_of(s.node.problem.axes.begin(), s.node.problem.axes.end(),
                       [](const Axis& axis) { return axis.stride > 1; });
}

bool has_holes(const Subject& s) { return s.node.structure.evenness == Evenness::holes; }

std::string percent(double share) { return short_number(100 * share) + " %"; }

// The nearest kernel whose taps are even, where dilation and stride allow one.
std::string even_kernel(const Subject& s) {
    return "k" +
           list_text(per_axis(s, [](const Axis& axis) { return ceil_div(axis.kernel, axis.stride) * axis.stride; }));
}

bool is_dilated_onto_stride(const Subject& s) {
    return std::any_of(s.node.problem.axes.begin(), s.node.problem.axes.end(),
                       [](const Axis& axis) { return std::gcd(axis.stride, axis.dilation) > 1; });
}

void holes(const Subject& s, Add add) {
    if (s.node.kind != Kind::transposed || !has_holes(s)) return;
    const bool is_dilated = is_dilated_onto_stride(s);
    std::string why = is_dilated
                          ? "stride and dilation have a common divisor, so the taps land on the same outputs again"
                          : "the kernel is shorter than the stride, so stamps leave gaps";
    std::string summed = s.is_summed ? " Another branch is added to the result, which may fill them." : "";
    add.push_back({"TC001", s.is_summed ? Severity::warning : Severity::error,
                   percent(s.node.structure.hole_share) +
                       " of the outputs are reached by no tap and hold the bias alone: " + why + " (kernel " +
                       kernel_text(s) + ", stride " + strides_text(s) + ")." + summed,
                   is_dilated ? "use dilation 1, or one that shares no divisor with the stride"
                              : "use a kernel of at least the stride, best twice the stride"});
}

void uneven_taps(const Subject& s, Add add) {
    if (s.node.kind != Kind::transposed || s.node.structure.evenness != Evenness::uneven) return;
    std::string message = "kernel " + kernel_text(s) + " is no multiple of stride " + strides_text(s) +
                          ": some outputs collect " + short_number(s.node.structure.overlap_ratio) +
                          " times as many taps as others, in a pattern that repeats every " + strides_text(s) +
                          " outputs.";
    if (s.node.measures && s.node.measures->epsilon < kEqualSums) {
        add.push_back({"TC002", Severity::note,
                       message +
                           " The weights make up for it: their sums are the same for every output, as those of an "
                           "enlarged picture that is convolved.",
                       "nothing, as long as the weights stay; training may undo it"});
        return;
    }
    add.push_back({"TC002", Severity::warning,
                   message + " Equal weights show it at once, and training has to unlearn it.",
                   "use " + even_kernel(s) + " with stride " + strides_text(s) +
                       ": repair R1 adds zero taps, computes the same, and can be trained on"});
}

void phases(const Subject& s, Add add) {
    if (s.node.kind == Kind::convolution || s.node.kind == Kind::sub_pixel || has_holes(s) || !s.node.measures) return;
    const checkerboard::Measures& measures = *s.node.measures;
    const bool is_even = s.node.structure.evenness == Evenness::even;
    if (is_even && measures.epsilon_ratio > kRandomRatio)
        add.push_back({"TC003", Severity::note,
                       "the taps are even, but the weights' sums per output phase differ as much as those of random "
                       "weights (" +
                           short_number(measures.epsilon_ratio) +
                           " of their epsilon): equal counts are not "
                           "equal sums, so an untrained layer shows a checkerboard whatever its kernel.",
                       "before training, initialise with ICNR or bilinear weights; after it, see TC004"});
    if (measures.image_rejection_db < kCleanRejection)
        add.push_back({"TC004", Severity::warning,
                       "a constant input comes out with a pattern of period " + strides_text(s) + ": epsilon " +
                           short_number(measures.epsilon) + ", " + short_number(measures.image_rejection_db) +
                           " dB of image rejection (40 dB would be clean). What follows may hide it: this is judged "
                           "from the weights alone.",
                       "measure it (python -m tconv lint --probe); if it shows, repair R2 makes the sums equal without "
                       "training, R4 blurs, and an enlarged picture with a convolution never has it"});
}

void border_ramp(const Subject& s, Add add) {
    if (s.node.kind != Kind::transposed || !has_stride(s)) return;
    std::vector<std::int64_t> begin, end;
    for (const checkerboard::AxisStructure& axis : s.node.structure.axes) {
        begin.push_back(axis.ramp_begin);
        end.push_back(axis.ramp_end);
    }
    const auto some = [](const std::vector<std::int64_t>& rows) {
        return std::any_of(rows.begin(), rows.end(), [](std::int64_t row) { return row > 0; });
    };
    if (!some(begin) && !some(end)) return;
    add.push_back({"TC005", Severity::note,
                   "the first " + list_text(begin) + " and last " + list_text(end) +
                       " rows of the output collect fewer taps than those inside, so borders come out darker or odd.",
                   "feed some more of the surroundings and crop these rows (padding larger by as many), or accept it"});
}

void chain(const Subject& s, Add add) {
    if (s.node.kind != Kind::transposed || s.node.structure.evenness == Evenness::even || s.upstream.empty()) return;
    std::vector<std::int64_t> period = per_axis(s, [](const Axis& axis) { return axis.stride; });
    std::string periods = list_text(period), names;
    constexpr std::size_t kMostNamed = 3;
    constexpr std::int64_t kLongest = 1 << 20;  // of a period that is told
    for (std::size_t number = 0; number < std::min(s.upstream.size(), kMostNamed); ++number) {
        const Upstream& other = s.upstream[number];
        names += (names.empty() ? "'" : ", '") + other.name + "'";
        bool is_told = true;
        for (std::size_t i = 0; i < period.size() && i < other.strides.size(); ++i) {
            is_told = is_told && other.strides[i] > 0 && period[i] <= kLongest / other.strides[i];
            if (is_told) period[i] *= other.strides[i];
        }
        if (!is_told) break;
        periods += " and " + list_text(period);
    }
    if (s.upstream.size() > kMostNamed) names += " and others";
    add.push_back({"TC006", Severity::warning,
                   "its input comes from " + names +
                       ", which is uneven as well: their patterns overlay in this layer's "
                       "output, with periods " +
                       periods + ".",
                   "make each of them even, the first one first"});
}

void gradient_holes(const Subject& s, Add add) {
    if (s.node.kind != Kind::convolution || !has_holes(s)) return;
    add.push_back({"TC007", Severity::note,
                   percent(s.node.structure.hole_share) + " of the inputs are read by no tap (kernel " +
                       kernel_text(s) + ", stride " + strides_text(s) +
                       "), so they get no gradient in training: the gradient is a transposed convolution with holes.",
                   "use a kernel of at least the stride, or average before a 1x1 convolution"});
}

void output_padding(const Subject& s, Add add) {
    if (s.node.kind != Kind::transposed || has_holes(s)) return;
    const auto axes = s.node.problem.spatial();
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const Axis& axis = axes[i];
        const bool all_alike = std::all_of(axes.begin(), axes.end(), [&](const Axis& each) {
            return each.kernel == axis.kernel && each.stride == axis.stride &&
                   each.output_padding() == axis.output_padding();
        });
        if (axis.output_padding() < 1 || axis.kernel % axis.stride == 0) continue;
        const std::int64_t kernel = ceil_div(axis.kernel, axis.stride) * axis.stride;
        const std::int64_t rows = axis.dilation * (kernel - axis.kernel);
        const std::int64_t left = std::max<std::int64_t>(0, axis.output_padding() - rows);
        const std::int64_t end = axis.padding_end + std::max<std::int64_t>(0, rows - axis.output_padding());
        const std::string padding = axis.padding_begin == end
                                        ? std::to_string(end)
                                        : std::to_string(axis.padding_begin) + ":" + std::to_string(end);
        add.push_back({"TC008", Severity::note,
                       "output padding " + std::to_string(axis.output_padding()) + " with kernel " +
                           std::to_string(axis.kernel) + " and stride " + std::to_string(axis.stride) +
                           (all_alike ? "" : ", on axis " + std::to_string(i) + ",") +
                           " reaches the wanted size, but leaves the taps uneven.",
                       "the same size and more: kernel " + std::to_string(kernel) + ", stride " +
                           std::to_string(axis.stride) + ", padding " + padding + ", output padding " +
                           std::to_string(left) + " (repair R1 turns one into the other)"});
        return;
    }
}

double bias_spread(const Subject& s, std::int64_t phase_count) {
    double spread = 0, largest = 0;
    for (std::size_t first = 0; first < s.phase_bias.size(); first += static_cast<std::size_t>(phase_count)) {
        const auto begin = s.phase_bias.begin() + static_cast<std::ptrdiff_t>(first);
        const auto [low, high] = std::minmax_element(begin, begin + static_cast<std::ptrdiff_t>(phase_count));
        spread = std::max(spread, *high - *low);
        largest = std::max({largest, std::fabs(*low), std::fabs(*high)});
    }
    return largest > 0 ? spread / largest : 0;
}

void sub_pixel(const Subject& s, Add add) {
    if (s.node.kind != Kind::sub_pixel) return;
    const double spread = s.node.measures ? bias_spread(s, s.node.measures->phases) : 0;
    const bool differs = s.node.measures && s.node.measures->epsilon >= kEqualSums;
    if (!differs && spread < kEqualBias) return;
    std::string message = "the convolution's channels become the phases of the output";
    if (differs)
        message += ", and their sums differ (epsilon " + short_number(s.node.measures->epsilon) + ", " +
                   short_number(s.node.measures->epsilon_ratio) + " of what random weights have)";
    if (spread >= kEqualBias)
        message += std::string(differs ? "; " : ", and ") + "their biases differ by " + percent(spread) +
                   " of the largest, which shows even where the input is 0";
    add.push_back({"TC009", Severity::warning,
                   message + ": a constant comes out with a pattern of period " + strides_text(s) +
                       ". What follows may hide it: this is judged from the weights alone.",
                   "before training, initialise with ICNR and equal biases; after it, measure what shows "
                   "(python -m tconv lint --probe)"});
}

void framework_padding(const Subject& s, Add add) {
    if (s.node.kind != Kind::transposed || !s.is_same) return;
    for (const Axis& axis : s.node.problem.spatial()) {
        const std::int64_t total = axis.padding_begin + axis.padding_end;
        const bool is_short = axis.kernel_extent() < axis.stride;
        if (total % 2 == 0 && !is_short) continue;
        add.push_back({"TC010", Severity::warning,
                       is_short
                           ? s.auto_pad + " with a kernel shorter than the stride: ONNX's text and ONNX Runtime give "
                                          "different sizes."
                           : s.auto_pad + " crops " + std::to_string(total) +
                                 " rows, an odd number, and frameworks differ on which end loses the odd one: the "
                                 "same model moves by a pixel.",
                       "write the pads as numbers: " + std::to_string(axis.padding_begin) + " in front, " +
                           std::to_string(axis.padding_end) + " at the end is what ONNX Runtime does"});
        return;
    }
}

void output_size(const Subject& s, Add add) {
    if (s.node.kind != Kind::transposed) return;
    for (const std::string& sentence : s.unmet)
        add.push_back(
            {"TC011", Severity::warning, sentence, "choose padding and output padding so that the sizes agree"});
    if (!has_stride(s)) return;
    for (const Axis& axis : s.node.problem.spatial()) {
        const std::int64_t off = axis.fine - axis.coarse * axis.stride;
        if (off == 0) continue;
        add.push_back({"TC011", Severity::note,
                       "the output is stride * input " + std::string(off > 0 ? "+ " : "- ") +
                           std::to_string(std::abs(off)) +
                           ", so what is halved and doubled again does not come back to its size.",
                       "the usual layers that double exactly: k4 s2 p1, k2 s2, k6 s2 p2 (tconv shape --from N --want M "
                       "lists them all)"});
        return;
    }
}

}  // namespace

std::span<const Rule> rules() noexcept { return kRules; }

std::string list_text(std::span<const std::int64_t> values) {
    std::string text;
    for (const std::int64_t value : values) text += (text.empty() ? "" : "x") + std::to_string(value);
    return text;
}

std::string short_number(double value) {
    if (!std::isfinite(value)) return value > 0 ? "infinitely many" : "minus infinity";
    char digits[40];
    return {digits, std::to_chars(digits, digits + sizeof digits, value, std::chars_format::general, 3).ptr};
}

Result<JudgedNode> judge(Subject& subject) {
    JudgedNode& node = subject.node;
    node.structure = checkerboard::structure_of(node.problem);
    if (!subject.values.empty()) {
        auto measures = checkerboard::measure(node.problem, subject.values);
        if (!measures) return measures.error();
        node.measures = std::move(*measures);
    }
    for (const auto rule : {holes, uneven_taps, phases, border_ramp, chain, gradient_holes, output_padding, sub_pixel,
                            framework_padding, output_size})
        rule(subject, node.findings);
    return std::move(node);
}

}  // namespace tconv::lint
