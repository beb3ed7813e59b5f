// phase_gemm where random problems seldom are: channels that are summed in parts, odd kernels at stride 2 with rows of
// one channel, pairs of rows, tiles in the output, and few weights, for which each worker packs a block of its own.
#include "changed_problems.h"

namespace tconv::testing {
namespace {

template <class Change>
void expect_agreement(int count, const Change& change) {
    expect_agreement_of("phase_gemm", {Pass::scatter, Pass::scatter, Pass::gather}, count, change);
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
