// A story is the reference's: the same events in the same order for every sum, the same outputs to the last bit.
#include "draw/story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <tuple>

#include "problems.h"
#include "tconv/problem_text.h"
#include "tconv/reference.h"

namespace tconv::draw {
namespace {

using EventKey = std::tuple<std::int64_t, std::int64_t, Position, Position, Position>;

EventKey key(const Event& e) { return {e.coarse_channel, e.fine_channel, e.coarse, e.tap, e.fine}; }

// Values whose sums depend on the order of the terms.
Numbers awkward(const Problem& problem) {
    Numbers numbers;
    const auto fill = [](std::vector<double>& values, std::int64_t count, double phase) {
        for (std::int64_t i = 0; i < count; ++i)
            values.push_back(std::sin(static_cast<double>(i) + phase) * std::pow(10.0, static_cast<double>(i % 7)));
    };
    fill(numbers.input, problem.coarse_elements(), 0.1);
    fill(numbers.weights, problem.weight_elements(), 0.7);
    fill(numbers.bias, problem.has_bias ? problem.fine_channels : 0, 0.3);
    return numbers;
}

class OfAProblem : public testing::TestWithParam<const char*> {
protected:
    Problem problem = parse_problem(GetParam()).value();
    Story story = tell(problem, awkward(problem)).value();
};

TEST_P(OfAProblem, EveryEventOfTheReferenceOnceAndNoOther) {
    std::vector<EventKey> expected, found;
    reference::for_each_event(problem, [&](const Event& e) { expected.push_back(key(e)); });
    for (const Stamp& stamp : story.stamps)
        for (const Deposit& deposit : stamp.deposits) {
            EXPECT_EQ(deposit.event.coarse_channel, stamp.channel);
            EXPECT_EQ(deposit.event.coarse, stamp.coarse);
            if (!deposit.is_kept) continue;
            Event event = deposit.event;
            event.fine = story.to_output(event.fine);
            found.push_back(key(event));
        }
    EXPECT_THAT(found, testing::UnorderedElementsAreArray(expected));
}

TEST_P(OfAProblem, WhatIsCroppedIsOutsideOfTheOutput) {
    std::int64_t all = 0;
    for (const Stamp& stamp : story.stamps)
        for (const Deposit& deposit : stamp.deposits) {
            ++all;
            const Position at = story.to_output(deposit.event.fine);
            bool is_inside = true;
            for (std::size_t axis = 0; axis < at.size(); ++axis)
                is_inside = is_inside && at[axis] >= 0 && at[axis] < problem.axes[axis].fine;
            EXPECT_EQ(deposit.is_kept, is_inside);
        }
    // Every input meets every tap somewhere on the canvas.
    EXPECT_EQ(all, problem.coarse_elements() * problem.fine_channels / problem.groups * problem.taps());
}

TEST_P(OfAProblem, TheLastSumsAreTheReferencesOutputs) {
    std::vector<double> y(static_cast<std::size_t>(problem.fine_elements()), std::numeric_limits<double>::quiet_NaN());
    const reference::Epilogue epilogue{problem.has_bias ? story.numbers.bias.data() : nullptr, nullptr,
                                       problem.activation};
    reference::scatter(problem, story.numbers.input.data(), story.numbers.weights.data(), epilogue, y.data());
    const auto& [a, b, c] = problem.axes;
    for (std::int64_t f = 0; f < problem.fine_channels; ++f)
        for (std::int64_t i = 0; i < a.fine; ++i)
            for (std::int64_t j = 0; j < b.fine; ++j)
                for (std::int64_t k = 0; k < c.fine; ++k) {
                    const Position at{i, j, k};
                    EXPECT_EQ(story.output_at(f, at),
                              y[static_cast<std::size_t>(reference::fine_offset(problem, 0, f, at))]);
                    EXPECT_EQ(story.counts[static_cast<std::size_t>(story.canvas_cell(f, story.to_canvas(at)))],
                              reference::count_events_at(problem, at));
                }
}

TEST_P(OfAProblem, EverySumIsTheOneBeforePlusItsProduct) {
    std::vector<double> sums(story.counts.size());
    for (std::size_t i = 0; i < sums.size(); ++i)
        sums[i] = story.start_value(static_cast<std::int64_t>(i) / story.canvas.fine_positions());
    for (const Stamp& stamp : story.stamps)
        for (const Deposit& deposit : stamp.deposits) {
            EXPECT_EQ(deposit.product, deposit.x * deposit.w);
            double& sum =
                sums[static_cast<std::size_t>(story.canvas_cell(deposit.event.fine_channel, deposit.event.fine))];
            EXPECT_EQ(deposit.sum, sum + deposit.product);
            sum = deposit.sum;
        }
}

INSTANTIATE_TEST_SUITE_P(Story, OfAProblem, testing::ValuesIn(kDrawn));

std::string refusal(const char* text) {
    const auto story = tell(parse_problem(text).value(), {});
    return story ? "" : story.error().message;
}

TEST(Story, RefusesWhatNobodyCouldReadAndSaysWhatToDraw) {
    for (const auto& [text, instead] : {std::pair{"i10000x10000 k4 s2 p1", "draw 'i4x4 k4 s2 p1'"},
                                        {"i1000000000000 k3 s2", "draw 'i3 k3 s2'"},
                                        {"ic512 oc256 i7x7 k4 s2 p1", "draw 'ic2 oc2 i4x4 k4 s2 p1'"},
                                        {"i2x2 k1000", "smaller kernel"},
                                        {"i2 k2 s1000000000000", "explain --at"},
                                        {"ic8 oc8 g8 i64x64 k2 s2", "draw 'ic2 oc2 i3x3 k2 s2 g2'"}})
        EXPECT_THAT(refusal(text), testing::HasSubstr(instead)) << text;
}

TEST(Story, WhatItSaysToDrawCanBeDrawn) {
    for (const char* text :
         {"i10000x10000 k4 s2 p1", "i1000000000000 k3 s2", "ic8 oc8 g8 i64x64 k2 s2", "i99x99x99 k3 s2 p1 op1",
          "i500x500 k5 s2 d2 p4", "i4000x3 k3x1 s7 p1:2", "i90x90 k3 s2 o200x200", "ic512 oc256 i7x7 k4 s2 p1 relu"}) {
        const Problem smaller = smaller_like(parse_problem(text).value());
        EXPECT_TRUE(validate(smaller).ok()) << text << " " << to_text(smaller);
        EXPECT_TRUE(tell(smaller, {}).ok()) << text << " " << to_text(smaller);
    }
}

TEST(Story, RefusesWhatItCannotShow) {
    EXPECT_THAT(refusal("i2x2 k2 sum"), testing::HasSubstr("sum"));
    EXPECT_THAT(refusal("ic0 oc0 i2x2 k2"), testing::HasSubstr("channels"));
    const auto other = tell(parse_problem("i2x2 k2").value(), {{1, 2, 3}, {}, {}});
    ASSERT_FALSE(other.ok());
    EXPECT_EQ(other.error().code, ErrorCode::array_mismatch);
}

TEST(Story, TellsAnOutputAsAFormula) {
    const Story story = tell(parse_problem("i2x2 k2 bias").value(), {{1, 2, 3, 4}, {5, 6, 7, 8}, {0.5}}).value();
    EXPECT_EQ(story.formula(0, {0, 0, 1}),
              "y[0, 1] = 16.5\n= bias 0.5\n+ x[0, 1] \u00b7 W[0, 0] = 2 \u00b7 5\n"
              "+ x[0, 0] \u00b7 W[0, 1] = 1 \u00b7 6");
}

TEST(Story, PutsTheActivationLast) {
    const Story story = tell(parse_problem("i2 k2 bias leaky:0.5").value(), {{1, -2}, {1, 3}, {0.5}}).value();
    EXPECT_EQ(story.stamps[1].deposits[0].sum, 1.5);
    EXPECT_EQ(story.output, (std::vector<double>{1.5, 1.5, -2.75}));
    EXPECT_EQ(story.formula(0, {0, 0, 2}), "y[2] = -2.75\n= leaky:0.5 of\nbias 0.5\n+ x[1] \u00b7 W[1] = -2 \u00b7 3");
    EXPECT_EQ(story.equation(0, {0, 0, 2}), "y[2] = -2.75 = leaky:0.5(bias 0.5 + -2 \u00b7 3)");
    const Story empty = tell(parse_problem("i1 k1 o2").value(), {}).value();
    EXPECT_EQ(empty.equation(0, {0, 0, 1}), "y[1] = 0: no tap reaches it");
}

}  // namespace
}  // namespace tconv::draw
