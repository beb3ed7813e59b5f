#include <algorithm>
#include <numeric>

#include "tconv/checkerboard.h"
#include "tconv/geometry.h"

namespace tconv::checkerboard {
namespace {

AxisStructure structure_of(const Axis& axis) {
    AxisStructure found;
    found.evenness = evenness_of(axis.kernel, axis.stride, axis.dilation);
    found.phases = axis.stride;
    found.empty_phases = empty_phases(axis);
    // Taps j and j + step share a phase, so k taps are dealt out to min(k, step) phases in turn.
    const std::int64_t step = std::max<std::int64_t>(1, axis.stride / std::gcd(axis.stride, axis.dilation));
    found.least_taps = std::max<std::int64_t>(1, axis.kernel / step);
    found.most_taps = ceil_div(axis.kernel, step);
    // With f = o + padding_begin, row o misses a tap of its phase at the beginning iff f < d * (the phase's highest
    // tap), and at the end iff f > (coarse - 1) s + d * (its lowest tap). The last such row at the beginning belongs to
    // the phase of tap k - 1, the first one at the end to the phase of tap 0.
    const std::int64_t begin = axis.dilation * (axis.kernel - 1) - axis.stride + 1 - axis.padding_begin;
    const std::int64_t end = axis.fine - (axis.coarse * axis.stride - axis.padding_begin);
    found.ramp_begin = std::clamp<std::int64_t>(begin, 0, axis.fine);
    found.ramp_end = std::clamp<std::int64_t>(end, 0, axis.fine);
    return found;
}

}  // namespace

Structure structure_of(const Problem& problem) {
    Structure all;
    double reached = 1;
    for (const Axis& axis : problem.spatial()) {
        const AxisStructure& found = all.axes.emplace_back(structure_of(axis));
        all.evenness = std::max(all.evenness, found.evenness);
        all.overlap_ratio *= static_cast<double>(found.most_taps) / static_cast<double>(found.least_taps);
        reached *= static_cast<double>(found.phases - found.empty_phases) / static_cast<double>(found.phases);
    }
    all.hole_share = 1 - reached;
    return all;
}

}  // namespace tconv::checkerboard
