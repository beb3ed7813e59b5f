// The bits of a result depend on the method and the kernels only: not on the number of threads, on who runs them, on
// what else runs, or on the memory that it is given.
#include <array>
#include <atomic>
#include <cstring>
#include <thread>

#include "support.h"

namespace tconv::testing {
namespace {

#if !defined(__wasm__)  // where there are none
// Each body has a thread of its own.
void on_threads(void*, std::int64_t count, Executor::Body body, void* data) {
    std::vector<std::thread> threads;
    for (std::int64_t i = 0; i < count; ++i) threads.emplace_back([=] { body(data, i); });
    for (std::thread& thread : threads) thread.join();
}
#endif

void in_a_loop(void*, std::int64_t count, Executor::Body body, void* data) {
    for (std::int64_t i = 0; i < count; ++i) body(data, i);
}

void backwards(void*, std::int64_t count, Executor::Body body, void* data) {
    for (std::int64_t i = count; i-- > 0;) body(data, i);
}

struct Host {
    const char* name;
    Executor executor;
};
constexpr Host kHosts[] = {
#if !defined(__wasm__)
    {"threads", {on_threads}},
#endif
    {"a loop", {in_a_loop}},
    {"a loop backwards", {backwards}}};

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

/// A trial and a method for it, and the words to repeat it with.
struct Chosen {
    Trial trial;
    Setting setting;
    std::string words;
};

/// Calls test(chosen) for every method of random problems.
template <class Test>
void for_each_method(int count, std::uint64_t first_seed, const Test& test) {
    for (int i = 0; i < count; ++i) {
        const std::uint64_t seed = base_seed() + first_seed + static_cast<std::uint64_t>(i);
        Draws draws(seed);
        const Problem problem = random_problem(draws, 4 * kMostProducts);
        const Pass pass = kPasses[draws.between(0, 2)];
        Chosen chosen{Trial{problem, pass, Values::real, draws.word()}, {}, {}};
        for (const std::string_view method : method_names(pass)) {
            if (method == "reference") continue;
            chosen.setting.method = method;
            chosen.setting.unit = any_unit(draws, method);
            chosen.words = describe(seed, chosen.trial, chosen.setting);
            const Doing doing(chosen.words);
            test(chosen);
            if (::testing::Test::HasFailure()) return;
        }
    }
}

struct Ready {
    Setting setting;
    Plan plan;
    PackedWeights weights;
};

/// Empty where the method refuses.
std::optional<Ready> ready_for(const Chosen& chosen, int threads) {
    Ready ready{chosen.setting, {}, {}};
    ready.setting.threads = threads;
    auto plan = plan_for(chosen.trial.problem, chosen.trial.pass, ready.setting);
    if (!plan) return {};
    ready.plan = *plan;
    auto weights = pack_for(chosen.trial, *plan);
    EXPECT_TRUE(weights.ok()) << chosen.words;
    if (!weights) return {};
    ready.weights = *weights;
    return ready;
}

std::vector<double> bits_of(const Chosen& chosen, const Ready& ready, const Executor* executor = nullptr) {
    Ran ran = run_plan(chosen.trial, ready.setting, ready.plan, ready.weights, executor);
    EXPECT_EQ(ran.fault, "") << chosen.words;
    return std::move(ran.output);
}

TEST(Bits, DoNotDependOnTheNumberOfThreads) {
    for_each_method(fewer_if_sanitized(300), 0, [](const Chosen& chosen) {
        std::vector<double> one;
        for (const int threads : {1, 2, 3, 7}) {
            const auto ready = ready_for(chosen, threads);
            if (!ready) continue;
            const auto given = bits_of(chosen, *ready);
            if (one.empty()) one = given;
            EXPECT_TRUE(same_bits(given, one)) << chosen.words << ", then on " << threads;
            EXPECT_TRUE(same_bits(bits_of(chosen, *ready), one)) << chosen.words << ", again on " << threads;
        }
    });
}

TEST(Bits, DoNotDependOnWhoRunsThem) {
    for_each_method(fewer_if_sanitized(100), 1000, [](const Chosen& chosen) {
        const auto ready = ready_for(chosen, 3);
        if (!ready) return;
        const auto one = bits_of(chosen, *ready);
        for (const Host& host : kHosts)
            EXPECT_TRUE(same_bits(bits_of(chosen, *ready, &host.executor), one))
                << chosen.words << ", by " << host.name;
    });
}

#if !defined(__wasm__)
TEST(Bits, DoNotDependOnWhatElseRuns) {
    for_each_method(fewer_if_sanitized(60), 2000, [](const Chosen& chosen) {
        const auto ready = ready_for(chosen, 2);
        if (!ready) return;
        const auto one = bits_of(chosen, *ready);
        std::atomic<int> same{0};
        std::vector<std::thread> threads;
        for (const Executor* executor : {static_cast<const Executor*>(nullptr), &kHosts[0].executor,
                                         static_cast<const Executor*>(nullptr), &kHosts[1].executor})
            threads.emplace_back([&, executor] {
                for (int again = 0; again < 3; ++again) same += same_bits(bits_of(chosen, *ready, executor), one);
            });
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(same, 12) << chosen.words;
    });
}
#endif

}  // namespace
}  // namespace tconv::testing
