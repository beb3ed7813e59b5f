// How a method writes its output (kernel_set.h, Stores): past the caches where it is so large that most of it would
// have left them before anybody reads it. Writing into the caches reads every line from memory first.
#pragma once

#include <algorithm>

#include "methods/method.h"

namespace tconv::methods {

inline std::int64_t output_bytes(const Request& request) noexcept {
    return size_of(request.problem.dtype) *
           (request.pass == Pass::scatter ? request.problem.fine_elements() : request.problem.coarse_elements());
}

/// What a core may count on of the second- and third-level cache, which others use, too.
inline kernels::Stores stores_for_bytes(std::int64_t bytes) noexcept {
    const CpuFacts& cpu = cpu_facts();
    return bytes > std::max(2 * cpu.l2_bytes, cpu.l3_bytes / 16) ? kernels::Stores::streaming : kernels::Stores::cached;
}
inline kernels::Stores stores_for(const Request& request) noexcept { return stores_for_bytes(output_bytes(request)); }

/// Whether lines that are about to be written are asked for: those that the second-level cache does not hold, and that
/// `streams` does not write past it.
inline bool prefetches_output(const Request& request, bool streams) noexcept {
    return output_bytes(request) > cpu_facts().l2_bytes &&
           !(streams && stores_for(request) == kernels::Stores::streaming);
}

}  // namespace tconv::methods
