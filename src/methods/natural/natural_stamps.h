// NaturalStamps: where a pixel's products lie in the output. For each pixel of a sample and each row of taps, a *run*
// of taps goes to neighbours along the last axis (at a distance of the dilation); what padding crops is in no run. Runs
// that go on where another ended are one.
#pragma once

#include <cstdint>
#include <vector>

#include "geometry/flow.h"
#include "methods/method.h"

namespace tconv::methods {

struct NaturalRun {
    std::int64_t pixel = 0;  ///< of the sample
    std::int64_t tap = 0, count = 0;
    std::int64_t to = 0;  ///< of the sample's written elements
};

/// All runs of one sample, in the order in which they are added: pixel by pixel. Empty pixels and taps have none.
std::vector<NaturalRun> natural_runs(const Flow& flow);

/// How many there are at most, without making them.
double most_natural_runs(const Flow& flow) noexcept;

}  // namespace tconv::methods
