// Sums over samples and positions of one side's array, one for each channel: what a bias's gradient is.
#pragma once

#include "tconv/plan.h"
#include "tconv/result.h"

namespace tconv::plan {

// sums[c] = sum of side[n, c, ...], in double and in an order that depends on the sizes alone. `side` is contiguous and
// in the problem's layout and dtype; it is that side which the layer's pass (scatter or gather) writes. Errors: those
// of options.threads.
Result<void> sum_channels(const Problem& problem, Pass layer, const void* side, void* sums, const PlanOptions& options);

}  // namespace tconv::plan
