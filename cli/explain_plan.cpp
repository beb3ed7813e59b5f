#include "explain_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "json.h"
#include "tconv/problem_text.h"
#include "verb.h"

namespace tconv::cli {
namespace {

struct NamedPass {
    const char* name;
    Pass pass;
};
constexpr NamedPass kPasses[] = {
    {"scatter", Pass::scatter}, {"gather", Pass::gather}, {"weight_grad", Pass::weight_grad}};

void print_as_json(const Plan& plan, const char* pass, const Explanation& told) {
    Json json = versioned_json();
    json["problem"] = to_text(plan.problem());
    json["pass"] = pass;
    json["method"] = told.method;
    json["kernel"] = told.kernel;
    json["isa"] = to_string(told.isa);
    json["threads"] = told.threads;
    json["workspace_bytes"] = told.workspace_bytes;
    json["packed_bytes"] = told.packed_bytes;
    json["predicted_ms"] = number_or_null(told.predicted_ms);
    json["bound"] = told.bound;
    json["useful_flops"] = number_or_null(told.useful_flops);
    json["executed_flops"] = number_or_null(told.executed_flops);
    json["details"] = told.details;
    json["refused"] = Json::array();
    for (const Refusal& refusal : told.refused)
        json["refused"].push_back({{"method", refusal.method}, {"reason", refusal.reason}});
    print_json(json);
}

// "1.25 Gflop"; the unit that leaves one to three digits before the point.
std::string in_flops(double flops) {
    constexpr const char* kUnits[] = {"flop", "kflop", "Mflop", "Gflop", "Tflop", "Pflop"};
    std::size_t unit = 0;
    for (; unit + 1 < std::size(kUnits) && flops >= 1000; ++unit) flops /= 1000;
    return fmt::format("{:.3g} {}", flops, kUnits[unit]);
}

void print_as_text(const Plan& plan, const char* pass, const Explanation& told) {
    const auto line = [](const char* name, const std::string& text) { fmt::print("{:<12}{}\n", name, text); };
    fmt::print("{} of {}\n", pass, to_text(plan.problem()));
    line("method", told.method);
    line("kernel", told.kernel);
    for (const std::string& detail : told.details) line("", detail);
    line("runs with", fmt::format("{}, {} thread{}", to_string(told.isa), told.threads, told.threads == 1 ? "" : "s"));
    line("memory",
         fmt::format("{} bytes of packed weights, {} bytes of workspace", told.packed_bytes, told.workspace_bytes));
    line("work", fmt::format("{} useful, {} executed", in_flops(told.useful_flops), in_flops(told.executed_flops)));
    line("predicted",
         fmt::format("{:.2g} ms, bound by {}", told.predicted_ms, told.bound == "memory" ? "memory" : "computing"));
    std::size_t width = 0;
    for (const Refusal& refusal : told.refused) width = std::max(width, refusal.method.size());
    const char* name = "not taken";
    for (const Refusal& refusal : told.refused) {
        line(name, fmt::format("{:<{}}  {}", refusal.method, width, refusal.reason));
        name = "";
    }
}

}  // namespace

Result<int> explain_plan(const Problem& problem, const std::string& pass, const PlanOptions& options, bool is_json) {
    const auto named = std::find_if(std::begin(kPasses), std::end(kPasses), [&](const NamedPass& each) {
        return pass == each.name || (pass.empty() && each.pass == Pass::scatter);
    });
    if (named == std::end(kPasses))
        return Error{ErrorCode::invalid_argument, "unknown pass '" + pass + "'; use scatter, gather or weight_grad"};
    const auto plan = make_plan(problem, named->pass, options);
    if (!plan) return plan.error();
    const Explanation told = plan->explain();
    is_json ? print_as_json(*plan, named->name, told) : print_as_text(*plan, named->name, told);
    return kDone;
}

}  // namespace tconv::cli
