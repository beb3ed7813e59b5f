// The reader against ONNX's own messages, and against damage.
#include "onnx/model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "io/hostile.h"
#include "onnx/graph_view.h"
#include "onnx/support/model_builder.h"
#include "onnx/tensor.h"

namespace tconv::onnx {
namespace {

using test::Described;
using test::Dims;
using test::ModelBuilder;
using test::Storage;
using test::Values;
using FileBytes = std::vector<std::byte>;

void describe_tensor(const Tensor& tensor, std::string& text) {
    text += "tensor " + std::string(tensor.name) + " type " + std::to_string(tensor.type);
    for (const auto size : tensor.dims) text += " " + std::to_string(size);
    text += tensor.is_external ? " external\n" : "\n";
}

void describe_info(const char* what, const ValueInfo& info, std::string& text) {
    text += std::string(what) + " " + std::string(info.name);
    for (const auto size : info.dims) text += " " + std::to_string(size);
    text += "\n";
}

// As test::describe() does with ONNX's messages.
void describe_graph(const Model& model, std::size_t number, std::string& text) {
    const Graph& graph = model.graphs[number];
    text += "graph\n";
    for (const Tensor& tensor : graph.initializers) describe_tensor(tensor, text);
    for (const ValueInfo& info : graph.inputs) describe_info("input", info, text);
    for (const ValueInfo& info : graph.outputs) describe_info("output", info, text);
    for (const ValueInfo& info : graph.values) describe_info("value", info, text);
    for (const Node& node : graph.nodes) {
        text += "node " + std::string(node.name) + " " + std::string(node.domain) + ":" + std::string(node.op_type);
        for (const auto name : node.inputs) text += " " + std::string(name);
        text += " ->";
        for (const auto name : node.outputs) text += " " + std::string(name);
        text += "\n";
        for (const Attribute& attribute : node.attributes) {
            text += "attribute " + std::string(attribute.name) + " " + std::to_string(attribute.i) + " " +
                    std::string(attribute.s);
            for (const auto value : attribute.ints) text += " " + std::to_string(value);
            for (const auto value : attribute.floats) text += " " + std::to_string(value);
            text += "\n";
            if (attribute.tensor) describe_tensor(*attribute.tensor, text);
            for (const std::size_t inner : attribute.graphs) describe_graph(model, inner, text);
        }
    }
    text += "end\n";
}

FileBytes sample(bool in_subgraph) {
    ModelBuilder builder;
    const std::string x = builder.input("x", {1, 2, -1, 8});
    const std::string w = builder.tensor({2, 3, 3, 3}, Values(54, 0.5)), b = builder.constant({3}, {1, 2, 3});
    const std::string y = builder.node("ConvTranspose", {x, w, b},
                                       {{"strides", Dims{2, 2}},
                                        {"pads", Dims{1, 1, 1, 1}},
                                        {"group", std::int64_t{1}},
                                        {"auto_pad", std::string("NOTSET")}},
                                       "up");
    const std::string s = builder.tensor({4}, {1, 1, 2, 2}, 1, Storage::list);
    builder.output(builder.node("Resize", {y, "", s}, {{"mode", std::string("nearest")}}));
    builder.tensor({3}, {1, 2, 3}, 10, Storage::external);
    if (in_subgraph) builder.wrap_in_if();
    return builder.bytes();
}

TEST(Model, ReadsWhatOnnxsOwnMessagesRead) {
    for (const bool in_subgraph : {false, true}) {
        const FileBytes file = sample(in_subgraph);
        const Model model = decode_model(file).value();
        std::string text;
        describe_graph(model, 0, text);
        EXPECT_EQ(text, test::describe(file).text);
        EXPECT_EQ(model.opset, 17);
        EXPECT_EQ(model.ir_version, 8);
        EXPECT_EQ(model.graphs.size(), in_subgraph ? 3U : 1U);
    }
}

TEST(Model, NumbersOfEveryTypeAndPlace) {
    const Values values{1, -2.5, 0.25, 1024, -0.125, 0};
    for (const std::int32_t type : {1, 10, 11, 7})
        for (const Storage storage : {Storage::raw, Storage::list, Storage::external}) {
            Values expected = values;
            if (type == 7) expected = {1, -2, 3, 1024, -5, 0};
            ModelBuilder builder;
            builder.tensor({2, 3}, expected, type, storage);
            const FileBytes file = builder.bytes();
            const Model model = decode_model(file).value();
            const Tensor& tensor = model.graphs[0].initializers[0];
            if (storage != Storage::external) {
                EXPECT_EQ(read_numbers(model, tensor, {}).value(), expected) << type;
                continue;
            }
            EXPECT_EQ(read_numbers(model, tensor, {}).error().code, ErrorCode::unsupported);
            const ReadExternal from_list = [&](std::string_view name, std::int64_t offset, std::int64_t length) {
                EXPECT_EQ(name, "weights.bin");
                EXPECT_EQ(offset, 4);
                return Result<FileBytes>(FileBytes(static_cast<std::size_t>(length)));
            };
            EXPECT_EQ(read_numbers(model, tensor, from_list).value(), Values(6, 0.0));
            const ReadExternal fails = [](std::string_view, std::int64_t, std::int64_t) {
                return Result<FileBytes>(Error{ErrorCode::malformed_file, "no"});
            };
            EXPECT_EQ(read_numbers(model, tensor, fails).error().message, "no");
        }
}

TEST(Model, TensorsThatDoNotHoldWhatTheySay) {
    ModelBuilder builder;
    builder.tensor({2, 4}, Values(6, 1.0));
    builder.tensor({2, 4}, Values(6, 1.0), 1, Storage::list);
    builder.tensor({-1}, Values(6, 1.0));
    builder.tensor({std::int64_t{1} << 40, std::int64_t{1} << 40}, Values(6, 1.0));
    builder.tensor({6}, Values(6, 1.0), 9);
    const FileBytes file = builder.bytes();
    const Model model = decode_model(file).value();
    for (const Tensor& tensor : model.graphs[0].initializers) {
        const auto numbers = read_numbers(model, tensor, {});
        ASSERT_FALSE(numbers);
        EXPECT_FALSE(numbers.error().message.empty());
    }
}

TEST(Model, HalvesRoundAsTheyShould) {
    EXPECT_EQ(rounded_to(kFloat16, 1.0 / 3), 0.333251953125);
    EXPECT_EQ(rounded_to(kFloat16, 65504), 65504);
    EXPECT_EQ(rounded_to(kFloat16, 65519), 65504);
    EXPECT_EQ(rounded_to(kFloat16, 65520), HUGE_VAL);
    EXPECT_EQ(rounded_to(kFloat16, -0x1p-24), -0x1p-24);
    EXPECT_EQ(rounded_to(kFloat16, 0x1p-26), 0);
    for (int i = 0; i < 2048; ++i) EXPECT_EQ(rounded_to(kFloat16, i), i);
    EXPECT_EQ(rounded_to(kFloat16, 2049), 2048);  // halves to even
    EXPECT_EQ(rounded_to(kFloat16, 2051), 2052);
}

TEST(Model, RefusesWhatIsNoModel) {
    EXPECT_EQ(decode_model({}).error().code, ErrorCode::malformed_file);
    EXPECT_FALSE(decode_model(io_test::bytes_of("this is a text and no model")));
    EXPECT_FALSE(decode_model(io_test::bytes_of("\x3a\xff\xff\xff\xff\x0f")));  // a graph of 4 GiB that is not there
}

TEST(Model, DamageGivesAModelOrASentence) {
    const FileBytes file = sample(true);
    const auto look = [](const FileBytes& bytes) {
        const auto model = decode_model(bytes);
        if (!model) {
            EXPECT_FALSE(model.error().message.empty());
            return;
        }
        for (const Graph& graph : model->graphs)
            for (const Tensor& tensor : graph.initializers) (void)read_numbers(*model, tensor, {});
        (void)views_of(*model);
    };
    io_test::for_each_truncation(file, look);
    io_test::for_each_bit_flip(file, look);
}

// A message of two bytes each would take a hundred times its size: it is refused before memory is gone.
TEST(Model, ManyEmptyPartsAreRefused) {
    FileBytes nodes;
    for (int i = 0; i < 100000; ++i) put_bytes(nodes, 1, {});
    FileBytes file;
    put_bytes(file, 7, nodes);
    EXPECT_EQ(decode_model(file).error().code, ErrorCode::malformed_file);
}

TEST(Model, NestingEnds) {
    const auto nested = [](int deep) {
        FileBytes graph;
        for (int i = 0; i < deep; ++i) {
            FileBytes attribute, node, outer;
            put_text(attribute, 1, "a body");
            put_bytes(attribute, 6, graph);
            put_text(node, 4, "Loop over it");
            put_bytes(node, 5, attribute);
            put_bytes(outer, 1, node);
            graph = outer;
        }
        FileBytes file;
        put_bytes(file, 7, graph);
        return file;
    };
    EXPECT_TRUE(decode_model(nested(kDeepest)));
    EXPECT_FALSE(decode_model(nested(kDeepest + 2)));
}

TEST(GraphView, FindsConstantsThroughIdentityAndOuterGraphs) {
    ModelBuilder builder;
    const std::string x = builder.input("x", {1, 1, 4});
    const std::string w = builder.constant({1, 1, 3}, {1, 2, 3});
    const std::string same = builder.node("Identity", {w});
    builder.output(builder.node("ConvTranspose", {x, same}));
    builder.wrap_in_if();
    const FileBytes file = builder.bytes();
    const Model model = decode_model(file).value();
    const auto views = views_of(model);
    ASSERT_EQ(views.size(), 3U);
    ASSERT_NE(views[1].constant(same), nullptr);
    EXPECT_EQ(read_numbers(model, *views[1].constant(same), {}).value(), (Values{1, 2, 3}));
    EXPECT_EQ(views[1].constant("x"), nullptr);
    ASSERT_NE(views[1].value_info("x"), nullptr);
    EXPECT_EQ(views[0].constant(same), nullptr);
}

}  // namespace
}  // namespace tconv::onnx
