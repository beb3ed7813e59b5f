#include "tconv/executor.h"

#include <string>

#include "threads.h"

#if defined(TCONV_THREADS)
#include <pthread.h>

#include <atomic>
#include <cfenv>

#include "workers.h"
#endif

namespace tconv {
namespace {

void run_in_a_loop(void*, std::int64_t count, Executor::Body body, void* data) {
    for (std::int64_t index = 0; index < count; ++index) body(data, index);
}

#if defined(TCONV_THREADS)

// The pool of as many threads as its place in `pools` says. It is made at its first use and kept to the end of the
// process, where nobody joins its sleeping threads; a forked child forgets it, because the threads stayed behind.
struct Pool {
    std::atomic<Workers*> workers{nullptr};
};
constinit Pool pools[kMostThreads + 1];
constinit pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;  // held while `pools` is written, and across a fork
constinit bool fork_is_watched = false;

void before_fork() { pthread_mutex_lock(&making); }
void after_fork_in_parent() { pthread_mutex_unlock(&making); }
void after_fork_in_child() {
    for (Pool& pool : pools)
        if (pool.workers.load(std::memory_order_relaxed) != nullptr)
            pool.workers.store(nullptr, std::memory_order_relaxed);
    pthread_mutex_unlock(&making);
}

// Whether the system gives this process so many threads more: all of them wait at the gate, and end. Fewer would work,
// but whoever asked for so many should know.
bool system_has_threads(int count) {
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    const auto wait_at = [](void* at) -> void* {
        pthread_mutex_lock(static_cast<pthread_mutex_t*>(at));
        pthread_mutex_unlock(static_cast<pthread_mutex_t*>(at));
        return nullptr;
    };
    static constinit pthread_t tried[kMostThreads] = {};  // nothing is allocated while `making` is held
    int made = 0;
    pthread_mutex_lock(&gate);
    while (made < count && pthread_create(&tried[made], nullptr, wait_at, &gate) == 0) ++made;
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < made; ++i) pthread_join(tried[i], nullptr);
    pthread_mutex_destroy(&gate);
    return made == count;
}

// The pool's workers; null where they cannot be made.
Workers* workers_of(Pool& pool) {
    if (Workers* const workers = pool.workers.load(std::memory_order_acquire)) return workers;
    pthread_mutex_lock(&making);
    Workers* workers = pool.workers.load(std::memory_order_relaxed);
    if (workers == nullptr) {
        if (!fork_is_watched)
            fork_is_watched = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
        const int threads = static_cast<int>(&pool - pools);
        if (fork_is_watched && system_has_threads(threads - 1)) workers = Workers::make(threads);
        pool.workers.store(workers, std::memory_order_release);
    }
    pthread_mutex_unlock(&making);
    return workers;
}

struct Job {
    Executor::Body body;
    void* data;
    pthread_t caller;
    std::fenv_t environment;
};

// Whether this thread runs a body of a pool. Such a body's own calls run in a loop: the pool is busy with the body, and
// of two pools whose bodies call each other both would wait for ever.
constinit thread_local bool inside_a_body = false;

// Workers round and flush as the caller does, so that the bits do not depend on who runs a body.
void run_body(void* what, std::int64_t index) {
    const Job& job = *static_cast<const Job*>(what);
    if (pthread_equal(job.caller, pthread_self()) == 0) std::fesetenv(&job.environment);
    inside_a_body = true;
    job.body(job.data, index);
    inside_a_body = false;
}

void run_on_pool(void* context, std::int64_t count, Executor::Body body, void* data) {
    if (count <= 1 || inside_a_body) return run_in_a_loop(nullptr, count, body, data);
    Pool& pool = *static_cast<Pool*>(context);
    Workers* const workers = workers_of(pool);
    if (workers == nullptr)
        return run_in_a_loop(nullptr, count, body, data);  // a forked child without threads to spare
    Job job{body, data, pthread_self(), {}};
    std::fegetenv(&job.environment);
    workers->run(count, run_body, &job);
}

#endif

}  // namespace

Result<Executor> pool_executor(int threads) {
    if (threads < 1 || threads > kMostThreads)
        return Error{ErrorCode::invalid_argument, "a pool of " + std::to_string(threads) +
                                                      " threads was asked for; use 1 to " +
                                                      std::to_string(kMostThreads)};
#if defined(TCONV_THREADS)
    if (threads > 1) {
        Pool& pool = pools[threads];
        if (workers_of(pool) == nullptr)
            return Error{ErrorCode::out_of_memory, "a pool of " + std::to_string(threads) +
                                                       " threads was asked for, and the system does not give this "
                                                       "process as many; use fewer"};
        return Executor{run_on_pool, &pool};
    }
#endif
    return Executor{run_in_a_loop, nullptr};
}

}  // namespace tconv
