#include "workers.h"

#if defined(TCONV_THREADS)
#include <pthread.h>

#include <chrono>
#include <new>

namespace tconv {
namespace {

using Clock = std::chrono::steady_clock;

// How long a thread looks out before it sleeps: twice what waking it would take.
constexpr std::chrono::microseconds kLookout{50};

inline void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// Returns once `value` is no longer `old`.
void wait_while(const std::atomic<std::uint32_t>& value, std::uint32_t old) noexcept {
    constexpr int kLooks = 16;  // between two looks at the clock
    const auto until = Clock::now() + kLookout;
    do {
        for (int i = 0; i < kLooks; ++i) {
            if (value.load(std::memory_order_acquire) != old) return;
            pause();
        }
    } while (Clock::now() < until);
    while (value.load(std::memory_order_acquire) == old) value.wait(old, std::memory_order_acquire);
}

}  // namespace

Workers* Workers::make(int threads) noexcept {
    auto* const places = new (std::nothrow) Place[static_cast<std::size_t>(threads)];
    auto* const workers = places != nullptr ? new (std::nothrow) Workers(threads, places) : nullptr;
    if (workers == nullptr) {
        delete[] places;
        return nullptr;
    }
    for (int i = 1; i < threads; ++i) {
        pthread_t thread{};
        if (pthread_create(&thread, nullptr, work, workers) != 0) break;
        pthread_detach(thread);
    }
    return workers;
}

void* Workers::work(void* self) {
    auto* const workers = static_cast<Workers*>(self);
    workers->wait_for_calls(1 + workers->numbers_.fetch_add(1, std::memory_order_relaxed));
    return nullptr;
}

void Workers::wait_for_calls(int number) noexcept {
    for (std::uint32_t seen = 0;;) {
        wait_while(calls_, seen);
        seen = calls_.load(std::memory_order_acquire);
        // Either the caller, who closes the call and then looks, sees that somebody has joined; or this sees that it is
        // closed.
        joined_.fetch_add(1, std::memory_order_seq_cst);
        if (open_.load(std::memory_order_seq_cst) != 0) do_share(number);
        if (joined_.fetch_sub(1, std::memory_order_seq_cst) == 1) joined_.notify_all();
    }
}

void Workers::do_share(int number) noexcept {
    for (int i = 0; i < threads_; ++i) {
        const int owner = (number + i) % threads_;
        for (;;) {
            const std::int64_t index = owner + threads_ * places_[owner].begun.fetch_add(1, std::memory_order_relaxed);
            if (index >= count_) break;
            body_(data_, index);
        }
    }
}

void Workers::run(std::int64_t count, Executor::Body body, void* data) noexcept {
    // One call at a time.
    std::uint32_t turn = 0;
    if (!turn_.compare_exchange_strong(turn, 1, std::memory_order_acquire)) {
        while (turn_.exchange(2, std::memory_order_acquire) != 0) turn_.wait(2, std::memory_order_relaxed);
    }
    count_ = count;
    body_ = body;
    data_ = data;
    for (int i = 0; i < threads_; ++i) places_[i].begun.store(0, std::memory_order_relaxed);
    open_.store(1, std::memory_order_seq_cst);
    calls_.fetch_add(1, std::memory_order_seq_cst);
    calls_.notify_all();
    do_share(0);
    open_.store(0, std::memory_order_seq_cst);
    for (std::uint32_t left = joined_.load(std::memory_order_seq_cst); left != 0;
         left = joined_.load(std::memory_order_seq_cst))
        wait_while(joined_, left);
    if (turn_.exchange(0, std::memory_order_release) == 2) turn_.notify_one();
}

}  // namespace tconv
#endif
