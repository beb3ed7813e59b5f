// Sizes far beyond memory: plans of them are made at once, and their numbers make sense.
#include <cmath>
#include <ctime>

#include "support.h"

namespace tconv::testing {
namespace {

// Some 2^40 elements or more in one array at least.
constexpr const char* kHuge[] = {
    "ic1 oc1 i1099511627776 k3 s2 p1",
    "ic1 oc1 i1073741824 k4 s1024",
    "n1048576 ic1024 oc1024 i32x32 k4 s2 p1",
    "ic1048576 oc1048576 i1 k1",
    "ic1048576 oc1048576 i4x4 k3 g1048576",
    "n1099511627776 ic1 oc1 i1 k1",
    "ic64 oc64 i65536x65536 k4 s2 p1 bias relu",
    "ic3 oc64 i1048576x1048576 k5 s3 p2 d3 nhwc f64",
    "ic16 oc16 i4096x4096x4096 k3 s2 p1",
    "ic1 oc1 i1 k1099511627776",
    "ic1 oc1 i4 k1048576x1048576 s2",
    "ic2 oc2 i9 k3 s1099511627776",
    "ic2 oc2 i9 k3 d1099511627776",
    "ic2 oc2 i3 o1099511627776 k3",
    "ic2 oc2 i3 o1099511627776 k3 s7 p1099511627776",
    "n3 ic1099511627776 oc1 i1 k1",
    "n3 ic1 oc1099511627776 i2 k2 s2 sum",
    "ic9 oc9 i4 k2 d1073741824 g9 nhwc",
    "ic1048576 oc1048576 i1048576x9 k3 s2 p1 g1048576 nhwc sum",
};

void check_numbers(const Problem& problem, const Plan& plan, const std::string& words) {
    const Explanation told = plan.explain();
    EXPECT_GE(plan.workspace_bytes(), 0) << words;
    EXPECT_GE(plan.packed_bytes(), 0) << words;
    // Weights that no pair of a coarse and a fine element meets need not be packed.
    const bool packs_all = plan.pass() != Pass::weight_grad && told.executed_flops > 0;
    EXPECT_GE(plan.packed_bytes(), packs_all ? problem.weight_elements() * size_of(problem.dtype) / 2 : 0) << words;
    EXPECT_TRUE(std::isfinite(told.predicted_ms)) << words;
    EXPECT_GT(told.predicted_ms, 0) << words;
    if (plan.method() != "winograd") {  // which needs fewer
        EXPECT_GE(told.executed_flops, told.useful_flops) << words;
    }
    // Whatever the arrays' sizes, a worker's memory is a cache's worth; sums may take a gradient more.
    if (plan.method() == "reference") return;
    const double weights = static_cast<double>(problem.weight_elements() * size_of(problem.dtype));
    const double most = plan.threads() * (64.0 * (1 << 20) + (plan.pass() == Pass::weight_grad ? weights : 0));
    EXPECT_LE(static_cast<double>(plan.workspace_bytes()), most) << words;
}

TEST(Sizes, BeyondMemoryArePlannedAtOnce) {
    for (const char* const text : kHuge) {
        const auto problem = parse_problem(text);
        ASSERT_TRUE(problem.ok()) << text << ": " << problem.error().message;
        for (const Pass pass : kPasses)
            for (const std::string& method : methods_of(pass)) {
                const std::string words = std::string(name_of(pass)) + " of '" + text + "' by " + method;
                const Doing doing(words);
                const std::clock_t start = std::clock();  // of this process, whatever else runs
                const auto plan = make_plan(*problem, pass, {.threads = 2, .method = method});
                const double passed = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
                // Microseconds where nothing is amiss; a loop over elements would take hours.
                EXPECT_LT(passed, 60) << words;
                EXPECT_TRUE(plan.ok() || method != "auto") << words << ": " << plan.error().message;
                if (plan) check_numbers(*problem, *plan, words);
            }
    }
}

}  // namespace
}  // namespace tconv::testing
