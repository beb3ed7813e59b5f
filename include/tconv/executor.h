// Executor: who runs the parallel parts of a pass. A pass calls `parallel_for` once or twice with as many bodies as it
// has workers; each body takes its share of the work by its index, so any executor gives the same bits: a pool, a
// host's own threads, or a plain loop. A build without threads (TCONV_THREADS is off) has the plain loop only.
//
//     executor.parallel_for(executor.context, 4, body, data)    calls body(data, 0) ... body(data, 3), in any order,
//                                                               on any threads, and returns when all have returned
#pragma once

#include <cstdint>

#include "tconv/result.h"

namespace tconv {

/// A host's way of running bodies in parallel; must not throw. Bodies may run at the same time or one after another.
struct Executor {
    /// What parallel_for runs: called with `data` and an index in [0, count).
    using Body = void (*)(void* data, std::int64_t index);
    /// Runs all bodies and returns when they are done; null: one after another on the caller's thread.
    void (*parallel_for)(void* context, std::int64_t count, Body body, void* data) = nullptr;
    void* context = nullptr;  ///< handed to parallel_for
};

/// How many threads tconv uses where nothing else is asked for: TCONV_NUM_THREADS (1 to 4096), else the CPUs that this
/// process may run on (its affinity mask). At least 1. Builds without threads give the same number.
int default_threads();

/// tconv's own pool with this many threads, the caller's among them (one pool per number, made at the first
/// call and kept, and made anew in a forked child, where executors from before the fork work too). One thread, or
/// a build without threads: a plain loop. Any count will do. Calls from several threads at a time take turns; a body's
/// own calls run in a loop. Bodies round and treat denormal numbers as the caller's thread does. Its threads look out
/// for the next call for 50 microseconds before they sleep. Errors: invalid_argument below 1 or above 4096;
/// out_of_memory where threads cannot be made.
Result<Executor> pool_executor(int threads);

}  // namespace tconv
