// OutputStores: how a method writes its output (kernel_set.h, Stores). Writing into the caches reads every line from
// memory first; past them it does not. That pays where the output is so large that most of it would have left the
// caches before anybody reads it, and where its rows begin and end with lines: of a line that is written in two halves,
// both would wait for memory.
#pragma once

#include <algorithm>
#include <cstdint>

#include "methods/method.h"

namespace tconv::methods {

/// What a core may count on of the second- and third-level cache, which others use, too. Of a third level of hundreds
/// of megabytes the far parts are no faster than memory: 480 MB gave a core 15 GB/s, as memory did (2026-12).
inline bool outgrows_caches(std::int64_t bytes) noexcept {
    const CpuFacts& cpu = cpu_facts();
    return bytes > std::max(2 * cpu.l2_bytes, std::min(cpu.l3_bytes / 16, 3 * cpu.l2_bytes));
}

class OutputStores {
public:
    OutputStores() = default;
    explicit OutputStores(const Request& request) noexcept {
        const std::int64_t element = size_of(request.problem.dtype);
        const std::int64_t elements =
            request.pass == Pass::scatter ? request.problem.fine_elements() : request.problem.coarse_elements();
        leaves_cache_ = elements * element > cpu_facts().l2_bytes;
        const SideStrides& to = request.write;
        const bool rows_are_lines =
            std::all_of(std::begin(to.axes), std::end(to.axes),
                        [&](std::int64_t stride) { return stride == 1 || stride * element % kLine == 0; }) &&
            (to.channel == 1 || to.channel * element % kLine == 0) && to.sample * element % kLine == 0;
        const bool planes_are_lines =
            to.axes[2] == 1 && to.channel * element % kLine == 0 && to.sample * element % kLine == 0;
        may_stream_ = outgrows_caches(elements * element) && rows_are_lines;
        may_stream_planes_ = outgrows_caches(elements * element) && (rows_are_lines || planes_are_lines);
    }

    /// For one call's output.
    kernels::Stores of(const void* output) const noexcept {
        return may_stream_ && reinterpret_cast<std::uintptr_t>(output) % kLine == 0 ? kernels::Stores::streaming
                                                                                    : kernels::Stores::cached;
    }
    /// For who writes stretches of planes, in many lines, and their ends into the caches.
    kernels::Stores of_planes(const void* output) const noexcept {
        return may_stream_planes_ && reinterpret_cast<std::uintptr_t>(output) % kLine == 0 ? kernels::Stores::streaming
                                                                                           : kernels::Stores::cached;
    }
    /// Whether lines that are about to be written into the caches are worth asking for.
    bool asks_ahead() const noexcept { return leaves_cache_; }

private:
    static constexpr std::int64_t kLine = 64;
    bool leaves_cache_ = false, may_stream_ = false, may_stream_planes_ = false;
};

}  // namespace tconv::methods
