// Problems that methods cut into many pieces (blocks of pixels, chunks of channels, parts that are summed apart), by
// every kernel unit: they are computed as defined, with the same bits on any number of threads. Random problems are
// mostly too small for that.
#include "support.h"

namespace tconv::testing {
namespace {

constexpr const char* kProblems[] = {
    "n3 ic1 oc1 i50000 k7 s2 p3 bias",           // many pixels for few weights
    "ic2 oc3 i200x200 k3 s2 p1 op1 bias relu",   // and in two dimensions
    "n2 ic3 oc2 i120x130 k3 s3 d2 nhwc",         // with gaps
    "n3 ic100 oc70 i1x2 k5 s3 p1 bias sum",      // natural_add
    "ic20 oc20 i50x51 k5 s2 p2 g20 bias",        // depthwise
    "ic40 oc40 i90x51 k5 s2 p2 g40 bias nhwc",   //
    "ic300 oc7 i9x10 k3 s2 p1 sum",              // many channels of either side
    "ic5 oc270 i7x8 k4 s2 p1 bias tanh f64",     //
    "n9 ic33 oc34 i3x3 k3 s2 nhwc bias",         // many samples of small maps
    "n2 ic24 oc3 i60x90 k2 s2 bias",             // an input that is read where it lies
    "ic5 oc6 i9x10x41 k2 s2 bias",               // and in three dimensions
    "ic700 oc70 i15x9 k3 s2 p1 bias",            // chunks of many channels
    "ic6 oc6 i5x20x21 k3x3x4 s2 p1 g2 bias",     // three dimensions and groups
    "ic2 oc1 i300 k256 s64 p96 bias leaky:0.25"  // a stride above any vector
};

class Pieces : public ::testing::TestWithParam<const char*> {};

TEST_P(Pieces, HaveTheDefinitionsValuesAndTheSameBitsOnAnyNumberOfThreads) {
    const auto problem = parse_problem(GetParam());
    ASSERT_TRUE(problem.ok()) << problem.error().message;
    const std::string& only = units()[std::string_view(GetParam()).size() % units().size()];  // if sanitizers watch
    for (const Pass pass : kPasses) {
        const Trial trial(*problem, pass, Values::real, 1);
        const Answer answer = answer_to(trial);
        int methods = 0;
        for (const std::string_view method : method_names(pass))
            for (const std::string& unit : units(method)) {
                if (method == "reference" || method == "winograd" || (kSanitized && unit != only)) continue;
                if (method == "depthwise" && !(problem->groups > 1 && problem->layout == Layout::channels_last))
                    continue;
                if (method == "split_gemm" && (problem->dtype == DType::f64 || problem->groups > 1 ||
                                               std::min(problem->coarse_channels, problem->fine_channels) < 8))
                    continue;
                if (method == "natural_add" && problem->coarse_elements() > 64 * problem->coarse_channels) continue;
                ++methods;
                std::vector<double> one;
                for (const int threads : {1, 3, 2, 7}) {
                    if (kSlowness > 4 && threads != 1 && threads != 3) continue;
                    const Setting setting{.method = std::string(method), .unit = unit, .threads = threads};
                    const std::string words = describe(base_seed(), trial, setting);
                    const Doing doing(words);
                    const auto plan = plan_for(trial.problem, trial.pass, setting);
                    ASSERT_TRUE(plan.ok()) << words << ": " << plan.error().message;
                    const auto weights = pack_for(trial, *plan);
                    ASSERT_TRUE(weights.ok()) << words;
                    const Ran ran = run_plan(trial, setting, *plan, *weights);
                    ASSERT_EQ(ran.fault, "") << words;
                    ASSERT_EQ(difference(answer, ran.output), "") << words;
                    if (one.empty()) one = ran.output;
                    ASSERT_EQ(ran.output, one) << words;
                }
            }
        EXPECT_GT(methods, 0) << name_of(pass);
    }
}

INSTANTIATE_TEST_SUITE_P(Problem, Pieces, ::testing::ValuesIn(kProblems));

}  // namespace
}  // namespace tconv::testing
