// phase_gemm where random problems seldom are: channels that are summed in parts, odd kernels at stride 2 with rows of
// one channel, and few weights, for which each worker packs a block of its own.
#include "support.h"

namespace tconv::testing {
namespace {

// The sizes along an axis anew.
void set_axis(Axis& axis, std::int64_t coarse, std::int64_t kernel, std::int64_t stride, Draws& draws) {
    axis.coarse = coarse;
    axis.kernel = kernel;
    axis.stride = stride;
    axis.dilation = 1;
    axis.padding_begin = draws.between(0, kernel - 1);
    axis.padding_end = draws.between(0, kernel - 1);
    axis.fine = axis.full_size() + draws.between(0, stride - 1);
}

void set_last_axis(Problem& problem, std::int64_t coarse, std::int64_t kernel, std::int64_t stride, Draws& draws) {
    set_axis(problem.axes.back(), coarse, kernel, stride, draws);
}

// Of each group.
void set_channels(Problem& problem, std::int64_t groups, std::int64_t coarse, std::int64_t fine) {
    problem.groups = groups;
    problem.coarse_channels = groups * coarse;
    problem.fine_channels = groups * fine;
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
        const Pass pass = draws.one_in(3) ? Pass::gather : Pass::scatter;
        const Trial trial(problem, pass, draws.one_in(2) ? Values::real : Values::whole, draws.word());
        const Answer answer = answer_to(trial);
        const Setting setting = any_setting(draws, "phase_gemm", problem);
        const std::string words = describe(seed, trial, setting);
        const Doing doing(words);
        bool is_refused = false;
        ASSERT_EQ(what_is_wrong(trial, answer, setting, &is_refused), "") << words;
        ASSERT_FALSE(is_refused) << words;
    }
}

TEST(PhaseGemm, SumsManyChannelsInParts) {
    expect_agreement(fewer_if_sanitized(60), [](Problem& problem, Draws& draws) {
        const std::int64_t coarse = draws.between(60, 400);
        set_channels(problem, 1, coarse, draws.between(1, 40));
        const std::int64_t size = draws.between(1, 70), kernel = draws.between(1, 5);
        set_last_axis(problem, size, kernel, draws.between(1, 3), draws);
    });
}

TEST(PhaseGemm, WritesRowsOfOddKernelsAtStrideTwo) {
    expect_agreement(fewer_if_sanitized(200), [](Problem& problem, Draws& draws) {
        const std::int64_t groups = draws.one_in(2) ? draws.between(1, 20) : 1, coarse = draws.between(1, 3);
        set_channels(problem, groups, coarse, draws.one_in(3) ? draws.between(1, 3) : 1);
        const std::int64_t size = draws.between(1, 300), kernel = 2 * draws.between(0, 4) + 1;
        set_last_axis(problem, size, kernel, 2, draws);
    });
}

// Two rows at a time, of phases of a stride or of neighbouring points, with taps that both read and taps of one.
TEST(PhaseGemm, WritesPairsOfRows) {
    expect_agreement(fewer_if_sanitized(400), [](Problem& problem, Draws& draws) {
        const std::int64_t groups = draws.one_in(2) ? draws.between(1, 20) : 1, coarse = draws.between(1, 5);
        set_channels(problem, groups, coarse, draws.one_in(3) ? draws.between(1, 3) : 1);
        problem.rank = std::max(problem.rank, 2);
        const std::int64_t stride = draws.between(1, 4), kernel = stride * draws.between(1, 3) + draws.between(0, 1);
        set_last_axis(problem, draws.between(1, 200), kernel, stride, draws);
        set_axis(problem.axes[1], draws.between(1, 40), draws.between(1, 7), draws.between(1, 4), draws);
    });
}

// Lines of whole vectors: tiles are computed in the output.
TEST(PhaseGemm, WritesWholeVectorsInPlace) {
    expect_agreement(fewer_if_sanitized(200), [](Problem& problem, Draws& draws) {
        set_channels(problem, draws.between(1, 2), draws.between(1, 40), draws.between(2, 20));
        const bool is_gathered = draws.one_in(2);
        const std::int64_t width = 16 * draws.between(1, 9), kernel = draws.between(1, 5);
        set_last_axis(problem, width, kernel, is_gathered ? draws.between(1, 3) : 1, draws);
        if (is_gathered) return;
        Axis& last = problem.axes.back();
        last.padding_begin = last.padding_end = (kernel - 1) / 2;
        last.coarse = width + 2 * last.padding_begin - (kernel - 1);
        last.fine = width;
    });
}

TEST(PhaseGemm, CutsBlocksForWorkers) {
    expect_agreement(fewer_if_sanitized(100), [](Problem& problem, Draws& draws) {
        const std::int64_t coarse = draws.between(1, 30);
        set_channels(problem, 1, coarse, draws.between(1, 3));
        const std::int64_t size = draws.between(20, 400), kernel = draws.between(1, 5);
        set_last_axis(problem, size, kernel, draws.between(1, 3), draws);
    });
}

}  // namespace
}  // namespace tconv::testing
