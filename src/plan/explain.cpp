#include <algorithm>
#include <charconv>
#include <iterator>

#include "plan/choose.h"
#include "plan/cost.h"
#include "plan/state.h"
#include "tconv/problem_text.h"

namespace tconv {
namespace {

// A few significant digits; large numbers to the last one before the point.
std::string in_digits(double value, int digits) {
    char text[400];
    double power = 1;
    while (digits > 1 && value >= 10 * power && power < 1e300) power *= 10, --digits;
    const bool is_large = value >= 10 * power;
    const auto end = is_large     ? std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 0)
                     : value >= 1 ? std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits - 1)
                                  : std::to_chars(text, text + sizeof text, value, std::chars_format::general, digits);
    return std::string(text, end.ptr);
}

std::string in_milliseconds(double value) { return in_digits(value, 2) + " ms"; }

// "1.25 Gflop": the unit that leaves one to three digits before the point.
std::string in_flops(double flops) {
    constexpr const char* kUnits[] = {" flop", " kflop", " Mflop", " Gflop", " Tflop", " Pflop"};
    std::size_t unit = 0;
    for (; unit + 1 < std::size(kUnits) && flops >= 1000; ++unit) flops /= 1000;
    return in_digits(flops, 3) + kUnits[unit];
}

std::string why_not(const Plan::State& state, const methods::Candidate& candidate) {
    const auto estimate = plan::consider(candidate, state.request);
    if (!estimate) return estimate.error().message;
    if (plan::is_reference(candidate)) return "the definition itself, in double and on one thread; only by name";
    const std::string predicted =
        "predicted " + in_milliseconds(plan::predicted_ms(state.request, estimate->cycles, state.request.threads));
    if (state.options.method != "auto") return "not asked for: " + predicted;
    if (!state.options.weight_format.empty()) return "another weight format is asked for: " + predicted;
    return "slower: " + predicted;
}

}  // namespace

Explanation Plan::explain() const {
    const State& state = *state_;
    const methods::Request& request = state.request;
    Explanation told;
    told.method = state.candidate->name;
    told.kernel = state.method->kernel();
    told.bound = plan::is_compute_bound(request, request.threads) ? "compute" : "memory";
    told.isa = isa();
    told.threads = threads();
    told.workspace_bytes = workspace_bytes();
    told.packed_bytes = packed_bytes();
    told.useful_flops = plan::useful_flops(request.problem);
    told.executed_flops = state.estimate.executed_flops;
    told.predicted_ms = plan::predicted_ms(request, state.estimate.cycles, request.threads);
    told.details = state.method->details();
    for (const methods::Candidate* candidate : methods::candidates())
        if (plan::serves(*candidate, request.pass) && candidate != state.candidate)
            told.refused.push_back({candidate->name, why_not(state, *candidate)});
    return told;
}

std::string to_text(const Plan& plan) {
    const Explanation told = plan.explain();
    std::string text;
    const auto line = [&](std::string_view name, const std::string& words) {
        constexpr std::size_t kColumn = 12;
        text.append(name).append(kColumn - name.size(), ' ').append(words).append("\n");
    };
    text.append(plan::name_of(plan.pass())).append(" of ").append(to_text(plan.problem())).append("\n");
    line("method", told.method);
    line("kernel", told.kernel);
    for (const std::string& detail : told.details) line("", detail);
    line("runs with", std::string(to_string(told.isa)) + ", " + std::to_string(told.threads) +
                          (told.threads == 1 ? " thread" : " threads"));
    line("memory", std::to_string(told.packed_bytes) + " bytes of packed weights, " +
                       std::to_string(told.workspace_bytes) + " bytes of workspace");
    line("work", in_flops(told.useful_flops) + " useful, " + in_flops(told.executed_flops) + " executed");
    line("predicted",
         in_milliseconds(told.predicted_ms) + ", bound by " + (told.bound == "memory" ? "memory" : "computing"));
    std::size_t width = 0;
    for (const Refusal& refusal : told.refused) width = std::max(width, refusal.method.size());
    std::string_view name = "not taken";
    for (const Refusal& refusal : told.refused) {
        line(name, refusal.method + std::string(width + 2 - refusal.method.size(), ' ') + refusal.reason);
        name = "";
    }
    return text;
}

}  // namespace tconv
