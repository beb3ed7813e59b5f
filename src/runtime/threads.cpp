#include "threads.h"

#include <cstdlib>

#include "system_text.h"
#include "tconv/executor.h"

#if defined(__linux__)
#include <sched.h>
#elif !defined(__wasm__)
#include <thread>
#endif

namespace tconv {

#if defined(__linux__)

// A kernel built for more CPUs than the set holds refuses it, so the set grows.
int allowed_cpus() {
    for (int size = 1024; size <= 1 << 20; size *= 2) {
        cpu_set_t* const set = CPU_ALLOC(static_cast<std::size_t>(size));
        if (set == nullptr) return 1;
        const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(size));
        const int count = sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (count > 0) return count;
    }
    return 1;
}

#elif defined(__wasm__)

int allowed_cpus() { return 1; }

#else

int allowed_cpus() {
    const unsigned count = std::thread::hardware_concurrency();
    return count > 0 ? static_cast<int>(count) : 1;
}

#endif

int default_threads() {
    if (const char* const wanted = std::getenv("TCONV_NUM_THREADS"))
        if (const std::int64_t count = positive_number(wanted, kMostThreads); count > 0) return static_cast<int>(count);
    const int allowed = allowed_cpus();
    return allowed < kMostThreads ? allowed : kMostThreads;
}

}  // namespace tconv
