#include "onnx/edit.h"

#include <gtest/gtest.h>

#include "onnx/support/model_builder.h"
#include "onnx/tensor.h"

namespace tconv::onnx {
namespace {

using test::Dims;
using test::ModelBuilder;
using test::Values;
using FileBytes = std::vector<std::byte>;

FileBytes sample() {
    ModelBuilder builder;
    const std::string x = builder.input("x", {1, 1, 8});
    const std::string w = builder.tensor({1, 1, 3}, {1, 2, 3});
    builder.output(builder.node("ConvTranspose", {x, w}, {{"strides", Dims{2}}, {"pads", Dims{1, 1}}}, "up"));
    builder.wrap_in_if();
    return builder.bytes();
}

TEST(Edit, WithoutEditsEveryByteStays) {
    const FileBytes file = sample();
    EXPECT_EQ(apply_edits(file, {}).value(), file);
}

TEST(Edit, ReplacesDeepInside) {
    const FileBytes file = sample();
    const Model model = decode_model(file).value();
    const Graph& inner = model.graphs[1];
    const Dims dims{1, 1, 4}, pads{0, 1};
    std::vector<Edit> edits;
    edits.push_back({inner.initializers[0].range, encode_tensor("w0", kFloat32, dims, Values{1, 2, 3, 0})});
    constexpr std::string_view kWithout[] = {"pads"};
    const std::vector<FileBytes> attributes{encode_ints("pads", pads)};
    edits.push_back({inner.nodes[0].range, changed_node(model, inner.nodes[0], kWithout, attributes, "other")});
    FileBytes appended;
    put_bytes(appended, 5, encode_tensor("other", kFloat64, dims, Values{4, 3, 2, 1}));
    edits.push_back({inner.range, appended, true});
    const FileBytes changed = apply_edits(file, std::move(edits)).value();
    const std::string text = test::describe(changed).text;
    ASSERT_TRUE(test::describe(changed).is_valid);
    EXPECT_NE(text.find("tensor w0 type 1 1 1 4\ntensor other type 11 1 1 4\n"), std::string::npos) << text;
    EXPECT_NE(text.find("node up :ConvTranspose x other ->"), std::string::npos) << text;
    EXPECT_NE(text.find("attribute strides 0  2\nattribute pads 0  0 1\n"), std::string::npos) << text;
    const Model again = decode_model(changed).value();
    EXPECT_EQ(read_numbers(again, again.graphs[1].initializers[1], {}).value(), (Values{4, 3, 2, 1}));
    EXPECT_EQ(again.graphs.size(), model.graphs.size());
}

TEST(Edit, RefusesWhatIsNoMessage) {
    const FileBytes file = sample();
    const Model model = decode_model(file).value();
    const ByteRange node = model.graphs[0].nodes[0].range;
    EXPECT_FALSE(apply_edits(file, {{{3, 3}, {}}}));
    EXPECT_FALSE(apply_edits(file, {{{node.begin + 1, node.begin + 3}, {}}}));
    EXPECT_FALSE(apply_edits(file, {{node, {}}, {node, {}}}));
    EXPECT_FALSE(apply_edits(file, {{{0, file.size() + 1}, {}}}));
}

TEST(Edit, ValueInfosAreOnnxs) {
    FileBytes file, graph;
    const Dims dims{2, 3};
    put_bytes(graph, 11, encode_value_info("x", kFloat32, dims));
    put_bytes(file, 7, graph);
    EXPECT_EQ(test::describe(file).text, "graph\ninput x 2 3\nend\n");
}

}  // namespace
}  // namespace tconv::onnx
