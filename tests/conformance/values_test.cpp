// Every listed shape, computed in independent ways.
#include "conformance/support/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

constexpr std::size_t kShards = 8;  // so that ctest can run them side by side

class ListedValues : public testing::TestWithParam<std::size_t> {};

TEST_P(ListedValues, AgreeInEveryWayOfComputing) {
    EXPECT_THAT(tconv::test::disagreements(GetParam(), kShards, -1, tconv::test::kFastMultiplications),
                testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Shard, ListedValues, testing::Range<std::size_t>(0, kShards));

}  // namespace
