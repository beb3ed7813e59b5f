// Repairs: what they promise, measured through the definition.
#include "tconv/repair.h"

#include <gtest/gtest.h>

#include <cmath>

#include "checkerboard/support.h"
#include "tconv/checkerboard.h"

namespace tconv::checkerboard {
namespace {

using test::Doubles;
using test::problem_of;
using test::random_values;
using test::scattered;

double rms(const Doubles& values) {
    double sum = 0;
    for (const double value : values) sum += value * value;
    return std::sqrt(sum / static_cast<double>(values.size()));
}

Doubles difference(const Doubles& a, const Doubles& b) {
    Doubles result = a;
    for (std::size_t i = 0; i < a.size(); ++i) result[i] -= b.at(i);
    return result;
}

TEST(EmbedEven, IsTheSameFunctionWithEvenTaps) {
    for (const char* text :
         {"ic2 oc3 i6x5 k3 s2 p1 op1 f64", "ic2 oc2 i5 k5 s2 p2 op1 f64", "ic2 oc4 i4x4 k3x2 s2x3 p1x0 g2 f64",
          "i5 k5 s3 p1 f64", "i5 k1 s2 f64", "i3x3x3 k3 s2 p1 op1 f64", "i4 k3 s2 o20 f64", "i6 k4 s3 d2 p2 op1 f64"}) {
        SCOPED_TRACE(text);
        const Problem problem = problem_of(text);
        const Doubles weights = random_values(problem.weight_elements());
        const Repaired even = embed_even(problem, weights).value();
        EXPECT_EQ(even.relative_change, 0);
        EXPECT_LT(even.gain_change, 1e-12);
        EXPECT_EQ(structure_of(even.layer.problem).evenness, Evenness::even);
        for (std::size_t i = 0; i < problem.axes.size(); ++i)
            EXPECT_EQ(even.layer.problem.axes[i].fine, problem.axes[i].fine);
        const Doubles input = random_values(problem.coarse_elements(), 2);
        EXPECT_EQ(scattered(problem, weights, input), scattered(even.layer.problem, even.layer.weights, input));
    }
}

TEST(EmbedEven, GivesTheLayersThatTheRuleNames) {
    const auto made = [](const char* text) {
        const Problem problem = problem_of(text);
        return to_text(embed_even(problem, random_values(problem.weight_elements())).value().layer.problem);
    };
    EXPECT_EQ(made("i8x8 k3 s2 p1 op1"), "i8x8 k4 s2 p1");
    EXPECT_EQ(made("i8x8 k5 s2 p2 op1"), "i8x8 k6 s2 p2");
    EXPECT_EQ(made("i8x8 k4 s2 p1"), "i8x8 k4 s2 p1");
    EXPECT_EQ(made("i8 k3 s2 p1"), "i8 k4 s2 p1:2");
}

TEST(ProjectDc, TakesTheFlatFieldPatternAway) {
    for (const char* text : {"ic3 oc2 i9x9 k4 s2 f64", "ic3 oc2 i9x9 k3 s2 f64", "ic4 oc4 i9 k7 s3 g2 f64",
                             "i9 k5 s3 d2 f64", "ic2 oc2 i6x6x6 k3 s2 f64"}) {
        SCOPED_TRACE(text);
        const Problem problem = problem_of(text);
        const Doubles weights = random_values(problem.weight_elements());
        for (const Target target : {Target::least_change, Target::mean_gain}) {
            const Repaired flat = project_dc(problem, weights, target).value();
            EXPECT_LT(measure(flat.layer.problem, flat.layer.weights).value().epsilon, 1e-12);
            EXPECT_GT(flat.relative_change, 0.1);
            EXPECT_EQ(flat.layer.problem, problem);
            const bool is_even = structure_of(problem).evenness == Evenness::even;
            EXPECT_EQ(flat.gain_change > 1e-9, target == Target::least_change && !is_even);
        }
    }
}

// The example of the theory: T = 8/3 where the mean is 3.
TEST(ProjectDc, TheSmallestChangeMovesTheMean) {
    const Problem problem = problem_of("i8 k3 s2 f64");
    const Repaired flat = project_dc(problem, Doubles{1, 2, 3}).value();
    const Doubles expected{1 - 2.0 / 3, 2 + 2.0 / 3, 3 - 2.0 / 3};
    for (std::size_t tap = 0; tap < 3; ++tap) EXPECT_NEAR(flat.layer.weights[tap], expected[tap], 1e-12);
    EXPECT_NEAR(flat.gain_change, 1.0 / 9, 1e-12);
    EXPECT_NEAR(flat.relative_change, std::sqrt(3 * 4.0 / 9 / 14), 1e-12);
    const Repaired mean = project_dc(problem, Doubles{1, 2, 3}, Target::mean_gain).value();
    EXPECT_NEAR(mean.gain_change, 0, 1e-12);
    EXPECT_GT(mean.relative_change, flat.relative_change);
}

// No other weights with equal gains are nearer: any step within them makes the change larger.
TEST(ProjectDc, IsTheNearest) {
    const Problem problem = problem_of("i8 k5 s2 f64");
    const Doubles weights = random_values(5);
    const Repaired flat = project_dc(problem, weights).value();
    const Doubles steps[] = {{1, 0, -1, 0, 0}, {0, 1, 0, -1, 0}, {0, 0, 1, 0, -1}, {1, 1, 0, 0, 0}};  // keep them equal
    for (const Doubles& step : steps) {
        double along = 0;
        for (std::size_t i = 0; i < 5; ++i) along += step[i] * (flat.layer.weights[i] - weights[i]);
        EXPECT_NEAR(along, 0, 1e-12);
    }
}

TEST(Blur, MakesEveryGainTheMean) {
    for (const char* text : {"ic2 oc2 i9x9 k4 s2 p1 f64", "i9x9 k3 s2 p1 op1 f64", "i9 k5 s3 d2 p1 f64"}) {
        SCOPED_TRACE(text);
        const Problem problem = problem_of(text);
        const Doubles weights = random_values(problem.weight_elements());
        const Repaired blurred = blur(problem, weights).value();
        EXPECT_LT(measure(blurred.layer.problem, blurred.layer.weights).value().epsilon, 1e-12);
        EXPECT_LT(blurred.gain_change, 1e-12);
        EXPECT_GT(blurred.relative_change, 0.1);
        for (std::size_t i = 0; i < problem.axes.size(); ++i)
            EXPECT_EQ(blurred.layer.problem.axes[i].fine, problem.axes[i].fine);
    }
}

// Blurring a nearest-neighbour kernel with its own box is bilinear, half a pixel along: exact where s is odd.
TEST(Blur, OfNearestIsBilinear) {
    const Repaired blurred = blur(problem_of("i9 k3 s3 f64"), Doubles{1, 1, 1}).value();
    const Doubles expected{1.0 / 3, 2.0 / 3, 1, 2.0 / 3, 1.0 / 3};
    ASSERT_EQ(blurred.layer.weights.size(), 5U);
    for (std::size_t tap = 0; tap < 5; ++tap) EXPECT_NEAR(blurred.layer.weights[tap], expected[tap], 1e-12);
    EXPECT_EQ(to_text(blurred.layer.problem), "i9 k5 s3 p1 f64");
}

// relative_change says how much of the output changes where the input is noise.
TEST(RelativeChange, IsTheShareOfTheOutputOnNoise) {
    const Problem problem = problem_of("ic3 oc2 i200 k4 s2 p1 f64");
    const Doubles weights = random_values(problem.weight_elements());
    const Doubles input = random_values(problem.coarse_elements(), 7);
    const Doubles before = scattered(problem, weights, input);
    for (const Repaired& repaired : {project_dc(problem, weights).value(), blur(problem, weights).value()}) {
        const Doubles after = scattered(repaired.layer.problem, repaired.layer.weights, input);
        EXPECT_NEAR(rms(difference(after, before)) / rms(before), repaired.relative_change,
                    0.1 * repaired.relative_change);
    }
}

TEST(Repair, RefusesWhatItCannotCure) {
    const Problem holes = problem_of("i8x8 k4 s2 d2"), short_kernel = problem_of("i8 k1 s2");
    const Doubles weights = random_values(16);
    for (const auto& refused : {embed_even(holes, weights), project_dc(holes, weights), blur(holes, weights),
                                project_dc(short_kernel, Doubles{1})}) {
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    }
    EXPECT_EQ(embed_even(problem_of("i8 k3 s2"), weights).error().code, ErrorCode::array_mismatch);
    EXPECT_EQ(embed_even(problem_of("i1 k1 s1073741824"), Doubles{1}).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(blur(problem_of("i1 k1 s1073741824"), Doubles{1}).error().code, ErrorCode::invalid_argument);
    EXPECT_FALSE(relative_change({problem_of("i8 k3 s2"), Doubles(3)}, {problem_of("i8 k3 s3"), Doubles(3)}));
    EXPECT_FALSE(relative_change({problem_of("i8 k3 s2"), Doubles(3)}, {problem_of("i8 k4 s2"), Doubles(3)}));
}

}  // namespace
}  // namespace tconv::checkerboard
