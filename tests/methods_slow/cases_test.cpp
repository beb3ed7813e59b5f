// Other projects' layers that are too large for the fast tests. The definition takes nearly all of the time, so the
// very largest are asked one pass each.
#include "methods/cases.h"

namespace tconv::testing {
namespace {

constexpr std::size_t kShards = 8;
constexpr double kOnePassAbove = 1e7;

class LargeCases : public ::testing::TestWithParam<std::size_t> {};

TEST_P(LargeCases, AreComputedAsDefinedByEveryMethod) {
    if (!test::why_no_cases().empty()) GTEST_SKIP() << test::why_no_cases();
    const auto& cases = test::all_cases();
    Pairs pairs;
    for (std::size_t i = GetParam(); i < cases.size(); i += kShards) {
        const double products = products_of(cases[i]);
        if (products <= kFastProducts) continue;
        for (const Pass pass : kPasses)
            if (products <= kOnePassAbove || static_cast<std::size_t>(pass) == i % 3)
                check_case(cases[i], pass, base_seed() + 3 * i + static_cast<std::size_t>(pass), {"reference"}, pairs);
        if (HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(Shard, LargeCases, ::testing::Range<std::size_t>(0, kShards));

}  // namespace
}  // namespace tconv::testing
