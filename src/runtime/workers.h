// Workers: threads that wait for calls. A call hands a number of indices to the calling thread and the workers: index i
// is thread i's (of `threads`, the caller being 0), as in the call before, so that what a thread left in its caches is
// used again; who has none left takes what others have not begun. A worker that comes late is not waited for.
//
// Waking a sleeping thread takes some 25 microseconds, longer than a small layer. So a worker looks out for the next
// call for a moment before it sleeps, and a caller for the last worker: no longer, as others want the CPU, too.
#pragma once

#include <atomic>
#include <cstdint>

#include "tconv/executor.h"

namespace tconv {

class Workers {
public:
    /// `threads` of at least 2, the caller's among them. Null where there is no memory. Where the system gives fewer
    /// threads, those work. They end with the process: nobody joins them.
    static Workers* make(int threads) noexcept;

    /// body(data, i) once for each i < count, all done at the return. Calls from several threads take turns.
    void run(std::int64_t count, Executor::Body body, void* data) noexcept;

private:
    struct Place {
        alignas(64) std::atomic<std::int64_t> begun{0};  // of the indices i of this thread: i % threads is its number
    };

    Workers(int threads, Place* places) noexcept : threads_(threads), places_(places) {}
    static void* work(void* self);
    void wait_for_calls(int number) noexcept;
    void do_share(int number) noexcept;

    int threads_;
    Place* places_;
    std::atomic<int> numbers_{0};  // given to threads

    // The call: written while it is closed, read by those who have joined it.
    std::int64_t count_ = 0;
    Executor::Body body_ = nullptr;
    void* data_ = nullptr;

    alignas(64) std::atomic<std::uint32_t> calls_{0};   // that were opened
    alignas(64) std::atomic<std::uint32_t> open_{0};    // whether one can be joined
    alignas(64) std::atomic<std::uint32_t> joined_{0};  // workers that are in it
    alignas(64) std::atomic<std::uint32_t> turn_{0};    // 0: nobody calls; 1: somebody does; 2: and others wait
};

}  // namespace tconv
