// Packed weights: whose they are, when they fit another plan, and weights that are not finite.
#include "support.h"

namespace tconv::testing {
namespace {

// What a plan of one size has packed serves plans of all others.
TEST(PackedWeights, ServeEverySizeOfTheirGeometry) {
    const std::string sizes[] = {"i4x4",         "n3 i4x4 p1",    "i17x9 op1 bias", "i24x24 p1",
                                 "i1x1 nhwc p1", "i2x30 p2 relu", "n2 i1x50 nhwc"};
    for (const std::string geometry : {"ic16 oc16 k4 s2 ", "ic5 oc3 k3x4 s2x3 ", "ic8 oc24 k3 s2 g2 ",
                                       "ic1 oc40 k5 s2 ", "ic3 oc200 k3 s2 ", "ic6 oc7 k5 s3 "})
        for (const Pass pass : {Pass::scatter, Pass::gather})
            for (const std::string_view method : method_names(pass))
                for (const std::string& packed_for : sizes) {
                    const auto plan = make_plan(parsed(geometry + packed_for), pass, {.method = std::string(method)});
                    if (!plan) continue;
                    const Arrays own(plan->problem(), pass);
                    const PackedWeights weights = packed(*plan, own);
                    EXPECT_EQ(weights.format(), plan->weight_format());
                    EXPECT_EQ(weights.size_bytes(), plan->packed_bytes());
                    EXPECT_GE(weights.size_bytes(), plan->problem().weight_elements() * 4);
                    EXPECT_TRUE(weights.all_finite());
                    for (const std::string& size : sizes) {
                        const auto other =
                            make_plan(parsed(geometry + size), pass, {.weight_format = weights.format()});
                        ASSERT_TRUE(other.ok()) << geometry << size << ": " << other.error().message;
                        EXPECT_EQ(other->weight_format(), weights.format());
                        const Arrays arrays(other->problem(), pass);
                        ASSERT_EQ(arrays.weights, own.weights);
                        EXPECT_EQ(computed(*other, weights, arrays), expected(other->problem(), pass, arrays))
                            << geometry << size << " with weights of " << packed_for << ", " << weights.format();
                    }
                }
}

TEST(PackedWeights, HaveAFormatOfTheirGeometryAndKernels) {
    const auto format = [](const char* text, Pass pass, const PlanOptions& options = {.method = "direct"}) {
        return planned(text, pass, options).weight_format();
    };
    const std::string usual = format("ic4 oc2 i5x5 k3 s2", Pass::scatter);
    for (const char* text : {"ic2 oc4 i5x5 k3 s2", "ic4 oc2 i5x5 k3x2 s2", "ic4 oc2 i5x5 k3 s2x1",
                             "ic4 oc2 i5x5 k3 s2 d2", "ic4 oc2 i5x5 k3 s2 g2", "ic4 oc2 i5x5 k3 s2 f64"})
        EXPECT_NE(format(text, Pass::scatter), usual) << text;
    EXPECT_NE(format("ic4 oc2 i5x5 k3 s2", Pass::gather), usual);
    EXPECT_NE(format("ic4 oc2 i5x5 k3 s2", Pass::scatter, {.method = "reference"}), usual);
    EXPECT_EQ(format("n7 ic4 oc2 i9x2 k3 s2 p1 op1 nhwc bias relu \"name\"", Pass::scatter), usual);
    EXPECT_EQ(format("ic4 oc2 i5 k3 s2", Pass::scatter), format("ic4 oc2 i1x9 k1x3 s1x2", Pass::scatter))
        << "rank 1 is rank 2 of height 1";
}

TEST(PackedWeights, AreAskedForByFormat) {
    const std::string text = "ic16 oc16 i8x8 k4 s2 p1";
    for (const std::string_view method : method_names(Pass::scatter)) {
        const auto named = make_plan(parsed(text), Pass::scatter, {.method = std::string(method)});
        if (!named) continue;
        const Plan again = planned(text, Pass::scatter, {.weight_format = named->weight_format()});
        EXPECT_EQ(again.weight_format(), named->weight_format());
        const bool is_natural = method == "direct" || method == "natural_add";  // two that read one order
        EXPECT_TRUE(is_natural || again.method() == method) << again.method();
    }
    const Error none = refused(text, Pass::scatter, {.weight_format = "origami"});
    EXPECT_EQ(none.code, ErrorCode::invalid_argument);
    EXPECT_THAT(none.message, AllOf(HasSubstr("origami"), HasSubstr("scatter f32")));
    const std::string doubles = planned(text, Pass::scatter, {.method = "reference"}).weight_format();
    EXPECT_THAT(refused(text, Pass::scatter, {.method = "direct", .weight_format = doubles}).message,
                HasSubstr(doubles));
    EXPECT_THAT(refused(text, Pass::weight_grad, {.weight_format = doubles}).message, HasSubstr("weight_grad"));
}

TEST(PackedWeights, AreRefusedWhereThereAreNone) {
    const Plan gradient = planned("i3 k3", Pass::weight_grad);
    const float weights[3]{};
    EXPECT_EQ(pack(gradient, weights).error().code, ErrorCode::invalid_argument);
    const auto null = pack(planned("i3 k3", Pass::scatter), nullptr);
    EXPECT_EQ(null.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(null.error().message, HasSubstr("null"));
    EXPECT_TRUE(pack(planned("ic0 oc2 i3 k3", Pass::scatter), nullptr).ok()) << "no weights need no array";
}

bool same(float a, float b) { return std::isnan(a) ? std::isnan(b) : a == b; }

// Infinities and NaN travel along the pairs that meet and nowhere else; plans were made before the weights were seen.
TEST(PackedWeights, ThatAreNotFiniteHaveExactEdges) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    for (const char* text :
         {"ic16 oc16 i8x8 k4 s2 p1 bias relu", "ic5 oc7 i6x9 k5x3 s2x3 d1x2 p2 op1", "ic8 oc8 i7 k3 s3"})
        for (const Pass pass : {Pass::scatter, Pass::gather})
            for (const float value : {kInfinity, -kInfinity, std::numeric_limits<float>::quiet_NaN()})
                for (const std::string_view method : method_names(pass)) {
                    const auto plan = make_plan(parsed(text), pass, {.method = std::string(method)});
                    if (!plan) continue;
                    Arrays arrays(plan->problem(), pass);
                    arrays.weights[0] = arrays.weights[arrays.weights.size() / 2] = value;
                    arrays.weights.back() = value;
                    const PackedWeights weights = packed(*plan, arrays);
                    EXPECT_FALSE(weights.all_finite());
                    EXPECT_EQ(weights.format(), plan->weight_format());
                    const auto wanted = expected(plan->problem(), pass, arrays);
                    const auto given = computed(*plan, weights, arrays);
                    EXPECT_TRUE(std::equal(given.begin(), given.end(), wanted.begin(), same))
                        << text << " by " << method << ", " << value;
                }
}

TEST(PackedWeights, AreLookedAtToTheLast) {
    for (const char* text : {"ic100 oc100 i2 k1", "ic100 oc100 i2 k1 f64"}) {
        const Plan plan = planned(text, Pass::scatter);
        const auto count = static_cast<std::size_t>(plan.problem().weight_elements());
        for (const std::size_t at : {std::size_t{0}, std::size_t{4095}, std::size_t{4096}, count - 1}) {
            std::vector<float> floats(count, std::numeric_limits<float>::max());
            std::vector<double> doubles(count, std::numeric_limits<double>::max());
            const void* const weights = plan.problem().dtype == DType::f32 ? static_cast<void*>(floats.data())
                                                                           : static_cast<void*>(doubles.data());
            EXPECT_TRUE(pack(plan, weights)->all_finite());
            floats[at] = std::numeric_limits<float>::quiet_NaN();
            doubles[at] = -std::numeric_limits<double>::infinity();
            EXPECT_FALSE(pack(plan, weights)->all_finite()) << text << " at " << at;
        }
    }
}

}  // namespace
}  // namespace tconv::testing
