// The guard that the other tests trust.
#include "guarded_array.h"

#include "support.h"

namespace tconv::testing {
namespace {

TEST(GuardedArray, EndsTheTestAtItsEdges) {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    GuardedArray<float> array(3);
    for (const Edge edge : kEdges) {
        volatile float* const at = array.place(3, edge, 1).data();
        EXPECT_EQ(at[0] + at[1] + at[2], 3);
        EXPECT_DEATH(at[edge == Edge::begin ? -1 : 3] = 0, "");
    }
}

}  // namespace
}  // namespace tconv::testing
