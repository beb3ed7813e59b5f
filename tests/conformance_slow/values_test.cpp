// The listed shapes that are too large for the fast tests.
#include "conformance/support/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace {

constexpr std::size_t kShards = 16;

class LargeValues : public testing::TestWithParam<std::size_t> {};

TEST_P(LargeValues, AgreeInEveryWayOfComputing) {
    EXPECT_THAT(tconv::test::disagreements(GetParam(), kShards, tconv::test::kFastMultiplications,
                                           std::numeric_limits<std::int64_t>::max()),
                testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Shard, LargeValues, testing::Range<std::size_t>(0, kShards));

}  // namespace
