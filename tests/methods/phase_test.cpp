// phase_gemm where random problems seldom are: channels that are summed in parts, odd kernels at stride 2 with rows of
// one channel, and few weights, for which each worker packs a block of its own.
#include "support.h"

namespace tconv::testing {
namespace {

// The problem's sizes along the last axis anew.
void set_last_axis(Problem& problem, std::int64_t coarse, std::int64_t kernel, std::int64_t stride, Draws& draws) {
    Axis& axis = problem.axes[static_cast<std::size_t>(problem.rank - 1)];
    axis.coarse = coarse;
    axis.kernel = kernel;
    axis.stride = stride;
    axis.dilation = 1;
    axis.padding_begin = draws.between(0, kernel - 1);
    axis.padding_end = draws.between(0, kernel - 1);
    axis.fine = axis.full_size() + draws.between(0, stride - 1);
}

template <class Change>
Problem changed_problem(Draws& draws, const Change& change) {
    for (;;) {
        Problem problem = random_problem(draws, kMostProducts / 8);
        problem.layout = draws.one_in(6) ? Layout::channels_last : Layout::channels_first;
        change(problem);
        if (validate(problem) && products(problem) <= static_cast<double>(kMostProducts)) return problem;
    }
}

template <class Change>
void expect_agreement(int count, const Change& change) {
    for (int i = 0; i < count; ++i) {
        const std::uint64_t seed = base_seed() + static_cast<std::uint64_t>(i);
        Draws draws(seed);
        const Problem problem = changed_problem(draws, [&](Problem& one) { change(one, draws); });
        const Trial trial(problem, Pass::scatter, draws.one_in(2) ? Values::real : Values::whole, draws.word());
        const Answer answer = answer_to(trial);
        Setting setting;
        setting.method = "phase_gemm";
        setting.unit = any_unit(draws, setting.method);
        setting.threads = static_cast<int>(draws.between(1, 4));
        setting.is_in_place = problem.has_sum && draws.one_in(2);
        const std::string words = describe(seed, trial, setting);
        const Doing doing(words);
        ASSERT_EQ(what_is_wrong(trial, answer, setting), "") << words;
    }
}

TEST(PhaseGemm, SumsManyChannelsInParts) {
    expect_agreement(fewer_if_sanitized(60), [](Problem& problem, Draws& draws) {
        problem.groups = 1;
        problem.coarse_channels = draws.between(60, 400);
        problem.fine_channels = draws.between(1, 40);
        set_last_axis(problem, draws.between(1, 70), draws.between(1, 5), draws.between(1, 3), draws);
    });
}

TEST(PhaseGemm, WritesRowsOfOddKernelsAtStrideTwo) {
    expect_agreement(fewer_if_sanitized(200), [](Problem& problem, Draws& draws) {
        problem.groups = draws.one_in(2) ? draws.between(1, 20) : 1;
        problem.coarse_channels = problem.groups * draws.between(1, 3);
        problem.fine_channels = problem.groups * (draws.one_in(3) ? draws.between(1, 3) : 1);
        set_last_axis(problem, draws.between(1, 300), 2 * draws.between(0, 4) + 1, 2, draws);
    });
}

TEST(PhaseGemm, CutsBlocksForWorkers) {
    expect_agreement(fewer_if_sanitized(100), [](Problem& problem, Draws& draws) {
        problem.groups = 1;
        problem.coarse_channels = draws.between(1, 30);
        problem.fine_channels = draws.between(1, 3);
        set_last_axis(problem, draws.between(20, 400), draws.between(1, 5), draws.between(1, 3), draws);
    });
}

}  // namespace
}  // namespace tconv::testing
