// Sums over samples and positions of one side's array, one for each channel: what a bias's gradient is.
#pragma once

#include "tconv/plan.h"
#include "tconv/result.h"
#include "tconv/tensor.h"

namespace tconv {

// sums[c] = sum of side[n, c, ...], in double and in an order that depends on the sizes alone. `side` is contiguous, in
// the problem's layout, and not empty. Errors: those of options.threads.
Result<void> sum_channels(const Problem& problem, std::int64_t channels, const Tensor& side, Tensor& sums,
                          const PlanOptions& options);

}  // namespace tconv
