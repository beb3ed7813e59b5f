// Reports: JSON that parses whatever the file holds, sentences that say something, bounded work on hostile files.
#include <gtest/gtest.h>

#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>

#include "io/hostile.h"
#include "lint/support.h"
#include "lint/words.h"
#include "tconv/fix.h"
#include "tconv/problem_text.h"

namespace tconv::lint {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using FileBytes = std::vector<std::byte>;

FileBytes sample() {
    ModelBuilder builder;
    const std::string x = builder.input("x", {1, 2, 8, 8});
    const std::string w = builder.tensor({2, 2, 3, 3}, random_weights(2, 2, 2, 3));
    const std::string y = builder.node("ConvTranspose", {x, w}, {{"strides", Dims{2, 2}}, {"pads", Dims{1, 1, 1, 1}}},
                                       "a \"quoted\" \xff name\n");
    const std::string s = builder.tensor({4}, {1, 1, 2, 2});
    const std::string z = builder.node("Resize", {y, "", s});
    const std::string c = builder.node("Conv", {z, builder.tensor({8, 2, 3, 3}, random_weights(2, 8, 2, 3))},
                                       {{"pads", Dims{1, 1, 1, 1}}});
    builder.output(builder.node("DepthToSpace", {c}, {{"blocksize", std::int64_t{2}}}));
    builder.node("ConvTranspose", {x, x}, {}, "no weights");
    return builder.bytes();
}

TEST(Report, IsJsonWithEveryFieldOfTheContract) {
    const Report report = lint_model(sample(), "a \"model\".onnx").value();
    const auto json = nlohmann::json::parse(to_json(report));
    EXPECT_EQ(json["schema_version"], 1);
    EXPECT_EQ(json["model"], "a \"model\".onnx");
    ASSERT_EQ(json["nodes"].size(), 3U);
    ASSERT_EQ(json["skipped"].size(), 1U);
    const auto& node = json["nodes"][0];
    EXPECT_EQ(node["name"], "a \"quoted\" ? name?");
    for (const char* key : {"op", "problem", "overlap_ratio", "phase_gains", "epsilon", "epsilon_ratio",
                            "image_rejection_db", "cleanliness_order", "findings"})
        EXPECT_TRUE(node.contains(key)) << key;
    EXPECT_EQ(node["overlap_ratio"], 4);
    EXPECT_EQ(node["phase_gains"].size(), 4U);
    for (const auto& finding : node["findings"])
        for (const char* key : {"rule", "severity", "message", "fix"})
            EXPECT_GT(finding[key].get<std::string>().size(), 3U);
}

TEST(Report, InfiniteValuesAreNull) {
    const Problem problem = parse_problem("i8x8 k2 s2").value();
    Report report;
    report.nodes.push_back(lint_problem(problem, Values(4, 1.0)).value());
    const auto node = nlohmann::json::parse(to_json(report))["nodes"][0];
    EXPECT_TRUE(node["image_rejection_db"].is_null());
    EXPECT_EQ(node["epsilon"], 0);
    EXPECT_EQ(node["cleanliness_order"], 1);
    Report geometry;
    geometry.nodes.push_back(lint_problem(problem).value());
    const auto without = nlohmann::json::parse(to_json(geometry))["nodes"][0];
    EXPECT_TRUE(without["epsilon"].is_null());
    EXPECT_EQ(without["weights"], "none were given");
}

TEST(Report, SaysThatItIsRisk) {
    const Problem problem = parse_problem("i8x8 k3 s2 p1 op1").value();
    Report report;
    report.nodes.push_back(lint_problem(problem).value());
    EXPECT_NE(to_text(report).find("risk"), std::string::npos);
    EXPECT_EQ(worst(report), Severity::warning);
    EXPECT_EQ(worst(Report{}), std::nullopt);
}

// Weights that cannot be measured leave the geometry to be judged.
TEST(Report, WithoutUsableWeightsTheGeometryIsJudged) {
    for (const auto storage : {Storage::raw, Storage::external}) {
        ModelBuilder builder;
        const std::string x = builder.input("x", {1, 1, 8});
        const Values values{1, HUGE_VAL, 1};
        const std::string w = builder.tensor({1, 1, 3}, values, 1, storage);
        builder.output(builder.node("ConvTranspose", {x, w}, {{"strides", Dims{2}}}));
        const Report report = lint_model(builder.bytes(), "model").value();
        ASSERT_EQ(report.nodes.size(), 1U);
        EXPECT_FALSE(report.nodes[0].weights.empty());
        EXPECT_FALSE(report.nodes[0].measures);
        EXPECT_EQ(report.nodes[0].findings.at(0).rule, std::string("TC002"));
    }
}

TEST(Report, NamesOfOtherDomainsAreNotOnnxs) {
    ModelBuilder builder;
    const std::string x = builder.input("x", {1, 1, 8});
    builder.output(builder.node("convtranspose", {x, builder.tensor({1, 1, 1}, {1})}, {{"strides", Dims{2}}}));
    EXPECT_TRUE(lint_model(builder.bytes(), "model").value().nodes.empty());
}

TEST(Report, GeometriesThatAreRefusedAreSkippedWithTheReason) {
    ModelBuilder builder;
    const std::string x = builder.input("x", {1, 1, 8});
    for (const Attributes& attributes : std::vector<Attributes>{{{"strides", Dims{0}}},
                                                                {{"strides", Dims{-1}}},
                                                                {{"strides", Dims{INT64_MAX}}},
                                                                {{"pads", Dims{100, 100}}},
                                                                {{"group", std::int64_t{3}}},
                                                                {{"group", INT64_MIN}},
                                                                {{"auto_pad", std::string("SIDEWAYS")}}})
        builder.output(builder.node("ConvTranspose", {x, builder.tensor({1, 1, 3}, {1, 2, 3})}, attributes));
    for (const Attributes& attributes :
         std::vector<Attributes>{{{"strides", Dims{INT64_MAX}}, {"auto_pad", std::string("SAME_UPPER")}},
                                 {{"strides", Dims{2}}, {"group", INT64_MAX}},
                                 {{"strides", Dims{2, 2}}, {"auto_pad", std::string("SAME_LOWER")}}})
        builder.output(builder.node("Conv", {x, builder.tensor({1, 1, 3}, {1, 2, 3})}, attributes));
    const Report report = lint_model(builder.bytes(), "model").value();
    EXPECT_TRUE(report.nodes.empty()) << to_text(report);
    EXPECT_EQ(report.skipped.size(), 10U);
    for (const Skipped& skipped : report.skipped) EXPECT_GT(skipped.reason.size(), 10U);
}

TEST(Report, DamageGivesAReportOrASentence) {
    const FileBytes file = sample();
    const auto look = [](const FileBytes& bytes) {
        const auto report = lint_model(bytes, "model");
        if (report)
            EXPECT_FALSE(nlohmann::json::parse(to_json(*report), nullptr, false).is_discarded());
        else
            EXPECT_FALSE(report.error().message.empty());
        FixRequest request;
        request.repairs = {Repair::embed_even, Repair::blur};
        (void)fix_model(bytes, request);
    };
    io_test::for_each_truncation(file, look);
    io_test::for_each_bit_flip(file, look);
}

// A file of some kilobytes cannot ask for much: neither for long lists of names, nor for the same weights again and
// again.
TEST(Report, ChainsAndSharedWeightsStayInProportion) {
    ModelBuilder builder;
    std::string x = builder.input("x", {1, 256, -1});
    const std::string w = builder.tensor({256, 256, 16}, random_weights(1, 256, 256, 16));
    for (int i = 0; i < 100; ++i)
        x = builder.node("ConvTranspose", {x, w}, {{"strides", Dims{7}}}, "layer " + std::to_string(i));
    const Report report = lint_model(builder.bytes(), "model").value();
    ASSERT_EQ(report.nodes.size(), 100U);
    std::int64_t measured = 0;
    for (const JudgedNode& node : report.nodes) {
        measured += node.measures.has_value();
        for (const Finding& finding : node.findings) EXPECT_LT(finding.message.size(), 600U);
    }
    EXPECT_EQ(measured, 1 + (std::int64_t{1} << 26) / (256 * 256 * 16));
    EXPECT_NE(to_text(report).find("and others"), std::string::npos);
}

// Thousands of layers that meet in one node: each looks at a bounded number of its neighbours, not at all others.
TEST(Report, ManyBranchesOfOneNodeStayInProportion) {
    ModelBuilder builder;
    const std::string x = builder.input("x", {1, 1, 8, 8});
    const std::string w = builder.tensor({1, 1, 3, 3}, random_weights(2, 1, 1, 3));
    std::vector<std::string> branches(12000);
    for (std::string& branch : branches) branch = builder.node("ConvTranspose", {x, w}, {{"strides", Dims{2, 2}}});
    builder.output(builder.node("Sum", branches));
    const FileBytes file = builder.bytes();
    const std::clock_t start = std::clock();
    EXPECT_EQ(lint_model(file, "model").value().nodes.size(), branches.size());
    // Under a second, with sanitizers some; it took a minute when every layer looked at all branches.
    EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 25);
}

