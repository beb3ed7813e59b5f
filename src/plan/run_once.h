// Pack and run in one step, for callers that keep neither packed weights nor a workspace: each thread keeps that memory
// for its next call.
#pragma once

#include "tconv/plan.h"
#include "tconv/result.h"

namespace tconv::plan {

// scatter or gather; the workspace of `arguments` is not looked at. `packed` null: the weights are packed first.
// Errors: those of pack(), out_of_memory, and array_mismatch where run() refuses the arguments.
Result<void> run_once(const Plan& plan, const PackedWeights* packed, const void* weights, RunArguments arguments);

// weight_grad.
Result<void> run_weight_grad_once(const Plan& plan, const void* coarse, const void* fine, void* weight_grad,
                                  const Executor* executor = nullptr);

}  // namespace tconv::plan
