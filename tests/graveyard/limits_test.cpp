// Crashes, overflow, and what has to be refused.
#include <gtest/gtest.h>

#include "graveyard/graves.h"
#include "tconv/passes.h"
#include "tconv/problem_text.h"
#include "tconv/trace.h"

namespace tconv::test {
namespace {

LayerShapes shapes(Sizes input, Sizes weights) {
    LayerShapes of;
    of.input = std::move(input);
    of.weights = std::move(weights);
    return of;
}

Tensor zeros(Shape shape) { return Tensor::zeros(std::move(shape), DType::f32).value(); }

TEST(Limits, BiasLengthIsChecked) {  // onnxruntime#27210
    const Problem p = problem("ic2 oc3 i4 k3 bias");
    const Tensor x = zeros({1, 2, 4}), w = zeros({2, 3, 3});
    for (const std::int64_t length : {0, 1, 2, 4}) {
        const Tensor bias = zeros({length});
        const auto y = scatter(p, x, w, &bias);
        ASSERT_FALSE(y) << length;
        EXPECT_EQ(y.error().code, ErrorCode::array_mismatch);
    }
    const Tensor matrix = zeros({1, 3});
    EXPECT_FALSE(scatter(p, x, w, &matrix));
    const Tensor right = zeros({3});
    EXPECT_TRUE(scatter(p, x, w, &right));
}

TEST(Limits, RanksOfInputAndWeightsAgree) {  // onnxruntime#28524, #32679
    const Problem p = problem("ic2 oc3 i4x4 k3");
    const Tensor x = zeros({1, 2, 4, 4}), w = zeros({2, 3, 3, 3});
    EXPECT_TRUE(scatter(p, x, w));
    EXPECT_FALSE(scatter(p, zeros({2, 16}), w));
    EXPECT_FALSE(scatter(p, zeros({1, 1, 2, 4, 4}), w));
    EXPECT_FALSE(scatter(p, x, zeros({2, 3, 9})));
    EXPECT_FALSE(scatter(p, x, zeros({3, 2, 3, 3})));
}

TEST(Limits, OffsetsAre64Bit) {  // pytorch#32866, #38970, #185663, Paddle#78624
    const Problem large = problem("oc3 i1x1 k65537");
    EXPECT_EQ(large.taps(), std::int64_t{65537} * 65537);
    EXPECT_EQ(large.weight_elements(), 3 * std::int64_t{65537} * 65537);
    EXPECT_EQ(reference::weight_offset(large, 0, 2, {0, 65536, 65536}), large.weight_elements() - 1);
    for (const char* layout : {"", " nhwc"}) {
        const Problem many = problem(std::string("n3 ic8 oc1024 i1024x1024 k1 g8") + layout);
        EXPECT_EQ(many.fine_elements(), std::int64_t{3} << 30);
        EXPECT_EQ(reference::fine_offset(many, 2, 1023, {0, 1023, 1023}), many.fine_elements() - 1);
        EXPECT_EQ(reference::fine_offset(many, 2, 0, {0, 0, 0}), std::int64_t{1} << 31);
        EXPECT_EQ(reference::coarse_offset(many, 2, 7, {0, 1023, 1023}), many.coarse_elements() - 1);
    }
}

TEST(Limits, LargeStridesHaveExactSizes) {  // Paddle#70837: stride 46889, whose square is beyond 31 bits
    const Problem p = problem("i4x4 k4 s46889");
    EXPECT_EQ(p.axes[2].fine, 3 * 46889 + 4);
    EXPECT_EQ(p.fine_elements(), std::int64_t{140671} * 140671);
}

TEST(Limits, SizesBeyond62BitsAreRefused) {  // tensorflow#57958, #112774
    for (const char* text :
         {"i4 k4 s4611686018427387904", "i4 k4611686018427387904 d4", "i4 k3 p9223372036854775807",
          "i2x2 k1 s1099511627776", "n4611686018427387904 ic2 i4 k3", "ic4294967296 oc4294967296 i1 k1",
          "i4294967296x4294967296x4294967296 k1", "n0 i2097152x2097152x2097152 k1 s1", "i9223372036854775807 k1"})
        EXPECT_FALSE(parse_problem(text)) << text;
    for (const std::int64_t size : {std::int64_t{1} << 40, std::int64_t{1} << 62, INT64_MAX}) {
        OnnxTerms terms;
        terms.output_shape = {size, size};
        EXPECT_FALSE(from_onnx(shapes({1, 1, 4, 4}, {1, 1, 3, 3}), terms)) << size;
    }
}

TEST(Limits, NegativeOutputShapeIsRefused) {  // tensorflow#57715: abort
    TensorFlowTerms tensorflow;
    tensorflow.output_shape = {-1, 4};
    EXPECT_FALSE(from_tensorflow(shapes({1, 1, 4, 4}, {1, 1, 3, 3}), tensorflow));
    OnnxTerms onnx;
    onnx.output_shape = {4, -4};
    EXPECT_FALSE(from_onnx(shapes({1, 1, 4, 4}, {1, 1, 3, 3}), onnx));
}

TEST(Limits, BoundaryValuesAreSentences) {  // pytorch#91549: groups 0; pytorch#45172, oneflow#10519: native crashes
    for (const char* token : {"g0", "g-1", "s0", "s-1", "d0", "d-1", "k0", "k-1", "i0", "i-1", "p-1", "op-1", "n-1",
                              "ic-1", "oc-1", "op2", "p9"}) {
        std::string text = token;
        for (const char* other : {"g2", "s2", "d1", "k3", "i4", "p1", "op1", "n1", "ic2", "oc2"}) {
            const std::string key(other, std::string(other).find_first_of("0123456789"));
            const std::string own = text.substr(0, std::string(token).find_first_of("-0123456789"));
            if (key != own) text += std::string(" ") + other;
        }
        const auto refused = parse_problem(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument) << text;
        EXPECT_GT(refused.error().message.size(), 10u) << text;
    }
    EXPECT_TRUE(parse_problem("g2 s2 d1 k3 i4 p1 op1 n1 ic2 oc2"));
}

TEST(Limits, OutputPaddingHasItsLimit) {  // pytorch#169236, coreai-torch#78: accepted on some backends
    EXPECT_FALSE(parse_problem("i4 k3 s2 op2"));
    EXPECT_FALSE(parse_problem("i4 k3 s2 d2 op2"));
    EXPECT_TRUE(parse_problem("i4 k3 s2 d3 op2"));
}

TEST(Limits, NegativePaddingIsRefusedAndALargerOutputIsNot) {  // NNlib.jl#307, pytorch#964, #996
    EXPECT_FALSE(parse_problem("i2 k1 p-1"));
    EXPECT_EQ(forward(problem("i2 o5 k1 s2"), {1, 2}, {1}), (Doubles{1, 0, 2, 0, 0}));
}

TEST(Empty, NoSamples) {  // tensorflow#13643, pytorch#24341
    const auto y = scatter(problem("n0 ic2 oc3 i4x5 k3 s2 bias"), zeros({0, 2, 4, 5}), zeros({2, 3, 3, 3}), nullptr);
    EXPECT_FALSE(y);  // the bias is announced
    const Tensor bias = zeros({3});
    const auto empty = scatter(problem("n0 ic2 oc3 i4x5 k3 s2 bias"), zeros({0, 2, 4, 5}), zeros({2, 3, 3, 3}), &bias);
    ASSERT_TRUE(empty) << empty.error().message;
    EXPECT_EQ(empty->shape(), (Shape{0, 3, 9, 11}));
}

TEST(Empty, NoOutputChannels) {
    const auto y = scatter(problem("ic2 oc0 i4 k3"), zeros({1, 2, 4}), zeros({2, 0, 3}));
    ASSERT_TRUE(y) << y.error().message;
    EXPECT_EQ(y->shape(), (Shape{1, 0, 6}));
}

TEST(Empty, NoInputChannelsLeaveTheBias) {
    Tensor bias = zeros({2});
    bias.as<float>()[0] = 3;
    bias.as<float>()[1] = -4;
    const auto y = scatter(problem("ic0 oc2 i2 k2 bias"), zeros({1, 0, 2}), zeros({0, 2, 2}), &bias);
    ASSERT_TRUE(y) << y.error().message;
    ASSERT_EQ(y->shape(), (Shape{1, 2, 3}));
    const auto values = y->as<float>();
    EXPECT_EQ(std::vector<float>(values.begin(), values.end()), (std::vector<float>{3, 3, 3, -4, -4, -4}));
}

TEST(Empty, NoRowsAreRefused) {  // openvino returns uninitialised memory (found by running it)
    EXPECT_FALSE(from_onnx(shapes({1, 2, 0, 4}, {2, 3, 3, 3}), {}));
    EXPECT_FALSE(from_pytorch(shapes({1, 2, 4, 0}, {2, 3, 3, 3}), {}));
    EXPECT_FALSE(parse_problem("i1 k2 p1"));
}

}  // namespace
}  // namespace tconv::test
