// What parts of a pass cost that several methods have, in cycles of one core.
#pragma once

#include <algorithm>

#include "methods/method.h"

namespace tconv::methods {

// One step of a tile of `rows` by `vectors`. Two multiply-adds and two loads a cycle, and a sum can be added to once in
// four cycles. True enough of AVX2 and AVX-512 cores of the last ten years to rank methods.
inline double step_cycles(double rows, double vectors) noexcept {
    return std::max({4.0, rows * vectors / 2, (rows + vectors + 1) / 2});
}

// What a core reads from memory in a cycle, in streams that it foresees badly. (direct on n4 ic112 oc256 i1 k400 s160
// p120 f64 reads 147 MB of weights in 13.4 ms; Zen 5, 2026-12.)
inline constexpr double kFarBytesPerCycle = 3;

// Whether weights come from memory each time that they are read. Of a third-level cache of hundreds of megabytes, a
// core may count on a part.
inline bool outgrows_far_cache(double bytes) noexcept {
    const CpuFacts& cpu = cpu_facts();
    return bytes > static_cast<double>(std::min(cpu.l3_bytes, 16 * cpu.l2_bytes)) / 2;
}

// Channels last, groups write one after the other what lies in the same lines: those of an output that the second-level
// cache does not hold come from memory for each group. Cycles of an output element, at `each` where that is so.
inline double shared_lines_cycles(const Request& request, double each) noexcept {
    const Problem& problem = request.problem;
    const std::int64_t bytes = size_of(problem.dtype);
    const bool scatters = request.pass == Pass::scatter;
    const std::int64_t channels = scatters ? problem.fine_channels : problem.coarse_channels;
    const std::int64_t elements = scatters ? problem.fine_elements() : problem.coarse_elements();
    const bool shares = request.write.axes[2] != 1 && problem.groups > 1 && channels / problem.groups * bytes < 64;
    return shares && elements * bytes > cpu_facts().l2_bytes ? each : 0;
}

}  // namespace tconv::methods
