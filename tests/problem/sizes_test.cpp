#include "tconv/sizes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tconv/problem_text.h"

namespace tconv {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

SizeDerivation derive(const char* text) { return derive_size(parse_problem(text).value()); }

TEST(DeriveSize, TheFirstSeedDocument) {
    struct Case {
        const char* text;
        std::int64_t full, output;
    };
    for (const Case& seed : {Case{"i2x2 k3", 4, 4},
                             {"i2x2 k3 s2", 5, 5},
                             {"i2x2 k3 s2 p2", 5, 1},
                             {"i2x2 k4 s3 op2", 7, 9},
                             {"i2x2 k2 s2 d2", 5, 5},
                             {"i2x2 k3 s3 op2", 6, 8}}) {
        const SizeDerivation derivation = derive(seed.text);
        EXPECT_THAT(derivation.full_size, ElementsAre(seed.full, seed.full)) << seed.text;
        EXPECT_THAT(derivation.output_size, ElementsAre(seed.output, seed.output)) << seed.text;
    }
}

TEST(DeriveSize, TheSecondSeedDocument) {
    EXPECT_THAT(derive("i2x2 k2").output_size, ElementsAre(3, 3));
    EXPECT_THAT(derive("i2x2 k2 p1").output_size, ElementsAre(1, 1));
    EXPECT_THAT(derive("i2x2 k2 s2").output_size, ElementsAre(4, 4));
    EXPECT_THAT(derive("ic20 oc10 i6x6 k5 s3 p2").output_size, ElementsAre(16, 16));
    EXPECT_THAT(derive("ic10 oc3 i32x32 k4 s2 p1").output_size, ElementsAre(64, 64));
}

TEST(DeriveSize, GrowsByTheStrideStepByStep) {
    EXPECT_THAT(
        derive("i64x64 k4 s2 p1").steps,
        ElementsAre("K = 4: each input value stamps the whole kernel, 4 taps, into the output",
                    "1st step: the first stamp makes the output K = 4 rows long",
                    "2nd step: the next stamp starts S = 2 further, so it ends at K + S = 4 + 2 = 6",
                    "3rd step: the next stamp starts S = 2 further: K + 2S = 4 + 4 = 8",
                    "m-th step, the last (m = 64 inputs): K + (m-1)S = 4 + 63*2 = 130",
                    "padding removes 1 row from each end: 130 - 1 - 1 = 128",
                    "in one line: (m-1)S + d(k-1)+1 - padding + output padding = 63*2 + 1*3+1 - 1 - 1 + 0 = 128"));
}

TEST(DeriveSize, TellsWhereOutputPaddingLies) {
    const auto has_step = [](const char* text, const char* words) {
        const auto steps = derive(text).steps;
        EXPECT_TRUE(std::any_of(steps.begin(), steps.end(),
                                [&](const std::string& step) { return step.find(words) != std::string::npos; }))
            << text << ": " << words << "\n"
            << testing::PrintToString(steps);
    };
    has_step("i4 k3 s2 p1 op1", "output padding puts 1 row back at the end (a row that padding removed");
    has_step("i4 k3 s2 op1", "output padding puts 1 row back at the end (it lies beyond the last stamp and holds");
    has_step("i4 k4 s3 p1 op2", "(the last one lies beyond the last stamp and holds only the bias): 11 + 2 = 13");
    has_step("i4 k3 s2 o20", "the output size given puts 11 rows back at the end (they lie beyond");
    has_step("i4 k3 s2 o5", "the output size given cuts 4 rows more off the end: 9 - 4 = 5");
    has_step("i4 k3 s2 p0:1", "padding removes 0 rows from the front and 1 from the end: 9 - 0 - 1 = 8");
    has_step("i4 k3 d2", "K = d(k-1)+1 = 2*2+1 = 5: each input value stamps the whole kernel, 3 taps that lie d = 2");
}

TEST(DeriveSize, NamesTheAxisWhereAxesDiffer) {
    const SizeDerivation derivation = derive("i2x3 k3x2");
    EXPECT_THAT(derivation.output_size, ElementsAre(4, 4));
    EXPECT_THAT(derivation.steps.front(), HasSubstr("axis 0: K = 3"));
    EXPECT_THAT(derivation.steps.back(), HasSubstr("axis 1: in one line"));
}

// How many taps reach each row of a long output, counted one by one, far from its borders.
Evenness counted_evenness(std::int64_t kernel, std::int64_t stride, std::int64_t dilation) {
    const std::int64_t extent = dilation * (kernel - 1) + 1, coarse = 2 * extent + 8;
    std::vector<std::int64_t> reached(static_cast<std::size_t>((coarse - 1) * stride + extent), 0);
    for (std::int64_t i = 0; i < coarse; ++i)
        for (std::int64_t j = 0; j < kernel; ++j) ++reached[static_cast<std::size_t>(i * stride + j * dilation)];
    const auto [least, most] = std::minmax_element(reached.begin() + extent, reached.end() - extent);
    if (*least == 0) return Evenness::holes;
    return *least == *most ? Evenness::even : Evenness::uneven;
}

TEST(Evenness, AgreesWithCountedTaps) {
    for (std::int64_t k = 1; k <= 12; ++k)
        for (std::int64_t s = 1; s <= 12; ++s)
            for (std::int64_t d = 1; d <= 12; ++d)
                EXPECT_EQ(evenness_of(k, s, d), counted_evenness(k, s, d)) << "k" << k << " s" << s << " d" << d;
}

// Every combination tried, with no thought.
std::vector<SizeSolution> brute_force(const SizeQuestion& question) {
    std::vector<SizeSolution> solutions;
    const std::int64_t largest_stride =
        question.from == 1 ? question.max_kernel : question.want + question.max_dilation * question.max_kernel;
    for (std::int64_t k = 1; k <= question.max_kernel; ++k)
        for (std::int64_t d = 1; d <= (k == 1 ? 1 : question.max_dilation); ++d)
            for (std::int64_t s = 1; s <= largest_stride; ++s)
                for (std::int64_t p = 0; p <= d * (k - 1); ++p)
                    for (std::int64_t op = 0; op < std::max(s, d); ++op)
                        if ((question.from - 1) * s + d * (k - 1) + 1 - 2 * p + op == question.want)
                            solutions.push_back({k, s, p, op, d, evenness_of(k, s, d)});
    return solutions;
}

auto all_of(const SizeSolution& a) {
    return std::tuple(a.kernel, a.stride, a.padding, a.output_padding, a.dilation, a.evenness);
}

TEST(SolveSize, FindsWhatBruteForceFinds) {
    for (std::int64_t from = 1; from <= 7; ++from)
        for (std::int64_t want = 1; want <= 20; ++want) {
            const SizeQuestion question{from, want, 4, 3};
            std::vector<SizeSolution> found = solve_size(question).value(), expected = brute_force(question);
            const auto before = [](const SizeSolution& a, const SizeSolution& b) { return all_of(a) < all_of(b); };
            std::sort(found.begin(), found.end(), before);
            std::sort(expected.begin(), expected.end(), before);
            EXPECT_TRUE(found == expected) << "from " << from << " want " << want << ": " << found.size() << " found, "
                                           << expected.size() << " expected";
        }
}

TEST(SolveSize, EverySolutionMakesTheWantedSize) {
    const auto solutions = solve_size({64, 128, 8, 8}).value();
    EXPECT_GT(solutions.size(), 8U);
    for (const SizeSolution& a : solutions) {
        const auto list = [](const char* key, std::int64_t value) { return key + std::to_string(value); };
        const auto problem = parse_problem("i64 k" + list("", a.kernel) + list(" s", a.stride) + list(" p", a.padding) +
                                           list(" op", a.output_padding) + list(" d", a.dilation));
        ASSERT_TRUE(problem) << problem.error().message;
        EXPECT_EQ(problem->spatial()[0].fine, 128);
    }
}

TEST(SolveSize, ThePlainestComesFirst) {
    const auto solutions = solve_size({64, 128, 8, 8}).value();
    EXPECT_EQ(solutions[0], (SizeSolution{2, 2, 0, 0, 1, Evenness::even}));
    EXPECT_EQ(solutions[1], (SizeSolution{4, 2, 1, 0, 1, Evenness::even}));
    const SizeSolution uneven{3, 2, 1, 1, 1, Evenness::uneven};
    EXPECT_NE(std::find(solutions.begin(), solutions.end(), uneven), solutions.end());
}

TEST(SolveSize, AnswersHugeQuestionsInBoundedTime) {
    constexpr std::int64_t kHuge = std::int64_t{1} << 40;
    for (const SizeQuestion& question : {SizeQuestion{2, kHuge, 64, 64},
                                         {1, kHuge, 64, 64},
                                         {kHuge, kHuge, 64, 64},
                                         {kHuge, 1, 64, 64},
                                         {3, kHuge - 1, 1, 1},
                                         {kHuge - 1, kHuge, 64, 1}}) {
        const auto answer = solve_size(question);
        if (!answer) {
            EXPECT_THAT(answer.error().message, HasSubstr("over a million solutions"));
        }
    }
    EXPECT_TRUE(solve_size({1, kHuge, 64, 64}).value().empty());
    EXPECT_FALSE(solve_size({2, kHuge, 64, 64}));
}

TEST(SolveSize, RefusesWithASentence) {
    constexpr std::int64_t kHuge = std::int64_t{1} << 40;
    for (const SizeQuestion& question : {SizeQuestion{0, 1, 8, 8},
                                         {1, 0, 8, 8},
                                         {-1, 4, 8, 8},
                                         {1, kHuge + 1, 8, 8},
                                         {kHuge + 1, 1, 8, 8},
                                         {1, 1, 0, 8},
                                         {1, 1, 65, 8},
                                         {1, 1, 8, 0},
                                         {1, 1, 8, 65},
                                         {INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN}}) {
        const auto answer = solve_size(question);
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(answer.error().message.find('\n'), std::string::npos);
    }
}

}  // namespace
}  // namespace tconv
