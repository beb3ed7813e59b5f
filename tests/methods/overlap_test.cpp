// overlap_add where random problems seldom are: kernels as wide as their strides, whose positions get one tap each.
#include "changed_problems.h"

namespace tconv::testing {
namespace {

TEST(OverlapAdd, BeginsWithSumsWherePositionsHaveOneTap) {
    expect_agreement_of("overlap_add", {Pass::scatter}, fewer_if_sanitized(300), [](Problem& problem, Draws& draws) {
        const std::int64_t coarse = draws.one_in(3) ? draws.between(100, 300) : draws.between(1, 20);
        set_channels(problem, draws.between(1, 2), coarse, draws.between(1, 40));
        for (Axis& axis : problem.spatial()) {
            const std::int64_t stride = draws.between(1, 4);
            set_axis(axis, draws.between(1, 20), stride, stride, draws);
            axis.padding_begin = 0;
            axis.padding_end = draws.one_in(2) ? 0 : draws.between(0, stride - 1);
            axis.fine = axis.full_size() + (draws.one_in(4) ? draws.between(0, stride - 1) : 0);
        }
    });
}

}  // namespace
}  // namespace tconv::testing
