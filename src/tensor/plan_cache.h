// The plan cache: what one-call functions planned lately, so that a loop of calls plans once. Shared by all threads,
// the least recently used plan leaves first. Plans for a host's own executor are made anew each time: nobody knows how
// long that executor lives.
#pragma once

#include <cstdint>

#include "tconv/plan.h"
#include "tconv/result.h"

namespace tconv::plan_cache {

inline constexpr std::size_t kMostPlans = 32;

/// The plan as make_plan() makes it, but without the problem's name; from the cache where it is there. Errors: those of
/// make_plan().
Result<Plan> find_or_make(const Problem& problem, Pass pass, const PlanOptions& options);

/// Plans made and found since the start of the process.
struct Statistics {
    std::int64_t made = 0, found = 0;
};
Statistics statistics();

}  // namespace tconv::plan_cache
