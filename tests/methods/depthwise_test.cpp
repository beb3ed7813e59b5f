// Groups of one channel: more channels than random problems have, so that vectors are full, and blocks of channels.
#include "support.h"

namespace tconv::testing {
namespace {

Problem depthwise_problem(Draws& draws) {
    for (;;) {
        Problem problem = random_problem(draws, kMostProducts / 4);
        problem.groups = draws.one_in(8) ? draws.between(2040, 2060) : draws.between(15, 70);
        problem.coarse_channels = problem.fine_channels = problem.groups;
        problem.layout = draws.one_in(4) ? Layout::channels_first : Layout::channels_last;
        if (validate(problem) && products(problem) <= static_cast<double>(kMostProducts)) return problem;
    }
}

TEST(Depthwise, AgreesWithTheDefinition) {
    int accepted = 0;
    for (int i = 0; i < fewer_if_sanitized(120); ++i) {
        const std::uint64_t seed = base_seed() + static_cast<std::uint64_t>(i);
        Draws draws(seed);
        const Problem problem = depthwise_problem(draws);
        const Pass pass = draws.one_in(2) ? Pass::scatter : Pass::gather;
        const Trial trial(problem, pass, draws.one_in(2) ? Values::real : Values::whole, draws.word());
        const Answer answer = answer_to(trial);
        Setting setting = any_setting(draws, "depthwise", problem);
        const std::string words = describe(seed, trial, setting);
        const Doing doing(words);
        bool is_refused = false;
        ASSERT_EQ(what_is_wrong(trial, answer, setting, &is_refused), "") << words;
        accepted += is_refused ? 0 : 1;
    }
    EXPECT_GT(accepted, fewer_if_sanitized(40));
}

}  // namespace
}  // namespace tconv::testing
