// What `tconv explain` says of a plan: method, kernels, memory, predicted time, and why the other methods were not
// taken.
#pragma once

#include <string>

#include "tconv/plan.h"

namespace tconv::cli {

/// Prints the plan for a pass ("scatter", "gather", "weight_grad"; empty is scatter) as text or as JSON. Errors:
/// invalid_argument for another pass, and those of make_plan().
Result<int> explain_plan(const Problem& problem, const std::string& pass, const PlanOptions& options, bool is_json);

}  // namespace tconv::cli