TEST(Report, TellsWhatIsNotLookedAt) {
    FileBytes file = sample();
    EXPECT_EQ(lint_model(file, "model").value().skipped.size(), 1U);
    for (const unsigned byte : {0xCAU, 0x01U, 0x00U})
        file.push_back(static_cast<std::byte>(byte));  // an empty function
    const Report report = lint_model(file, "model").value();
    ASSERT_EQ(report.skipped.size(), 2U);
    EXPECT_NE(report.skipped[0].reason.find("functions"), std::string::npos);
}

// Output o of input floor(o / factor), or not: counted by hand from ONNX's formulas.
TEST(Report, KnowsWhichEnlargementsAreEven) {
    struct Case {
        const char *place, *round;
        double factor;
        bool is_even;
    };
    for (const Case& each : {Case{"asymmetric", "round_prefer_floor", 2, true},
                             {"asymmetric", "round_prefer_floor", 3, false},
                             {"asymmetric", "floor", 3, true},
                             {"asymmetric", "ceil", 2, false},
                             {"half_pixel", "round_prefer_floor", 2, true},
                             {"half_pixel", "round_prefer_ceil", 3, true},
                             {"half_pixel", "floor", 2, false},
                             {"tf_half_pixel_for_nn", "floor", 4, true},
                             {"align_corners", "round_prefer_floor", 2, false}}) {
        ModelBuilder builder;
        const std::string x = builder.input("x", {1, 1, 8, 8});
        const std::string s = builder.tensor({4}, {1, 1, each.factor, each.factor});
        const std::string r = builder.node("Resize", {x, "", s},
                                           {{"mode", std::string("nearest")},
                                            {"coordinate_transformation_mode", std::string(each.place)},
                                            {"nearest_mode", std::string(each.round)}});
        builder.output(builder.node("Conv", {r, builder.tensor({1, 1, 3, 3}, random_weights(2, 1, 1, 3))}));
        const Report report = lint_model(builder.bytes(), "model").value();
        EXPECT_EQ(report.nodes.size(), each.is_even ? 1U : 0U) << each.place << " " << each.round << " " << each.factor;
        EXPECT_EQ(report.skipped.size(), each.is_even ? 0U : 1U);
    }
}

TEST(Words, StayValidUtf8) {
    EXPECT_EQ(printable("h\xc3\xb6he"), "h\xc3\xb6he");
    EXPECT_EQ(printable("a\tb\x7f"), "a?b?");
    EXPECT_EQ(printable("\xc0\xaf\xed\xa0\x80\xff\xc3"), "???????");
    EXPECT_EQ(printable("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80");
    EXPECT_LE(printable(std::string(1000, 'x')).size(), 210U);
}

}  // namespace
}  // namespace tconv::lint
