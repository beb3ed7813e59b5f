// What make_plan() decides, refuses and explains.
#include <algorithm>
#include <chrono>
#include <limits>

#include "kernels/kernel_list.h"
#include "support.h"

namespace tconv::testing {
namespace {

constexpr Pass kPasses[] = {Pass::scatter, Pass::gather, Pass::weight_grad};

TEST(Plan, EveryMethodComputesTheDefinition) {
    for (const char* text :
         {"n2 ic6 oc5 i5x4 k3 s2 p1 op1 bias relu sum", "ic4 oc6 i4x5 k4x3 s2x3 d1x2 g2 nhwc bias",
          "ic3 oc2 i9 k5 s3 p2", "ic2 oc3 i3x2x4 k2 s1x2x2", "ic2 oc2 i3x3 k1 s3", "ic1 oc1 i1 k1"}) {
        for (const Pass pass : kPasses) {
            Problem problem = parsed(text);
            const Arrays arrays(problem, pass);
            std::vector<std::string_view> methods = method_names(pass);
            methods.emplace_back("auto");
            for (const std::string_view method : methods) {
                const auto plan = make_plan(problem, pass, {.method = std::string(method)});
                if (!plan && method != "auto" && method != "reference") continue;  // a method may refuse
                ASSERT_TRUE(plan.ok()) << text << ": " << plan.error().message;
                EXPECT_EQ(computed(*plan, arrays), expected(problem, pass, arrays)) << text << ", " << plan->method();
            }
        }
    }
}

TEST(Plan, SaysWhatItIs) {
    const Problem problem = parsed("ic8 oc4 i6x6 k4 s2 p1");
    for (const Pass pass : kPasses) {
        const Plan plan = planned(problem, pass, {.isa = Isa::portable, .method = "reference"});
        EXPECT_EQ(plan.problem(), problem);
        EXPECT_EQ(plan.pass(), pass);
        EXPECT_EQ(plan.method(), "reference");
        EXPECT_EQ(plan.isa(), Isa::portable);
        EXPECT_EQ(plan.threads(), 1) << "the reference has no more";
        EXPECT_GT(plan.workspace_bytes(), 0);
        EXPECT_EQ(plan.packed_bytes() > 0, pass != Pass::weight_grad);
        EXPECT_EQ(plan.weight_format().empty(), pass == Pass::weight_grad);
    }
}

TEST(Plan, NeverPrefersTheReference) {
    for (const char* text : {"ic1 oc1 i1 k1", "ic64 oc64 i32x32 k4 s2 p1", "n3 ic2 oc2 i5 k3 d2 f64"})
        for (const Pass pass : {Pass::scatter, Pass::gather}) EXPECT_NE(planned(text, pass).method(), "reference");
}

TEST(Plan, TakesThreadsAsTheMost) {
    const std::string large = "ic64 oc64 i64x64 k4 s2 p1", small = "ic1 oc1 i3x3 k3";
    const PlanOptions direct{.threads = 3, .method = "direct"};
    EXPECT_EQ(planned(large, Pass::scatter, direct).threads(), 3);
    EXPECT_EQ(planned(small, Pass::scatter, direct).threads(), 1) << "waking others costs more than 30 microseconds";
    EXPECT_EQ(
        planned(small, Pass::scatter, {.threads = 3, .method = "direct", .serial_below_microseconds = 0}).threads(), 3);
    const Environment threads("TCONV_NUM_THREADS", "2");
    EXPECT_EQ(planned(large, Pass::scatter, {.method = "direct"}).threads(), 2);
    for (const int count : {-1, 4097}) {
        const Error error = refused(small, Pass::scatter, {.threads = count});
        EXPECT_EQ(error.code, ErrorCode::invalid_argument);
        EXPECT_THAT(error.message, AllOf(HasSubstr(std::to_string(count)), HasSubstr("4096")));
    }
}

TEST(Plan, TakesInstructionSets) {
    const std::string text = "ic8 oc8 i8x8 k4 s2";
    for (const Isa isa : available_isas()) {
        EXPECT_EQ(planned(text, Pass::scatter, {.isa = isa}).isa(), isa);
        const Environment named("TCONV_ISA", std::string(to_string(isa)).c_str());
        EXPECT_EQ(planned(text, Pass::scatter).isa(), isa);
        EXPECT_THAT(planned(text, Pass::scatter).weight_format(), HasSubstr(to_string(isa)));
    }
    EXPECT_EQ(planned(text, Pass::scatter).isa(), available_isas().front());
    const Environment unknown("TCONV_ISA", "z80");
    EXPECT_THAT(refused(text, Pass::scatter, {}).message, AllOf(HasSubstr("TCONV_ISA"), HasSubstr("z80")));
    EXPECT_EQ(planned(text, Pass::scatter, {.isa = Isa::portable}).isa(), Isa::portable) << "an option goes first";
}

TEST(Plan, TakesUnitsOfKernelsFromTheEnvironment) {
    const Problem problem = parsed("ic5 oc7 i6x5 k3 s2 p1");
    for (const kernels::Unit& unit : kernels::all_units()) {
        if (!require_isa(unit.isa)) continue;
        const Environment named("TCONV_KERNELS", unit.name);
        for (const Pass pass : kPasses) {
            const Plan plan = planned(problem, pass);
            EXPECT_EQ(plan.isa(), unit.isa);
            const Arrays arrays(problem, pass);
            EXPECT_EQ(computed(plan, arrays), expected(problem, pass, arrays)) << unit.name;
        }
        EXPECT_THAT(planned(problem, Pass::scatter).weight_format(), HasSubstr(unit.name));
    }
    const Environment unknown("TCONV_KERNELS", "pretty");
    const Error error = refused("i3 k3", Pass::scatter, {});
    EXPECT_EQ(error.code, ErrorCode::invalid_argument);
    EXPECT_THAT(error.message, AllOf(HasSubstr("TCONV_KERNELS"), HasSubstr("pretty"), HasSubstr("awkward")));
}

TEST(Plan, RefusesMethodsWithAReason) {
    const Error unknown = refused("i3 k3", Pass::scatter, {.method = "magic"});
    EXPECT_EQ(unknown.code, ErrorCode::invalid_argument);
    EXPECT_THAT(unknown.message, AllOf(HasSubstr("'magic'"), HasSubstr("auto, "), HasSubstr("direct, reference")));
    const Error other = refused("i3 k3", Pass::weight_grad, {.method = "direct"});
    EXPECT_EQ(other.code, ErrorCode::invalid_argument);
    EXPECT_THAT(other.message, AllOf(HasSubstr("direct does not compute weight_grad"), HasSubstr("reference")));
    EXPECT_FALSE(make_plan(Problem{.batch = -1}, Pass::scatter).ok()) << "as validate() does";
}

SideStrides strides(std::int64_t sample, std::int64_t channel, std::int64_t row, std::int64_t column) {
    return {sample, channel, {0, row, column}};
}

TEST(Plan, TakesOutputStridesOfSlices) {
    const Problem problem = parsed("n2 ic3 oc2 i4x3 k3 s2 bias relu sum");  // 9 x 7
    const Arrays arrays(problem, Pass::scatter);
    // A slice of rows of 10, of 12 rows, of 5 channels.
    const PlanOptions options{.output_strides = strides(600, 120, 10, 1)};
    const Plan plan = planned(problem, Pass::scatter, options);
    std::vector<float> output(1200, 99);
    const auto at = [](std::int64_t i) {
        const std::int64_t n = i / 126, c = i / 63 % 2, y = i / 7 % 9, x = i % 7;
        return static_cast<std::size_t>(n * 600 + c * 120 + y * 10 + x);
    };
    for (std::size_t i = 0; i < arrays.residual.size(); ++i)
        output[at(static_cast<std::int64_t>(i))] = arrays.residual[i];
    const PackedWeights weights = packed(plan, arrays);
    AlignedBuffer workspace = workspace_of(plan);
    ASSERT_EQ(run(plan, weights,
                  {.input = arrays.coarse.data(),
                   .bias = arrays.bias.data(),
                   .residual = output.data(),
                   .output = output.data(),
                   .workspace = workspace.data()}),
              RunStatus::done);
    std::vector<float> wanted(1200, 99);
    const auto contiguous = expected(problem, Pass::scatter, arrays);
    for (std::size_t i = 0; i < contiguous.size(); ++i) wanted[at(static_cast<std::int64_t>(i))] = contiguous[i];
    EXPECT_EQ(output, wanted);
    EXPECT_EQ(plan.weight_format(), planned(problem, Pass::scatter).weight_format());
}

TEST(Plan, RefusesStridesThatOverlap) {
    const std::string text = "n2 ic3 oc2 i4x3 k3 s2";  // 9 x 7
    for (const SideStrides& bad :
         {strides(126, 63, 6, 1), strides(126, 62, 7, 1), strides(125, 63, 7, 1), strides(126, 63, 7, 0),
          strides(126, 63, -7, 1), strides(1, 1, 1, 1), strides(126, 63, 7, std::int64_t{1} << 60)}) {
        const Error error = refused(text, Pass::scatter, {.output_strides = bad});
        EXPECT_EQ(error.code, ErrorCode::invalid_argument);
        EXPECT_THAT(error.message, HasSubstr("output stride"));
    }
    for (const SideStrides& good : {strides(126, 63, 7, 1), strides(126, 1, 14, 2), strides(1000, 100, 1, 9)})
        EXPECT_TRUE(make_plan(parsed(text), Pass::scatter, {.output_strides = good}).ok());
    EXPECT_TRUE(make_plan(parsed("ic3 oc1 i1x3 k1x3"), Pass::scatter, {.output_strides = strides(-1, 0, 0, 1)}).ok())
        << "axes of one element have no neighbours";
    EXPECT_THAT(refused(text, Pass::weight_grad, {.output_strides = strides(126, 63, 7, 1)}).message,
                HasSubstr("always contiguous"));
}

TEST(Plan, ExplainsItself) {
    const Problem problem = parsed("ic32 oc16 i16x16 k4 s2 p1");
    for (const Pass pass : kPasses) {
        const Plan plan = planned(problem, pass, {.threads = 2});
        const Explanation told = plan.explain();
        EXPECT_EQ(told.method, plan.method());
        EXPECT_FALSE(told.kernel.empty());
        EXPECT_TRUE(told.bound == "compute" || told.bound == "memory") << told.bound;
        EXPECT_EQ(told.isa, plan.isa());
        EXPECT_EQ(told.threads, plan.threads());
        EXPECT_EQ(told.workspace_bytes, plan.workspace_bytes());
        EXPECT_EQ(told.packed_bytes, plan.packed_bytes());
        // (i, j) meets inside the frame 16 * 4 - 2 times on each axis.
        EXPECT_EQ(told.useful_flops, 2.0 * 32 * 16 * 62 * 62);
        EXPECT_GE(told.executed_flops, told.useful_flops);
        EXPECT_GT(told.predicted_ms, 0);
        std::vector<std::string> all{told.method}, names;
        for (const Refusal& refusal : told.refused) {
            all.push_back(refusal.method);
            EXPECT_FALSE(refusal.reason.empty());
            EXPECT_EQ(refusal.method == "reference", refusal.reason.ends_with("only by name")) << refusal.reason;
        }
        for (const std::string_view name : method_names(pass)) names.emplace_back(name);
        EXPECT_THAT(all, ::testing::UnorderedElementsAreArray(names));
    }
    EXPECT_EQ(planned("ic512 oc512 i32x32 k4 s2", Pass::scatter).explain().bound, "compute");
    EXPECT_EQ(planned("ic1 oc1 i512x512 k1", Pass::scatter).explain().bound, "memory");
    for (const Refusal& refusal : planned(problem, Pass::scatter, {.method = "direct"}).explain().refused)
        EXPECT_THAT(refusal.reason,
                    ::testing::AnyOf(HasSubstr("not asked for"), HasSubstr("by name"), HasSubstr("it is for"),
                                     HasSubstr("where that is allowed"), HasSubstr("no matrix tiles")))
            << refusal.method;
}

TEST(Plan, CountsFlopsBeyondIntegers) {
    const Plan plan = planned("n1000000 ic1000 oc1000 i1000000 k1000 g10", Pass::scatter, {.method = "direct"});
    EXPECT_GT(plan.explain().useful_flops, 1e19);
}

// A plan costs 50 microseconds; a hundred times as much would be felt, and no machine that runs tests is so slow.
// Nothing is looped over that grows with the sizes.
TEST(Plan, CostsLittleForLargeProblems) {
    const auto fastest = [](const char* text) {
        const Problem problem = parsed(text);
        double least = std::numeric_limits<double>::infinity();
        for (int i = 0; i < 20; ++i) {
            const auto start = std::chrono::steady_clock::now();
            static_cast<void>(planned(problem, Pass::scatter, {.threads = 1}));
            const std::chrono::duration<double, std::micro> passed = std::chrono::steady_clock::now() - start;
            least = std::min(least, passed.count());
        }
        return least;
    };
    const double small = fastest("ic4 oc4 i8x8 k5 s2 p2 op1"),
                 large = fastest("n64 ic1024 oc1024 i512x512 k5 s2 p2 op1");
    EXPECT_LT(large, 20 * small) << "microseconds";
}

}  // namespace
}  // namespace tconv::testing
