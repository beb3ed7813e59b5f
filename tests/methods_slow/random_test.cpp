// Random problems that do not fit into one block, panel or tile of a method, against the definition.
#include "methods/support.h"

namespace tconv::testing {
namespace {

constexpr int kShards = 4, kCount = 40;
constexpr std::int64_t kMost = 20'000'000;

class LargeRandomProblems : public ::testing::TestWithParam<int> {};

TEST_P(LargeRandomProblems, AreComputedAsDefinedByEveryMethod) {
    int accepted = 0;
    for (int i = 0; i < kCount; ++i) {
        const std::uint64_t seed = base_seed() + static_cast<std::uint64_t>(GetParam() * kCount + i);
        Draws draws(seed);
        const Problem problem = random_problem(draws, kMost, 8);
        const Pass pass = kPasses[draws.between(0, 2)];
        const Trial trial{problem, pass, draws.one_in(3) ? Values::real : Values::whole, draws.word()};
        accepted += check_by_every_method(seed, trial, draws, "reference");  // the answer itself
        if (HasFailure()) return;
    }
    EXPECT_GT(accepted, 2 * kCount) << "the methods refuse so much that little is tested";
}

INSTANTIATE_TEST_SUITE_P(Shard, LargeRandomProblems, ::testing::Range(0, kShards));

}  // namespace
}  // namespace tconv::testing
