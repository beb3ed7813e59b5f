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

std::string_view name_of(Pass pass) noexcept;

bool serves(const methods::Candidate& candidate, Pass pass) noexcept;

// Whether it is the definition itself.
bool is_reference(const methods::Candidate& candidate) noexcept;

// As options.method and options.weight_format want it; request.weight_format is the order that the latter names.
// Errors: as make_plan().
Result<Choice> choose(const methods::Request& request, const PlanOptions& options);

// A method for weights that are not finite: direct where it can, as its order is the same for all sizes. No candidate
// where there is none.
Choice choose_exact(const methods::Request& request);

// consider(), with a guess in cycles for the reference, which has none of its own, and with packing where that is a
// part of each call.
Result<methods::Estimate> consider(const methods::Candidate& candidate, const methods::Request& request);

}  // namespace tconv::plan
