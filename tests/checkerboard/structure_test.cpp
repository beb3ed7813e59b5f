// Structure against counting: ones through a kernel of ones count the taps that reach each output.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "checkerboard/support.h"
#include "tconv/checkerboard.h"
#include "tconv/geometry.h"

namespace tconv::checkerboard {
namespace {

using test::Doubles;
using test::problem_of;

// Taps that reach each output of one axis.
Doubles counted(const Problem& problem) {
    return test::scattered(problem, Doubles(static_cast<std::size_t>(problem.taps()), 1.0));
}

struct Counted {
    double least = HUGE_VAL, most = 0;  // of phases that are reached
    std::int64_t empty = 0;
    Evenness evenness = Evenness::even;
};

// The taps of each phase, counted at outputs far from the borders.
Counted count_phases(std::int64_t stride, const Doubles& interior) {
    Counted found;
    for (std::int64_t phase = 0; phase < stride; ++phase) {
        const double taps = interior[static_cast<std::size_t>(phase)];
        if (taps == 0) ++found.empty;
        if (taps > 0) found.least = std::min(found.least, taps);
        found.most = std::max(found.most, taps);
    }
    found.evenness = found.empty > 0 ? Evenness::holes : found.least < found.most ? Evenness::uneven : Evenness::even;
    return found;
}

TEST(Structure, StridesKernelsAndDilationsAsCounted) {
    int cases = 0;
    for (int s = 1; s <= 4; ++s)
        for (int k = 1; k <= 9; ++k)
            for (int d = 1; d <= 3; ++d) {
                const std::string text =
                    "i60 k" + std::to_string(k) + " s" + std::to_string(s) + " d" + std::to_string(d) + " f64";
                SCOPED_TRACE(text);
                const Problem problem = problem_of(text);
                const Doubles taps = counted(problem);
                const std::int64_t middle = 30 * s;  // a multiple of the stride, with 30 inputs on either side
                const Counted expected = count_phases(s, {taps.begin() + middle, taps.begin() + middle + s});
                const Structure found = structure_of(problem);
                ASSERT_EQ(found.axes.size(), 1U);
                EXPECT_EQ(found.axes[0].phases, s);
                EXPECT_EQ(found.axes[0].empty_phases, expected.empty);
                EXPECT_EQ(static_cast<double>(found.axes[0].least_taps), expected.least);
                EXPECT_EQ(static_cast<double>(found.axes[0].most_taps), expected.most);
                EXPECT_EQ(found.evenness, expected.evenness);
                EXPECT_DOUBLE_EQ(found.overlap_ratio, expected.most / expected.least);
                EXPECT_DOUBLE_EQ(found.hole_share, static_cast<double>(expected.empty) / s);
                ++cases;
            }
    EXPECT_EQ(cases, 4 * 9 * 3);
}

// Rows that are reached by fewer taps than the same phase is in the middle, up to the last (or from the first).
TEST(Structure, BorderRampsAsCounted) {
    int ramps = 0;
    for (int s = 1; s <= 4; ++s)
        for (int k = 1; k <= 7; ++k)
            for (int d = 1; d <= 3; ++d)
                for (int p = 0; p <= 4; ++p)
                    for (int op = 0; op < std::max(s, d); ++op) {
                        const std::string text = "i30 k" + std::to_string(k) + " s" + std::to_string(s) + " d" +
                                                 std::to_string(d) + " p" + std::to_string(p) + " op" +
                                                 std::to_string(op) + " f64";
                        SCOPED_TRACE(text);
                        const Problem problem = problem_of(text);
                        const Axis axis = problem.spatial()[0];
                        const Doubles taps = counted(problem);
                        const auto is_under = [&](std::int64_t row) {
                            return taps[static_cast<std::size_t>(row)] <
                                   static_cast<double>(taps_of_phase(axis, phase_of(axis, row)).count);
                        };
                        std::int64_t begin = 0, end = 0;
                        for (std::int64_t row = 0; row < axis.fine / 2; ++row)
                            if (is_under(row)) begin = row + 1;
                        for (std::int64_t row = axis.fine - 1; row >= axis.fine / 2; --row)
                            if (is_under(row)) end = axis.fine - row;
                        const AxisStructure found = structure_of(problem).axes[0];
                        EXPECT_EQ(found.ramp_begin, begin);
                        EXPECT_EQ(found.ramp_end, end);
                        ramps += begin > 0;
                    }
    EXPECT_GT(ramps, 100);
}

// Literature's own numbers: Odena et al.'s k3 s2, the dilated kernel that passes the rule of thumb, DCGAN's layer.
TEST(Structure, KnownAnswers) {
    const auto ratio = [](const char* text) { return structure_of(problem_of(text)).overlap_ratio; };
    const auto holes = [](const char* text) { return structure_of(problem_of(text)).hole_share; };
    EXPECT_EQ(ratio("i8 k3 s2"), 2);
    EXPECT_EQ(ratio("i8x8 k3 s2"), 4);
    EXPECT_EQ(ratio("i8x8x8 k3 s2"), 8);
    EXPECT_EQ(ratio("i8x8 k5 s3"), 4);
    EXPECT_EQ(ratio("i8x8 k4 s2 p1"), 1);
    EXPECT_EQ(holes("i8x8 k4 s2 d2"), 0.75);
    EXPECT_EQ(holes("i8x8 k1 s2"), 0.75);
    EXPECT_EQ(holes("i8x8 k4 s2"), 0);
    EXPECT_EQ(structure_of(problem_of("i8x8 k4x3 s2x3 p1x0")).evenness, Evenness::even);
    EXPECT_EQ(structure_of(problem_of("i8x8 k4x4 s2x3")).evenness, Evenness::uneven);
    const AxisStructure dcgan = structure_of(problem_of("i4x4 k4 s2 p1")).axes[0];
    EXPECT_EQ(dcgan.ramp_begin, 1);
    EXPECT_EQ(dcgan.ramp_end, 1);
}

TEST(Structure, HugeNumbersCostNothing) {
    const Structure found = structure_of(problem_of("i1048576 k1048577 s1048576"));
    EXPECT_EQ(found.axes[0].most_taps, 2);
    EXPECT_EQ(found.axes[0].least_taps, 1);
    EXPECT_EQ(found.axes[0].empty_phases, 0);
}

}  // namespace
}  // namespace tconv::checkerboard
