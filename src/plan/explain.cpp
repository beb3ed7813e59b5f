#include <charconv>

#include "plan/choose.h"
#include "plan/cost.h"
#include "plan/state.h"

namespace tconv {
namespace {

// "0.031 ms", "3.2 ms", "1250 ms".
std::string in_milliseconds(double value) {
    char text[32];
    const auto end = value < 100 ? std::to_chars(text, text + sizeof text, value, std::chars_format::general, 2)
                                 : std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 0);
    return std::string(text, end.ptr) + " ms";
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

}  // namespace tconv
