// `--method tuned`: the method that `tconv bench --tune` measured to be the fastest here (tuned.h), where it has
// measured this problem; else the plan's own choice.
#pragma once

#include "tconv/plan.h"

namespace tconv::cli {

/// What --method takes beside the methods' names and "auto".
inline constexpr const char* kTuned = "tuned";

/// The options with "tuned" replaced by a method's name or "auto"; others as they are. A file of tuned methods that
/// cannot be used, or names a method that does not do, is told on stderr and left alone.
PlanOptions with_tuned_method(PlanOptions options, const Problem& problem, Pass pass);

}  // namespace tconv::cli
