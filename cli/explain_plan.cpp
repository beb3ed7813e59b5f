#include "explain_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "json.h"
#include "tconv/problem_text.h"
#include "tuned_method.h"
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

}  // namespace

Result<int> explain_plan(const Problem& problem, const std::string& pass, const PlanOptions& options, bool is_json) {
    const auto named = std::find_if(std::begin(kPasses), std::end(kPasses), [&](const NamedPass& each) {
        return pass == each.name || (pass.empty() && each.pass == Pass::scatter);
    });
    if (named == std::end(kPasses))
        return Error{ErrorCode::invalid_argument, "unknown pass '" + pass + "'; use scatter, gather or weight_grad"};
    const auto plan = make_plan(problem, named->pass, with_tuned_method(options, problem, named->pass));
    if (!plan) return plan.error();
    if (is_json)
        print_as_json(*plan, named->name, plan->explain());
    else
        fmt::print("{}", to_text(*plan));
    return kDone;
}

}  // namespace tconv::cli
