// One call: plan (from the cache), pack, run.
#pragma once

#include "tconv/plan.h"
#include "tconv/result.h"

namespace tconv::one_call {

/// scatter or gather; the workspace of `arguments` is not looked at. Errors: those of make_plan() and pack(), and
/// array_mismatch where run() refuses the arguments.
Result<void> run(const Problem& problem, Pass pass, const PlanOptions& options, const void* weights,
                 const RunArguments& arguments);

/// weight_grad.
Result<void> run_weight_grad(const Problem& problem, const PlanOptions& options, const void* coarse, const void* fine,
                             void* weight_grad);

}  // namespace tconv::one_call
