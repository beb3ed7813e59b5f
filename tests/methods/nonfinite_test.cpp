// Infinities and NaN go where the definition says, whichever method computes (winograd promises nothing): a tap that is
// not part of a sum leaves it alone, so zeros that pad something may not meet them.
#include <limits>

#include "support.h"

namespace tconv::testing {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Up to three of them, anywhere; false where there is nowhere.
bool plant(std::vector<double>& values, Draws& draws) {
    if (values.empty()) return false;
    for (std::int64_t i = draws.between(1, 3); i > 0; --i) {
        const auto at = static_cast<std::size_t>(draws.between(0, static_cast<std::int64_t>(values.size()) - 1));
        constexpr double kPlanted[] = {kInfinity, -kInfinity, kNan};
        values[at] = kPlanted[draws.between(0, 2)];
    }
    return true;
}

/// Plants in one array of each of many random trials, chosen by `array`, and compares. The values are whole numbers, so
/// what stays finite has to be equal.
template <class Array>
void check(std::uint64_t first_seed, Pass pass, const Array& array) {
    const int count = fewer_if_sanitized(300);
    for (int i = 0; i < count; ++i) {
        const std::uint64_t seed = base_seed() + first_seed + static_cast<std::uint64_t>(i);
        Draws draws(seed);
        Trial trial{random_problem(draws, kMostProducts / 3), pass, Values::whole, draws.word()};
        if (!plant(array(trial), draws)) continue;
        check_by_every_method(seed, trial, draws, "winograd");
        if (::testing::Test::HasFailure()) return;
    }
}

TEST(NonFinite, WeightsOfScatter) {
    check(0, Pass::scatter, [](Trial& trial) -> auto& { return trial.weights; });
}

TEST(NonFinite, WeightsOfGather) {
    check(1000, Pass::gather, [](Trial& trial) -> auto& { return trial.weights; });
}

TEST(NonFinite, InputsOfScatter) {
    check(2000, Pass::scatter, [](Trial& trial) -> auto& { return trial.coarse; });
}

TEST(NonFinite, InputsOfGather) {
    check(3000, Pass::gather, [](Trial& trial) -> auto& { return trial.fine; });
}

TEST(NonFinite, CoarseSidesOfWeightGrad) {
    check(4000, Pass::weight_grad, [](Trial& trial) -> auto& { return trial.coarse; });
}

TEST(NonFinite, FineSidesOfWeightGrad) {
    check(5000, Pass::weight_grad, [](Trial& trial) -> auto& { return trial.fine; });
}

TEST(NonFinite, BiasesAndResiduals) {
    for (const Pass pass : {Pass::scatter, Pass::gather}) {
        check(6000, pass, [](Trial& trial) -> auto& { return trial.bias; });
        check(7000, pass, [](Trial& trial) -> auto& { return trial.residual; });
    }
}

}  // namespace
}  // namespace tconv::testing
