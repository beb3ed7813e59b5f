// Every case, translated from the terms of the project that it comes from: output size, resolved padding, text.
#include <gtest/gtest.h>

#include "conformance/support/cases.h"
#include "tconv/problem_text.h"

namespace tconv::test {
namespace {

class Sizing : public testing::Test {
protected:
    void SetUp() override {
        if (const std::string why = why_no_cases(); !why.empty()) GTEST_SKIP() << why;
        ASSERT_EQ(all_cases().size(), 1633u);
    }
};

Sizes of_axes(const Problem& problem, std::int64_t (*number)(const Axis&)) {
    Sizes numbers;
    for (const Axis& axis : problem.spatial()) numbers.push_back(number(axis));
    return numbers;
}

TEST_F(Sizing, OutputSizeIsTheStatedOne) {
    for (const Case& layer : all_cases()) {
        const auto problem = translate(layer);
        ASSERT_TRUE(problem) << layer.id << ": " << problem.error().message;
        Sizes output = {problem->batch, problem->fine_channels};
        for (const Axis& axis : problem->spatial()) output.push_back(axis.fine);
        EXPECT_EQ(output, layer.stated_output) << layer.id;
    }
}

TEST_F(Sizing, ArraysDecideTheRest) {
    for (const Case& layer : all_cases()) {
        const auto problem = translate(layer);
        ASSERT_TRUE(problem) << layer.id << ": " << problem.error().message;
        Sizes input = {problem->batch, problem->coarse_channels},
              weights = {problem->coarse_channels, problem->fine_channels / problem->groups};
        for (const Axis& axis : problem->spatial()) {
            input.push_back(axis.coarse);
            weights.push_back(axis.kernel);
        }
        EXPECT_EQ(input, layer.input) << layer.id;
        EXPECT_EQ(weights, layer.weights) << layer.id;
        EXPECT_EQ(problem->groups, layer.groups) << layer.id;
        EXPECT_EQ(problem->has_bias, layer.bias_length.has_value()) << layer.id;
        EXPECT_EQ(problem->layout, layer.layout) << layer.id;
    }
}

TEST_F(Sizing, PaddingResolvesAsStated) {
    for (const Case& layer : all_cases()) {
        const auto problem = translate(layer);
        ASSERT_TRUE(problem) << layer.id << ": " << problem.error().message;
        EXPECT_EQ(of_axes(*problem, [](const Axis& axis) { return axis.padding_begin; }), layer.stated_begin)
            << layer.id;
        EXPECT_EQ(of_axes(*problem, [](const Axis& axis) { return axis.padding_end; }), layer.stated_end) << layer.id;
        EXPECT_EQ(of_axes(*problem, [](const Axis& axis) { return axis.output_padding(); }),
                  layer.stated_output_padding)
            << layer.id;
    }
}

TEST_F(Sizing, ResolvedTermsGiveTheSameProblem) {
    for (const Case& layer : all_cases()) {
        const auto problem = translate(layer), resolved = translate_resolved(layer);
        ASSERT_TRUE(problem) << layer.id << ": " << problem.error().message;
        ASSERT_TRUE(resolved) << layer.id << ": " << resolved.error().message;
        EXPECT_EQ(*problem, *resolved) << layer.id << ": " << to_text(*problem) << " and " << to_text(*resolved);
    }
}

TEST_F(Sizing, TextRoundTrips) {
    for (const Case& layer : all_cases()) {
        const auto problem = translate(layer);
        ASSERT_TRUE(problem) << layer.id << ": " << problem.error().message;
        const auto again = parse_problem(to_text(*problem));
        ASSERT_TRUE(again) << layer.id << ": " << again.error().message;
        EXPECT_EQ(*again, *problem) << layer.id << ": " << to_text(*problem);
    }
}

}  // namespace
}  // namespace tconv::test
