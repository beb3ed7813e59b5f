// The choice: every candidate that serves the pass is considered, in order, and the cheapest that accepts is taken.
// The reference is not in the running: it is taken where it is asked for by name, and where nothing else accepts.
#pragma once

#include <string>
#include <string_view>

#include "methods/candidates.h"
#include "plan/state.h"

namespace tconv::plan {

struct Choice {
    const methods::Candidate* candidate = nullptr;
    methods::Estimate estimate{};
};

bool serves(const methods::Candidate& candidate, Pass pass) noexcept;

// Whether it is the definition itself.
bool is_reference(const methods::Candidate& candidate) noexcept;

// As options.method and options.weight_format want it; `exact` is what weight formats name beside a method. Errors: as
// make_plan().
Result<Choice> choose(const methods::Request& request, const PlanOptions& options, const methods::Method* exact);

// The cheapest with exact edges; no candidate where there is none.
Choice choose_exact(const methods::Request& request);

// consider(), with a guess in cycles for the reference, which has none of its own.
Result<methods::Estimate> consider(const methods::Candidate& candidate, const methods::Request& request);

}  // namespace tconv::plan
