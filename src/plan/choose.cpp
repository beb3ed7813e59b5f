#include "plan/choose.h"

#include "plan/weight_format.h"

namespace tconv::plan {
namespace {

using methods::Candidate;
using methods::Request;

Error refuse(std::string sentence) { return {ErrorCode::invalid_argument, std::move(sentence)}; }

void list(std::string& names, std::string_view name) { names.append(names.empty() ? "" : ", ").append(name); }

std::string names_for(Pass pass) {
    std::string names;
    for (const std::string_view name : method_names(pass)) list(names, name);
    return names;
}

// The cheapest of those that `suits` and that accept; the reference only where no other does.
template <class Suits>
Choice cheapest(const Request& request, const Suits& suits) {
    Choice best;
    for (const Candidate* candidate : methods::candidates()) {
        if (!serves(*candidate, request.pass) || !suits(*candidate)) continue;
        if (best.candidate != nullptr && is_reference(*candidate)) continue;
        const auto estimate = consider(*candidate, request);
        if (!estimate) continue;
        if (best.candidate == nullptr || is_reference(*best.candidate) || estimate->cycles < best.estimate.cycles)
            best = {candidate, *estimate};
    }
    return best;
}

Result<Choice> choose_by_name(const Request& request, const std::string& name) {
    bool is_known = false;
    for (const Candidate* candidate : methods::candidates()) {
        if (name != candidate->name) continue;
        is_known = true;
        if (!serves(*candidate, request.pass)) continue;
        const auto estimate = consider(*candidate, request);
        if (!estimate) return Error{estimate.error().code, "method " + name + ": " + estimate.error().message};
        return Choice{candidate, *estimate};
    }
    return refuse((is_known ? "method " + name + " does not compute " + std::string(name_of(request.pass))
                            : "unknown method '" + name.substr(0, 40) + "'") +
                  "; use one of auto, " + names_for(request.pass));
}

bool is_asked_for(const Candidate& candidate, const PlanOptions& options) {
    return options.method == "auto" || options.method == candidate.name;
}

// Whether the method packs weights in the request's order; methods that have one only need not look at the request's.
bool has_order_of(const Candidate& candidate, const Request& request) {
    if (!consider(candidate, request)) return false;
    const auto method = candidate.make(request);
    return method != nullptr && method->weight_format() == request.weight_format;
}

// The formats that could have been asked for, in quotes.
std::string formats_for(Request request, const PlanOptions& options) {
    request.weight_format = {};
    const Choice stand_in = choose_exact(request);
    const auto exact = stand_in.candidate == nullptr ? nullptr : stand_in.candidate->make(request);
    std::string formats;
    for (const Candidate* candidate : methods::candidates()) {
        if (!serves(*candidate, request.pass) || !is_asked_for(*candidate, options) || !consider(*candidate, request))
            continue;
        const auto method = candidate->make(request);
        if (method == nullptr) continue;
        const std::string order = method->weight_format();
        const std::string other = candidate->has_exact_edges || exact == nullptr ? "" : exact->weight_format();
        list(formats, "'" + weight_format_of(request, {order, other}) + "'");
    }
    return formats;
}

Result<Choice> choose_by_format(const Request& request, const PlanOptions& options) {
    if (request.pass == Pass::weight_grad)
        return refuse("a weight format is given for weight_grad, which reads no weights; leave it empty");
    if (options.method != "auto")
        if (const auto named = choose_by_name(request, options.method); !named) return named;
    const auto orders = orders_in(options.weight_format, request);
    const Choice best = cheapest(request, [&](const Candidate& candidate) {
        return orders && is_asked_for(candidate, options) && candidate.has_exact_edges == orders->exact.empty() &&
               has_order_of(candidate, request);
    });
    if (best.candidate != nullptr) return best;
    return refuse("no method for this problem reads weights of format '" + options.weight_format.substr(0, 200) +
                  "'; pack them for one of " + formats_for(request, options));
}

}  // namespace

std::string_view name_of(Pass pass) noexcept {
    return pass == Pass::scatter ? "scatter" : pass == Pass::gather ? "gather" : "weight_grad";
}

bool serves(const Candidate& candidate, Pass pass) noexcept {
    switch (pass) {
        case Pass::scatter:
            return candidate.serves_scatter;
        case Pass::gather:
            return candidate.serves_gather;
        case Pass::weight_grad:
            return candidate.serves_weight_grad;
    }
    return false;
}

bool is_reference(const Candidate& candidate) noexcept { return &candidate == &methods::kReference; }

Result<Choice> choose(const Request& request, const PlanOptions& options) {
    if (!options.weight_format.empty()) return choose_by_format(request, options);
    if (options.method != "auto") return choose_by_name(request, options.method);
    const Choice best = cheapest(request, [](const Candidate&) { return true; });
    if (best.candidate != nullptr) return best;
    std::string reasons;
    for (const Candidate* candidate : methods::candidates()) {
        if (!serves(*candidate, request.pass)) continue;
        const auto estimate = consider(*candidate, request);
        if (!estimate) list(reasons, std::string(candidate->name) + " (" + estimate.error().message + ")");
    }
    return Error{ErrorCode::unsupported, "no method of this build computes " + std::string(name_of(request.pass)) +
                                             " of this problem; tried were: " + (reasons.empty() ? "none" : reasons)};
}

Choice choose_exact(const Request& request) {
    if (methods::kDirect.has_exact_edges && serves(methods::kDirect, request.pass))
        if (const auto estimate = consider(methods::kDirect, request)) return {&methods::kDirect, *estimate};
    return cheapest(request, [](const Candidate& candidate) { return candidate.has_exact_edges; });
}

Result<methods::Estimate> consider(const Candidate& candidate, const Request& request) {
    constexpr double kReferenceCyclesPerFlop = 2, kPackCycles = 3;
    auto estimate = candidate.consider(request);
    if (estimate && is_reference(candidate)) estimate->cycles = kReferenceCyclesPerFlop * estimate->executed_flops;
    if (estimate && request.packs_each_call && !candidate.reads_natural)
        estimate->cycles += kPackCycles * static_cast<double>(request.problem.weight_elements());
    return estimate;
}

}  // namespace tconv::plan
