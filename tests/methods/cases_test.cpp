// Other projects' layers by every method; every two of kernel unit, number of threads, layout, epilogue, dtype and
// method meet in some case. The large ones are in methods_slow.
#include "cases.h"

#include <gmock/gmock.h>

namespace tconv::testing {
namespace {

constexpr std::size_t kShards = 4;

class Cases : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Cases, AreComputedAsDefinedByEveryMethod) {
    if (!test::why_no_cases().empty()) GTEST_SKIP() << test::why_no_cases();
    if (kSlowness > 4) GTEST_SKIP() << "too slow here; random problems show how threads meet";
    const auto& cases = test::all_cases();
    Pairs pairs, pairs_of_gradients;  // which have no epilogue
    for (std::size_t i = GetParam(); i < cases.size(); i += kShards) {
        if (products_of(cases[i]) > kFastProducts / kSlowness) continue;
        for (const Pass pass : kPasses)
            check_case(cases[i], pass, base_seed() + 3 * i + static_cast<std::size_t>(pass), {},
                       pass == Pass::weight_grad ? pairs_of_gradients : pairs);
        if (HasFailure()) return;
    }
    EXPECT_THAT(pairs.missing(), ::testing::IsEmpty());
    EXPECT_THAT(pairs_of_gradients.missing(), ::testing::IsEmpty());
    EXPECT_GT(pairs.count(), 300u);
}

INSTANTIATE_TEST_SUITE_P(Shard, Cases, ::testing::Range<std::size_t>(0, kShards));

}  // namespace
}  // namespace tconv::testing
