// Repairs of models: what was promised holds in the bytes that were made, and nothing else changed.
#include "tconv/fix.h"

#include <gtest/gtest.h>

#include "lint/support.h"
#include "onnx/graph_view.h"
#include "onnx/tensor.h"

namespace tconv::lint {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using FileBytes = std::vector<std::byte>;

std::string add_layer(ModelBuilder& builder, const Form& form, const std::string& x, const std::string& w,
                      const std::string& name) {
    Dims pads(static_cast<std::size_t>(2 * form.rank), 1);
    return builder.node(
        "ConvTranspose", {x, w},
        {{"strides", all_axes(form.rank, 2)}, {"pads", pads}, {"output_padding", all_axes(form.rank, 1)}}, name);
}

FileBytes sample(const Form& form) {
    ModelBuilder builder(form.opset, form.ir_version);
    const std::string x = place_input(builder, form, 4);
    const Dims dims = weight_dims(form.rank, 4, 4, 3);
    const std::string w = place(builder, form, dims, random_weights(form.rank, 4, 4, 3));
    if (form.ir_version < 4) builder.list_as_input(w, dims);
    builder.output(add_layer(builder, form, x, w, "up"));
    if (form.in_subgraph) builder.wrap_in_if();
    return builder.bytes();
}

Fixed fixed(const FileBytes& file, std::vector<Repair> repairs, std::vector<std::string> nodes = {}) {
    FixRequest request;
    request.repairs = std::move(repairs);
    request.nodes = std::move(nodes);
    auto result = fix_model(file, request);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? std::move(*result) : Fixed();
}

double rounding(std::int32_t type) { return type == 10 ? 5e-3 : 1e-5; }

TEST(Fix, HoldsWhatEachRepairPromises) {
    const Form forms[] = {{},
                          {.rank = 1},
                          {.rank = 3},
                          {.type = 10},
                          {.type = 11},
                          {.storage = Storage::list},
                          {.as_constant = true},
                          {.in_subgraph = true},
                          {.has_sizes = false},
                          {.opset = 7, .ir_version = 3}};
    for (const Form& form : forms) {
        const FileBytes file = sample(form);
        for (const auto& repairs : std::vector<std::vector<Repair>>{{Repair::embed_even},
                                                                    {Repair::project_dc},
                                                                    {Repair::blur},
                                                                    {Repair::embed_even, Repair::project_dc}}) {
            const Fixed made = fixed(file, repairs);
            ASSERT_EQ(made.nodes.size(), 1U);
            const FixedNode& node = made.nodes[0];
            EXPECT_EQ(node.repairs, repairs);
            const bool is_exact = repairs == std::vector{Repair::embed_even};
            EXPECT_EQ(node.is_same_function, is_exact);
            EXPECT_EQ(node.relative_change == 0, is_exact);
            EXPECT_GT(node.epsilon_before, 0.3);
            if (is_exact)
                EXPECT_NEAR(node.epsilon_after, node.epsilon_before, 1e-12);
            else
                EXPECT_LT(node.epsilon_after, rounding(form.type));
            EXPECT_TRUE(tconv::test::describe(made.file).is_valid);

            const Report report = lint_model(made.file, "fixed").value();
            ASSERT_EQ(report.nodes.size(), 1U);
            const bool is_even = repairs[0] != Repair::project_dc;
            EXPECT_EQ(report.nodes[0].structure.evenness, is_even ? Evenness::even : Evenness::uneven);
            EXPECT_EQ(report.nodes[0].problem.spatial()[0].fine, node.before.spatial()[0].fine);
        }
    }
}

TEST(Fix, ChangesWhatItSaysAndNoMore) {
    ModelBuilder builder;
    const Form form;
    const std::string x = place_input(builder, form, 4);
    const std::string w = builder.tensor(weight_dims(2, 4, 4, 3), random_weights(2, 4, 4, 3));
    const std::string first = add_layer(builder, form, x, w, "first");
    builder.output(add_layer(builder, form, first, w, "second"));  // the same weights
    const FileBytes file = builder.bytes();
    const Fixed made = fixed(file, {Repair::embed_even}, {"second"});
    const std::string after = tconv::test::describe(made.file).text;
    EXPECT_NE(after.find("tensor w0 type 1 4 4 3 3\ntensor w0_repaired type 1 4 4 4 4\n"), std::string::npos) << after;
    EXPECT_NE(after.find("node first :ConvTranspose x w0 ->"), std::string::npos) << after;
    EXPECT_NE(after.find("w0_repaired ->"), std::string::npos) << after;
    const Report report = lint_model(made.file, "fixed").value();
    EXPECT_EQ(to_string(report.nodes[0].structure.evenness), std::string("uneven"));
    EXPECT_EQ(to_string(report.nodes[1].structure.evenness), std::string("even"));
    // Both, each with weights of its own.
    EXPECT_EQ(fixed(file, {Repair::embed_even}).nodes.size(), 2U);
}

TEST(Fix, LeavesAloneWhatNeedsNothing) {
    ModelBuilder builder;
    const std::string x = builder.input("x", {1, 4, 8, 8});
    const std::string w = builder.tensor({4, 4, 2, 2}, product_weights(2, 4, 4, {1, 1}));
    const std::string y = builder.node("ConvTranspose", {x, w}, {{"strides", Dims{2, 2}}}, "even");
    const std::string short_kernel = builder.tensor({4, 4, 1, 1}, Values(16, 1.0));
    builder.output(builder.node("ConvTranspose", {y, short_kernel}, {{"strides", Dims{2, 2}}}, "holes"));
    const FileBytes file = builder.bytes();
    for (const Repair repair : {Repair::embed_even, Repair::project_dc, Repair::blur}) {
        const Fixed made = fixed(file, {repair});
        const std::size_t cured = repair == Repair::project_dc ? 0 : 1;  // more taps do reach the holes of k1 s2
        EXPECT_EQ(made.nodes.size(), cured) << to_string(repair);
        EXPECT_EQ(made.skipped.size(), 2 - cured);
        if (cured == 0) {
            EXPECT_EQ(made.file, file);
        }
    }
}

// Names are the file's, and need not differ: what is checked is the layer that was repaired.
TEST(Fix, ChecksTheRepairedLayerOfTwoThatShareAName) {
    for (const std::int64_t kernel : {1, 4}) {  // the first one has holes, or nothing to repair
        ModelBuilder builder;
        const Form form{.rank = 2};
        const std::string x = builder.input("x", {1, 4, 8, 8});
        const std::string first = builder.tensor(weight_dims(2, 4, 4, kernel), random_weights(2, 4, 4, kernel));
        const std::string second = builder.tensor(weight_dims(2, 4, 4, 3), random_weights(2, 4, 4, 3, 2));
        const std::string y = builder.node("ConvTranspose", {x, first}, {{"strides", Dims{2, 2}}}, "up");
        builder.output(add_layer(builder, form, y, second, "up"));
        const Repair repair = kernel == 1 ? Repair::project_dc : Repair::embed_even;
        const Fixed made = fixed(builder.bytes(), {repair});
        ASSERT_EQ(made.nodes.size(), 1U);
        const Report report = lint_model(made.file, "fixed").value();
        ASSERT_EQ(report.nodes.size(), 2U);
        ASSERT_TRUE(report.nodes[1].measures.has_value());
        EXPECT_EQ(made.nodes[0].epsilon_after, report.nodes[1].measures->epsilon);
    }
}

TEST(Fix, RefusesWithASentence) {
    const FileBytes file = sample({});
    const auto refused = [&](const FileBytes& bytes, const FixRequest& request) {
        const auto made = fix_model(bytes, request);
        EXPECT_FALSE(made);
        return made ? "" : made.error().message;
    };
    EXPECT_NE(refused(file, {.nodes = {"nowhere"}}).find("nowhere"), std::string::npos);
    EXPECT_NE(refused(fixed(file, {Repair::embed_even}).file, {.nodes = {"up"}}).find("nothing"), std::string::npos);
    EXPECT_FALSE(refused({}, {}).empty());
    EXPECT_FALSE(parse_repair("R3"));
    EXPECT_FALSE(parse_repair(""));
    EXPECT_EQ(parse_repair("R4").value(), Repair::blur);
}

}  // namespace
}  // namespace tconv::lint
