// Random problems that do not fit into one block, panel or tile of a method, against the definition.
#include "methods/support.h"

namespace tconv::testing {
namespace {

constexpr int kShards = 4, kCount = 40;
constexpr std::int64_t kMost = 20'000'000;

class LargeRandomProblems : public ::testing::TestWithParam<int> {};

TEST_P(LargeRandomProblems, AreComputedAsDefinedByEveryMethod) {
    for (int i = 0; i < kCount; ++i) {
        const std::uint64_t seed = base_seed() + static_cast<std::uint64_t>(GetParam() * kCount + i);
        Draws draws(seed);
        const Problem problem = random_problem(draws, kMost, 8);
        const Pass pass = kPasses[draws.between(0, 2)];
        const Trial trial{problem, pass, draws.one_in(3) ? Values::real : Values::whole, draws.word()};
        const Answer answer = answer_to(trial);
        for (const std::string& method : methods_of(pass)) {
            if (method == "reference") continue;  // the answer itself
            Setting setting;
            setting.method = method;
            setting.unit = any_unit(draws);
            setting.threads = static_cast<int>(draws.between(1, 3));
            const std::string words = describe(seed, trial, setting);
            const Doing doing(words);
            EXPECT_EQ(what_is_wrong(trial, answer, setting), "") << words;
            if (HasFailure()) return;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Shard, LargeRandomProblems, ::testing::Range(0, kShards));

}  // namespace
}  // namespace tconv::testing
