#include "tensor/one_call.h"

#include "plan/run_once.h"
#include "tensor/plan_cache.h"

namespace tconv::one_call {

Result<void> run(const Problem& problem, Pass pass, const PlanOptions& options, const void* weights,
                 const RunArguments& arguments) {
    PlanOptions asked = options;
    asked.weights_each_call = true;
    const auto plan = plan_cache::find_or_make(problem, pass, asked);
    if (!plan) return plan.error();
    return plan::run_once(*plan, nullptr, weights, arguments);
}

Result<void> run_weight_grad(const Problem& problem, const PlanOptions& options, const void* coarse, const void* fine,
                             void* weight_grad) {
    const auto plan = plan_cache::find_or_make(problem, Pass::weight_grad, options);
    if (!plan) return plan.error();
    return plan::run_weight_grad_once(*plan, coarse, fine, weight_grad);
}

}  // namespace tconv::one_call
