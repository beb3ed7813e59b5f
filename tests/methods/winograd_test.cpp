// winograd: kernels of two and three times the stride, exact on whole numbers, close on others, and only where asked
// for.
#include <algorithm>
#include <cmath>

#include "support.h"

namespace tconv::testing {
namespace {

Problem winograd_problem(Draws& draws, Pass pass) {
    for (;;) {
        Problem problem = random_problem(draws, kMostProducts);
        problem.rank = 2;
        for (std::size_t i = 0; i < problem.axes.size(); ++i) {
            Axis& axis = problem.axes[i];
            axis = Axis{};
            if (i == 0) continue;
            axis.coarse = draws.between(1, 40);
            axis.stride = pass != Pass::scatter ? 1 : draws.one_in(8) ? draws.between(5, 40) : draws.between(1, 4);
            axis.kernel = axis.stride * draws.between(2, 3);
            axis.padding_begin = draws.between(0, axis.kernel - 1);
            axis.padding_end = draws.between(0, axis.kernel - 1);
            axis.fine = axis.full_size() - axis.padding_begin - axis.padding_end + draws.between(0, axis.stride - 1);
        }
        if (validate(problem) && products(problem) <= static_cast<double>(kMostProducts)) return problem;
    }
}

/// The largest error, in units of the rounding of the largest sum of magnitudes.
double greatest_error(const Answer& answer, const std::vector<double>& output) {
    double error = 0, bound = 0;
    for (std::size_t i = 0; i < output.size(); ++i) {
        error = std::max(error, std::abs(output[i] - answer.values[i]));
        bound = std::max(bound, answer.bounds[i]);
    }
    return bound == 0 ? error : error / bound;
}

TEST(Winograd, AgreesWithTheDefinition) {
    int accepted = 0;
    const int count = fewer_if_sanitized(300);
    for (int i = 0; i < count; ++i) {
        const std::uint64_t seed = base_seed() + static_cast<std::uint64_t>(i);
        Draws draws(seed);
        const Pass pass = draws.one_in(3) ? Pass::gather : Pass::scatter;
        const Problem problem = winograd_problem(draws, pass);
        const Trial trial(problem, pass, draws.one_in(2) ? Values::real : Values::whole, draws.word());
        const Answer answer = answer_to(trial);
        Setting setting = any_setting(draws, "winograd", problem);
        if (draws.one_in(3)) setting.output_strides = random_slice(problem, pass, draws);
        const std::string words = describe(seed, trial, setting);
        const Doing doing(words);
        if (trial.values == Values::whole) {
            bool is_refused = false;
            ASSERT_EQ(what_is_wrong(trial, answer, setting, &is_refused), "") << words;
            accepted += is_refused ? 0 : 1;
            continue;
        }
        const auto plan = plan_for(problem, pass, setting);
        if (!plan) continue;
        const auto weights = pack_for(trial, *plan);
        ASSERT_TRUE(weights.ok()) << words;
        const Ran ran = run_plan(trial, setting, *plan, *weights);
        ASSERT_EQ(ran.fault, "") << words;
        // Differences and sums are of up to four numbers on either axis, and are summed again.
        ASSERT_LE(greatest_error(answer, ran.output), 16) << words;
        ++accepted;
    }
    EXPECT_GT(accepted, count / 2);
}

TEST(Winograd, IsTakenWhereItIsAllowedOnly) {
    const Problem problem = *parse_problem("ic256 oc256 i64x64 k4 s2 p1 f64");
    EXPECT_NE(make_plan(problem, Pass::scatter)->method(), "winograd");
    EXPECT_EQ(make_plan(problem, Pass::scatter, {.allow_winograd = true})->method(), "winograd");
    const Plan named = *make_plan(problem, Pass::scatter, {.method = "winograd"});
    EXPECT_EQ(named.method(), "winograd");
    // Weights that were packed for it are permission, too.
    const auto other = make_plan(*parse_problem("ic256 oc256 i20x30 k4 s2 p1 f64"), Pass::scatter,
                                 {.weight_format = named.weight_format()});
    ASSERT_TRUE(other.ok()) << other.error().message;
    EXPECT_EQ(other->method(), "winograd");
}

TEST(Winograd, RefusesWhatItIsNotFor) {
    for (const char* const text : {"ic8 oc8 i9 k4 s2", "ic8 oc8 i9x9 k2 s2", "ic8 oc8 i9x9 k5 s2", "ic8 oc8 i9x9 k3 d2",
                                   "ic8 oc8 i9x9x9 k4 s2", "ic8 oc8 i9x9 k4x2 s2"}) {
        const auto plan = make_plan(*parse_problem(text), Pass::scatter, {.method = "winograd"});
        ASSERT_FALSE(plan.ok()) << text;
        EXPECT_NE(plan.error().message.find("method winograd: it is for"), std::string::npos) << plan.error().message;
    }
    EXPECT_FALSE(make_plan(*parse_problem("ic8 oc8 i9x9 k4 s2"), Pass::gather, {.method = "winograd"}).ok());
    // All phases along the last axis are rows of one tile; those along the other are jobs of their own.
    for (const char* const text : {"ic8 oc8 i9x9 k4x128 s2x64", "ic8 oc8 i9x9 k300 s150"}) {
        const auto plan = make_plan(*parse_problem(text), Pass::scatter, {.method = "winograd"});
        ASSERT_FALSE(plan.ok()) << text;
        EXPECT_NE(plan.error().message.find("phases"), std::string::npos) << plan.error().message;
    }
    EXPECT_TRUE(make_plan(*parse_problem("ic8 oc8 i9x9 k128x4 s64x2"), Pass::scatter, {.method = "winograd"}).ok());
}

}  // namespace
}  // namespace tconv::testing
