// natural_add: few pixels, weights as they are; exact edges, whatever is not finite.
#include "support.h"

namespace tconv::testing {
namespace {

Problem few_pixels(Draws& draws) {
    for (;;) {
        Problem problem = random_problem(draws, kMostProducts / 4);
        for (Axis& axis : problem.axes) {
            if (axis.coarse <= 1) continue;
            const std::int64_t out = axis.fine - axis.full_size();  // what padding and output padding make of it
            axis.coarse = draws.between(1, 5);
            axis.fine = axis.full_size() + out;
        }
        problem.batch = draws.between(1, 4);
        const std::int64_t channels = draws.between(1, 40);
        problem.fine_channels = channels * problem.groups;
        problem.layout = draws.one_in(3) ? Layout::channels_last : Layout::channels_first;
        if (validate(problem) && products(problem) <= static_cast<double>(kMostProducts)) return problem;
    }
}

TEST(NaturalAdd, AgreesWithTheDefinition) {
    int accepted = 0;
    const int count = fewer_if_sanitized(400);
    for (int i = 0; i < count; ++i) {
        const std::uint64_t seed = base_seed() + static_cast<std::uint64_t>(i);
        Draws draws(seed);
        const Problem problem = few_pixels(draws);
        const Trial trial(problem, Pass::scatter, draws.one_in(2) ? Values::real : Values::whole, draws.word());
        const Answer answer = answer_to(trial);
        Setting setting = any_setting(draws, "natural_add", problem);
        if (draws.one_in(3)) setting.output_strides = random_slice(problem, Pass::scatter, draws);
        const std::string words = describe(seed, trial, setting);
        const Doing doing(words);
        bool is_refused = false;
        ASSERT_EQ(what_is_wrong(trial, answer, setting, &is_refused), "") << words;
        accepted += is_refused ? 0 : 1;
    }
    EXPECT_GT(accepted, count / 3);
}

TEST(NaturalAdd, IsChosenForOnePixelWhereWeightsAreGivenWithEachCall) {
    const Problem problem = *parse_problem("ic512 oc512 i1x1 k4");
    const auto once = make_plan(problem, Pass::scatter, {.threads = 1, .weights_each_call = true});
    ASSERT_TRUE(once.ok()) << once.error().message;
    EXPECT_EQ(once->method(), "natural_add");
    const Problem wide = *parse_problem("ic64 oc64 i64x64 k4 s2 p1");
    EXPECT_NE(make_plan(wide, Pass::scatter, {.threads = 1, .weights_each_call = true})->method(), "natural_add");
}

TEST(NaturalAdd, RefusesWhatItIsNotFor) {
    const auto refusal = [](const char* text) {
        const auto plan = make_plan(*parse_problem(text), Pass::scatter, {.method = "natural_add"});
        return plan.ok() ? std::string("accepted") : plan.error().message;
    };
    EXPECT_NE(refusal("ic8 oc64 i9x9 k2 s2").find("1 to 64 pixels"), std::string::npos);
    EXPECT_NE(refusal("n65 ic8 oc64 i1 k16").find("1 to 64 pixels"), std::string::npos);
    EXPECT_NE(refusal("ic3000 oc64 i8x8 k2 s2").find("input elements"), std::string::npos);
    EXPECT_NE(refusal("ic8 oc64 i2 k3 s20000").find("elements of a channel"), std::string::npos);
    if (default_isa().value() == Isa::portable) return;  // its vectors have one element
    EXPECT_NE(refusal("ic8 oc1 i2 k1").find("fewer than a vector"), std::string::npos);
}

}  // namespace
}  // namespace tconv::testing
