// Resources: what a plan computes with, where the options and the environment leave it open.
#pragma once

#include "kernels/kernel_list.h"
#include "tconv/plan.h"
#include "tconv/result.h"

namespace tconv::plan {

struct Resources {
    const kernels::Unit* unit = nullptr;
    int threads = 1;  ///< the most workers
};

// The unit of TCONV_KERNELS, else that of options.isa, else that of default_isa(). Errors: invalid_argument (an unknown
// unit, a number of threads out of range), unsupported (an instruction set that is not available).
Result<Resources> resolve(const PlanOptions& options);

// Success where no two elements of the side that a pass writes coincide; the condition is PlanOptions's. Errors:
// invalid_argument.
Result<void> check_output_strides(const Problem& problem, Pass pass, const SideStrides& strides);

}  // namespace tconv::plan
