#include "tconv/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "sanitized.h"

#if defined(__linux__)
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace tconv {
namespace {

// Runs `function(index)` for each index.
template <class Function>
void run(const Executor& executor, std::int64_t count, Function& function) {
    executor.parallel_for(
        executor.context, count, [](void* data, std::int64_t index) { (*static_cast<Function*>(data))(index); },
        &function);
}

// Plain memory, not atomics: ThreadSanitizer is to see whether the executor orders it.
std::int64_t sum_of_indices(const Executor& executor, std::int64_t count) {
    std::vector<std::int64_t> seen(static_cast<std::size_t>(count), 0);
    auto note = [&](std::int64_t index) { seen[static_cast<std::size_t>(index)] += index + 1; };
    run(executor, count, note);
    std::int64_t sum = 0;
    for (const std::int64_t value : seen) sum += value;
    return sum;
}

constexpr std::int64_t sum_to(std::int64_t count) { return count * (count + 1) / 2; }

TEST(Executor, RunsEveryIndexOnce) {
    for (const int threads : {1, 2, 3, 8}) {
        const Executor executor = pool_executor(threads).value();
        for (const std::int64_t count : {0, 1, 2, 3, 8, 1000}) {
            std::vector<int> times(static_cast<std::size_t>(count), 0);
            auto note = [&](std::int64_t index) { ++times[static_cast<std::size_t>(index)]; };
            run(executor, count, note);
            EXPECT_THAT(times, testing::Each(1)) << threads << " threads, " << count << " bodies";
        }
    }
}

TEST(Executor, GivesOnePoolForEachNumber) {
    EXPECT_EQ(pool_executor(2).value().context, pool_executor(2).value().context);
    EXPECT_EQ(pool_executor(2).value().parallel_for, pool_executor(2).value().parallel_for);
#if defined(TCONV_THREADS)
    EXPECT_NE(pool_executor(2).value().context, pool_executor(3).value().context);
#endif
}

TEST(Executor, RefusesOtherNumbersOfThreads) {
    for (const int threads : {0, -1, 4097, INT32_MIN, INT32_MAX}) {
        const Result<Executor> executor = pool_executor(threads);
        ASSERT_FALSE(executor) << threads;
        EXPECT_EQ(executor.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(executor.error().message, testing::HasSubstr(std::to_string(threads)));
        EXPECT_THAT(executor.error().message, testing::HasSubstr("4096"));
    }
}

TEST(Executor, DefaultThreadsMakeAPool) {
    EXPECT_GE(default_threads(), 1);
    EXPECT_EQ(sum_of_indices(pool_executor(default_threads()).value(), 100), sum_to(100));
}

#if defined(TCONV_THREADS)
// Workers look out for the next call for a moment, then sleep: calls that come at once, while they fall asleep, and
// late.
TEST(Executor, CallsFindWorkersAwakeAndAsleep) {
    constexpr int kCalls = kSanitized ? 300 : 3000;
    const auto executor = pool_executor(3);
    ASSERT_TRUE(executor.ok());
    std::array<std::atomic<int>, 7> runs{};
    for (int call = 0; call < kCalls; ++call) {
        const std::int64_t count = 2 + call % 6;
        const auto body = [](void* data, std::int64_t index) {
            (*static_cast<std::array<std::atomic<int>, 7>*>(data))[static_cast<std::size_t>(index)].fetch_add(1);
        };
        for (auto& each : runs) each = 0;
        executor->parallel_for(executor->context, count, body, &runs);
        for (std::int64_t i = 0; i < 7; ++i)
            ASSERT_EQ(runs[static_cast<std::size_t>(i)], i < count ? 1 : 0) << "call " << call << ", index " << i;
        if (call % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(call % 120));
    }
}

// Each body waits until the others have come, which a plain loop could not do.
TEST(Executor, BodiesRunAtTheSameTime) {
    constexpr int kThreads = 4;
    const Executor executor = pool_executor(kThreads).value();
    std::atomic<int> arrived = 0, met = 0;
    auto meet = [&](std::int64_t) {
        ++arrived;
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (arrived < kThreads && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
        if (arrived == kThreads) ++met;
    };
    run(executor, kThreads, meet);
    EXPECT_EQ(met, kThreads);
}
#endif

TEST(Executor, BodiesMayCallAnyPool) {
    const Executor two = pool_executor(2).value();
    const Executor three = pool_executor(3).value();
    std::vector<std::int64_t> sums(40, 0);
    auto nested = [&](std::int64_t index) {
        sums[static_cast<std::size_t>(index)] = sum_of_indices(index % 2 == 0 ? two : three, index);
    };
    for (const Executor& outer : {two, three}) {
        run(outer, 40, nested);
        for (std::int64_t index = 0; index < 40; ++index)
            EXPECT_EQ(sums[static_cast<std::size_t>(index)], sum_to(index));
    }
    // Having been inside a body leaves no mark on the caller.
    EXPECT_EQ(sum_of_indices(two, 1000), sum_to(1000));
}

TEST(Executor, CallersFromSeveralThreadsTakeTurns) {
    std::vector<std::thread> callers;
    std::atomic<int> right = 0;
    for (int caller = 0; caller < 8; ++caller)
        callers.emplace_back([&right, caller] {
            for (int round = 0; round < 50; ++round) {
                const Executor executor = pool_executor(5 + caller % 2).value();  // made here, by several at once
                if (sum_of_indices(executor, round) == sum_to(round)) ++right;
            }
        });
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(right, 8 * 50);
}

TEST(Executor, BodiesRoundAsTheCallerDoes) {
    const Executor executor = pool_executor(3).value();
    std::vector<int> rounding(64);
    auto look = [&](std::int64_t index) { rounding[static_cast<std::size_t>(index)] = std::fegetround(); };
    for (const int wanted : {FE_UPWARD, FE_TONEAREST, FE_TOWARDZERO}) {
        ASSERT_EQ(std::fesetround(wanted), 0);
        run(executor, 64, look);
        const int after = std::fegetround();
        std::fesetround(FE_TONEAREST);
        EXPECT_EQ(after, wanted);
        EXPECT_THAT(rounding, testing::Each(wanted));
    }
}

#if defined(__x86_64__) && defined(__GNUC__)
TEST(Executor, BodiesFlushDenormalsAsTheCallerDoes) {
    constexpr unsigned kFlushes = 0x8040;  // FTZ and DAZ
    const Executor executor = pool_executor(3).value();
    std::vector<unsigned> flags(64);
    auto look = [&](std::int64_t index) {
        flags[static_cast<std::size_t>(index)] = __builtin_ia32_stmxcsr() & kFlushes;
    };
    const unsigned before = __builtin_ia32_stmxcsr();
    for (const unsigned wanted : {kFlushes, 0u}) {
        __builtin_ia32_ldmxcsr((before & ~kFlushes) | wanted);
        run(executor, 64, look);
        const unsigned after = __builtin_ia32_stmxcsr() & kFlushes;
        __builtin_ia32_ldmxcsr(before);
        EXPECT_EQ(after, wanted);
        EXPECT_THAT(flags, testing::Each(wanted));
    }
}
#endif

#if defined(__linux__)

// What `child` returns, from a forked process; 255 where it does not end within a minute.
template <class Child>
int in_a_child(const Child& child) {
    const pid_t id = fork();
    if (id == 0) {
        alarm(60);
        _exit(child());
    }
    int status = 0;
    waitpid(id, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

TEST(Executor, AForkedChildHasPoolsOfItsOwn) {
    if (kSanitized) GTEST_SKIP() << "sanitizers do not follow threads across a fork";
    const Executor before = pool_executor(3).value();
    ASSERT_EQ(sum_of_indices(before, 1000), sum_to(1000));
    EXPECT_EQ(in_a_child([&] {
                  if (sum_of_indices(before, 1000) != sum_to(1000)) return 1;
                  if (sum_of_indices(pool_executor(3).value(), 1000) != sum_to(1000)) return 2;
                  if (sum_of_indices(pool_executor(4).value(), 1000) != sum_to(1000)) return 3;
                  return in_a_child([&] { return sum_of_indices(before, 1000) == sum_to(1000) ? 0 : 4; });
              }),
              0);
    EXPECT_EQ(sum_of_indices(before, 1000), sum_to(1000));
}

TEST(Executor, AForkMayHappenWhileAnotherThreadIsAtWork) {
    if (kSanitized) GTEST_SKIP() << "sanitizers do not follow threads across a fork";
    const Executor executor = pool_executor(2).value();
    std::atomic<bool> enough = false;
    std::thread other([&] {
        for (int threads = 2; !enough; threads = threads % 20 + 2) sum_of_indices(pool_executor(threads).value(), 100);
    });
    for (int fork = 0; fork < 20; ++fork)
        EXPECT_EQ(in_a_child([&] { return sum_of_indices(executor, 100) == sum_to(100) ? 0 : 1; }), 0);
    enough = true;
    other.join();
}

#if defined(TCONV_THREADS)
TEST(Executor, ThreadsThatTheSystemRefusesAreAnError) {
    if (kSanitized) GTEST_SKIP() << "sanitizers need address space of their own";
    EXPECT_EQ(in_a_child([] {
                  const rlimit limit = {1 << 30, 1 << 30};  // less than the stacks of 4000 threads
                  if (setrlimit(RLIMIT_AS, &limit) != 0) return 1;
                  const Result<Executor> executor = pool_executor(4000);
                  if (executor.ok()) return 2;
                  if (executor.error().code != ErrorCode::out_of_memory) return 3;
                  return sum_of_indices(pool_executor(2).value(), 100) == sum_to(100) ? 0 : 4;
              }),
              0);
}
#endif

#endif

}  // namespace
}  // namespace tconv
