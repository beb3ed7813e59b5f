// split_gemm: more channels than random problems have, numbers of all sizes, and how accurate it is.
#include <algorithm>
#include <cmath>

#include "support.h"

namespace tconv::testing {
namespace {

Problem split_problem(Draws& draws) {
    for (;;) {
        Problem problem = random_problem(draws, kMostProducts / 4);
        problem.dtype = DType::f32;
        problem.groups = draws.one_in(4) ? 2 : 1;
        problem.coarse_channels = problem.groups * draws.between(8, 80);
        problem.fine_channels = problem.groups * draws.between(8, 80);
        if (validate(problem) && products(problem) <= 4 * static_cast<double>(kMostProducts)) return problem;
    }
}

/// Draws trials, has `change` change them, and compares.
template <class Change>
void check(std::uint64_t first_seed, int count, const Change& change) {
    int accepted = 0;
    for (int i = 0; i < fewer_if_sanitized(count); ++i) {
        const std::uint64_t seed = base_seed() + first_seed + static_cast<std::uint64_t>(i);
        Draws draws(seed);
        const Problem problem = split_problem(draws);
        const Pass pass = draws.one_in(2) ? Pass::scatter : Pass::gather;
        Trial trial(problem, pass, draws.one_in(2) ? Values::real : Values::whole, draws.word());
        change(trial, draws);
        const Answer answer = answer_to(trial);
        Setting setting = any_setting(draws, "split_gemm", problem);
        if (draws.one_in(3)) setting.output_strides = random_slice(problem, pass, draws);
        const std::string words = describe(seed, trial, setting);
        const Doing doing(words);
        bool is_refused = false;
        ASSERT_EQ(what_is_wrong(trial, answer, setting, &is_refused), "") << words;
        accepted += is_refused ? 0 : 1;
    }
    EXPECT_GT(accepted, fewer_if_sanitized(count) / 2);
}

void scale(std::vector<double>& values, int exponent) {
    for (double& value : values) value = static_cast<double>(static_cast<float>(std::ldexp(value, exponent)));
}

TEST(SplitGemm, AgreesWithTheDefinition) {
    check(0, 200, [](Trial&, Draws&) {});
}

// Some can be split, some have to be multiplied whole.
TEST(SplitGemm, TakesNumbersOfAllSizes) {
    check(1000, 100, [](Trial& trial, Draws& draws) {
        const int exponent = static_cast<int>(draws.between(-70, 70));
        scale(trial.coarse, exponent);
        scale(trial.fine, exponent);
        scale(trial.weights, -exponent + static_cast<int>(draws.between(-4, 4)));
    });
}

TEST(SplitGemm, TakesTheGreatestAndTheLeastNumbers) {
    check(2000, 60, [](Trial& trial, Draws& draws) {
        const int exponent = draws.one_in(2) ? 120 : -120;
        scale(trial.coarse, exponent);
        scale(trial.fine, exponent);
        scale(trial.weights, -exponent);
    });
}

TEST(SplitGemm, SendsInfinitiesWhereTheyBelong) {
    check(3000, 60, [](Trial& trial, Draws& draws) {
        std::vector<double>& read = trial.pass == Pass::scatter ? trial.coarse : trial.fine;
        std::vector<double>& values = draws.one_in(3) ? trial.weights : read;
        if (values.empty()) return;
        const double planted[] = {HUGE_VAL, -HUGE_VAL, std::nan("")};
        values[static_cast<std::size_t>(draws.between(0, static_cast<std::int64_t>(values.size()) - 1))] =
            planted[draws.between(0, 2)];
    });
}

/// The root of the mean squared error, in units of the rounding of the sums of magnitudes.
double error_of(const Trial& trial, const Answer& answer, const Setting& setting) {
    const auto plan = plan_for(trial.problem, trial.pass, setting);
    EXPECT_TRUE(plan.ok());
    const auto weights = pack_for(trial, *plan);
    const Ran ran = run_plan(trial, setting, *plan, *weights);
    double squares = 0;
    for (std::size_t i = 0; i < ran.output.size(); ++i) {
        const double off = (ran.output[i] - answer.values[i]) / answer.bounds[i];
        squares += off * off;
    }
    return std::sqrt(squares / static_cast<double>(ran.output.size()));
}

TEST(SplitGemm, IsNoLessAccurateThanFusedMultiplyAdds) {
    const Trial trial(*parse_problem("ic256 oc16 i12x12 k3 s2 p1"), Pass::scatter, Values::real, 7);
    const Answer answer = answer_to(trial);
    for (const std::string& unit : units("split_gemm")) {
        if (unit == "awkward") continue;  // it adds its six products one by one
        const double split = error_of(trial, answer, {.method = "split_gemm", .unit = unit});
        const double fused = error_of(trial, answer, {.method = "phase_gemm", .unit = unit});
        EXPECT_LT(split, fused) << unit;
    }
}

}  // namespace
}  // namespace tconv::testing
