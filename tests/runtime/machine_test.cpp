#include "tconv/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "environment_variable.h"
#include "runtime/cpu.h"
#include "tconv/executor.h"

#if defined(__linux__)
#include <sched.h>
#endif

namespace tconv {
namespace {

// TCONV_NUM_THREADS for the length of a test.
struct ThreadsVariable : EnvironmentVariable {
    explicit ThreadsVariable(const char* value) : EnvironmentVariable("TCONV_NUM_THREADS", value) {}
};

TEST(Machine, NamesWhatItFinds) {
    const Machine machine = this_machine();
    EXPECT_FALSE(machine.cpu.empty());
    EXPECT_EQ(machine.cpu.find('\n'), std::string::npos);
    EXPECT_GE(machine.threads, 1);
    EXPECT_THAT(machine.available_isas, testing::Contains(machine.isa));
    std::set<std::string> names;
    for (const Cache& cache : machine.caches) {
        EXPECT_GT(cache.size_bytes, 0) << cache.name;
        EXPECT_TRUE(names.insert(cache.name).second) << cache.name << " is named twice";
    }
}

TEST(Machine, TakesTheInstructionSetFromTheEnvironment) {
    for (const std::string& isa : this_machine().available_isas) {
        const EnvironmentVariable variable("TCONV_ISA", isa.c_str());
        EXPECT_EQ(this_machine().isa, isa);
    }
    const EnvironmentVariable variable("TCONV_ISA", "no such thing");
    EXPECT_EQ(this_machine().isa, "portable");
}

TEST(CpuFacts, AreNumbersToReckonWith) {
    const CpuFacts& facts = cpu_facts();
    EXPECT_GE(facts.l1d_bytes, 4 << 10);
    EXPECT_GE(facts.l2_bytes, 32 << 10);
    EXPECT_GE(facts.l3_bytes, 32 << 10);
    EXPECT_GE(facts.nominal_ghz, 0.1);
    EXPECT_LE(facts.nominal_ghz, 20);
    EXPECT_EQ(&facts, &cpu_facts());
    for (const Cache& cache : this_machine().caches)
        if (cache.name == "L2") {
            EXPECT_EQ(facts.l2_bytes, cache.size_bytes);
        }
}

TEST(Machine, TakesTheNumberOfThreadsFromTheEnvironment) {
    const ThreadsVariable variable("7");
    EXPECT_EQ(this_machine().threads, 7);
    EXPECT_EQ(default_threads(), 7);
}

TEST(Machine, IgnoresANumberOfThreadsThatIsNone) {
    int allowed = 0;
    {
        const ThreadsVariable unset(nullptr);
        allowed = this_machine().threads;
    }
    for (const char* text : {"", "0", "-1", "2x", " 3", "1e3", "two", "99999999999999999999", "2147483648"}) {
        const ThreadsVariable variable(text);
        EXPECT_EQ(this_machine().threads, allowed) << text;
    }
}

#if defined(__linux__)
TEST(Machine, CountsOnlyTheCpusThatItMayRunOn) {
    const ThreadsVariable unset(nullptr);
    cpu_set_t all, one;
    ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    int first = 0;
    while (!CPU_ISSET(first, &all)) ++first;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(this_machine().threads, 1);
    ASSERT_EQ(sched_setaffinity(0, sizeof all, &all), 0);
    EXPECT_EQ(this_machine().threads, CPU_COUNT(&all));
}
#endif

}  // namespace
}  // namespace tconv
