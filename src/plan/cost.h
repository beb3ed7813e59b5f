// What a pass should cost, in the units that a plan compares: a ranking of methods, no promise of a time.
#pragma once

#include "methods/method.h"

namespace tconv::plan {

// Two for every (coarse, tap) pair that meets inside the frame, for every sample and pair of channels.
double useful_flops(const Problem& problem) noexcept;

// The milliseconds that some cycles of one core take, divided among `threads`; never less than its memory's.
double predicted_ms(const methods::Request& request, double cycles, int threads);

// Whether the multiplications alone, at the kernels' best speed, take longer than reading and writing every array once.
bool is_compute_bound(const methods::Request& request, int threads);

}  // namespace tconv::plan
