// Wrong results of forward passes.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "graveyard/graves.h"
#include "tconv/problem_text.h"
#include "tconv/reference.h"

namespace tconv::test {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// NaN stands where NaN is expected, and nowhere else.
void expect_same(const Doubles& got, const Doubles& expected) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        if (std::isnan(expected[i]))
            EXPECT_TRUE(std::isnan(got[i])) << "element " << i << " is " << got[i];
        else
            EXPECT_EQ(got[i], expected[i]) << "element " << i;
    }
}

TEST(Forward, SizeCountsStrideAndDilation) {  // onnxruntime#2518, #2688: the extent taken as k + d - 1
    EXPECT_EQ(problem("i97x50 k3 s2 d3").axes[1].fine, 96 * 2 + 7);
    EXPECT_EQ(problem("i97x50 k3 s2 d3").axes[2].fine, 49 * 2 + 7);
    expect_ways_agree("ic2 oc2 i7x5 k3 s2 d3");
}

TEST(Forward, OutputPaddingBetweenStrideAndDilation) {  // onnxruntime#14208
    const Doubles x = {1, 2}, w = {10, 1};
    EXPECT_EQ(forward(problem("i2 k2 op2 d3"), x, w), (Doubles{10, 20, 0, 1, 2, 0, 0}));
    EXPECT_EQ(forward(problem("i2 k2 p1 op2 d3 bias"), x, w, {0.5}), (Doubles{20.5, 0.5, 1.5, 2.5, 0.5}));
}

TEST(Forward, BiasAndOutputPaddingInOneDimension) {  // onnxruntime#17298, #23403, #23488; tvm#18635
    // Stamps 1 2 3 and 2 4 6, two apart: 1 2 5 4 6. Padding crops both ends, output_padding gives the last row back:
    // computed, not zero.
    EXPECT_EQ(forward(problem("i2 k3 s2 p1 op1 bias"), {1, 2}, {1, 2, 3}, {7}), (Doubles{9, 12, 11, 13}));
    EXPECT_EQ(forward(problem("i2 k3 s2 p1 op1"), {1, 2}, {1, 2, 3}), (Doubles{2, 5, 4, 6}));
}

TEST(Forward, ChannelTails) {  // onnxruntime#27749: 5 and 7 input channels per group read wrong weights
    for (int channels = 1; channels <= 17; ++channels) {
        expect_ways_agree("ic" + std::to_string(channels) + " oc3 i3x4 k3x2 s2 p1 bias");
        expect_ways_agree("ic" + std::to_string(2 * channels) + " oc6 i3x2 k2 s1x2 g2 nhwc");
        expect_ways_agree("ic4 oc" + std::to_string(2 * channels) + " i5 k3 s2 p1 g2 bias");
    }
}

TEST(Forward, IdentityKernelPlacesInputsStrideApart) {  // onnxruntime#32506
    EXPECT_EQ(forward(problem("i3 k4 s2"), {1, 2, 3}, {1, 0, 0, 0}), (Doubles{1, 0, 2, 0, 3, 0, 0, 0}));
    EXPECT_EQ(forward(problem("i3 k4 s2 p1"), {1, 2, 3}, {1, 0, 0, 0}), (Doubles{0, 2, 0, 3, 0, 0}));
    Doubles tap(16, 0);
    tap[1 * 4 + 2] = 1;  // rows 2i + 1 - 1, columns 2j + 2 - 1
    EXPECT_EQ(forward(problem("i2x2 k4 s2 p1"), {1, 2, 3, 4}, tap),
              (Doubles{0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0}));
}

TEST(Forward, ThreeDimensionsWithFlatKernel) {  // pytorch#48400: a smaller output
    const Problem p = problem("ic2 oc3 i3x3x4 k1x4x4 s1x4x4 p0x2x2");
    EXPECT_EQ(p.axes[0].fine, 3);
    EXPECT_EQ(p.axes[1].fine, 2 * 4 + 4 - 4);
    EXPECT_EQ(p.axes[2].fine, 3 * 4 + 4 - 4);
    expect_ways_agree(to_text(p));
}

TEST(Forward, ChannelsLastWithOneInputChannel) {  // pytorch#99519: random output
    const Problem p = problem("oc3 i2 k2 s2 nhwc");
    const Doubles x = {1, 2}, w = {1, 2, 3, 4, 5, 6};
    Doubles y(12, kNaN);
    reference::scatter(p, x.data(), w.data(), {}, y.data());
    EXPECT_EQ(y, (Doubles{1, 3, 5, 2, 4, 6, 2, 6, 10, 4, 8, 12}));  // position by position
}

TEST(Forward, InfinityAndNanStayWhereTheSumSays) {  // pytorch#153700, #165744: other patterns by backend
    expect_same(forward(problem("i3 k2 s2"), {1, kInf, 2}, {1, 0}), {1, 0, kInf, kNaN, 2, 0});
    expect_same(forward(problem("i2 k2 s2"), {0, 1}, {kInf, 1}), {kNaN, 0, kInf, 1});
    // Rows that no tap reaches hold the bias, and what is cropped leaves no trace.
    expect_same(forward(problem("i2 k1 s2 op1 bias"), {1, 2}, {kNaN}, {5}), {kNaN, 5, kNaN, 5});
    expect_same(forward(problem("i3 k1 p1"), {kInf, 1, kNaN}, {2}), {2});
    expect_same(forward(problem("i2 k3 p1"), {1, kNaN}, {1, 1, 1}), {kNaN, kNaN});
    expect_same(forward(problem("i3 k2 s3"), {1, kNaN, 2}, {1, 1}), {1, 1, 0, kNaN, kNaN, 0, 2, 2});
}

TEST(Forward, PaddingNotDivisibleByStride) {  // CMSIS-NN#230
    EXPECT_EQ(forward(problem("i2 k4 s2 p1"), {1, 2}, {1, 10, 100, 1000}), (Doubles{10, 102, 1020, 200}));
    expect_ways_agree("ic3 oc2 i4x5 k5 s3x2 p1x3");
}

TEST(Forward, EvenKernelWithStrideOne) {  // MNN#933: shifted by one
    EXPECT_EQ(forward(problem("i3 k2"), {1, 2, 3}, {1, 10}), (Doubles{1, 12, 23, 30}));
    EXPECT_EQ(forward(problem("i3 k4 p1"), {1, 2, 3}, {1, 10, 100, 1000}), (Doubles{12, 123, 1230, 2300}));
}

TEST(Forward, UnevenStrides) {  // LiteRT#9256: zeros
    EXPECT_EQ(forward(problem("i1x2 k1 s3x4"), {1, 2}, {1}), (Doubles{1, 0, 0, 0, 2}));
    EXPECT_EQ(forward(problem("i2x1 k1 s3x4"), {1, 2}, {1}), (Doubles{1, 0, 0, 2}));
    expect_ways_agree("ic2 oc2 i3x3 k5 s3x4 p1 bias");
    expect_ways_agree("ic2 oc2 i3x3 k5 s4x3 p1 bias");
}

TEST(Forward, DilationChangesTheOutput) {  // keras#8146, #8159, tensorflow#21598: ignored
    EXPECT_EQ(forward(problem("i3 k2 d2"), {1, 2, 3}, {1, 10}), (Doubles{1, 2, 13, 20, 30}));
    expect_ways_agree("i4x4 k3 d1x2");  // keras#15677
}

TEST(Forward, StrideThreeAndTwoWithPaddingOne) {  // onnx2tf#56
    EXPECT_EQ(forward(problem("i2 k3 s3 p1"), {1, 2}, {1, 10, 100}), (Doubles{10, 100, 2, 20}));
    EXPECT_EQ(forward(problem("i2 k3 s2 p1"), {1, 2}, {1, 10, 100}), (Doubles{10, 102, 20}));
}

TEST(Forward, TapsThatNoInputReaches) {  // rten#1398: out-of-bounds write
    // Taps 0 and 2 lie 5 rows before and 9 rows after: only the middle one is left.
    EXPECT_EQ(forward(problem("i2 k3 p5 d7"), {1, 2}, {9, 5, 9}), (Doubles{0, 0, 5, 10, 0, 0}));
    EXPECT_EQ(forward(problem("i9 k3 p4"), {1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 0, 0}), (Doubles{5, 6, 7}));
    expect_ways_agree("i1x9 k3x2 p0x4 s1");
    expect_ways_agree("i1 o1 k7 s5 p3:9 d4");
}

TEST(Forward, PaddingBeyondTheKernelExtent) {  // accepted since pytorch accepts it; the crop reaches past whole stamps
    EXPECT_EQ(forward(problem("i9 k1 s2 p4:5"), {1, 2, 3, 4, 5, 6, 7, 8, 9}, {1}), (Doubles{3, 0, 4, 0, 5, 0, 6, 0}));
    expect_ways_agree("ic2 oc3 i9x8 k2 s2 p5x4 bias");
}

TEST(Forward, KernelLargerThanInput) {  // pytorch#91637, TensorRT-RTX-EP#8: kernels far larger than the input
    expect_ways_agree("ic2 oc2 i1x2 k7x5 s2 p3x2 bias");
    expect_ways_agree("i2x1x2 k5 s3 p1");
    expect_ways_agree("ic3 oc1 i3 k64 s16 p7");
}

TEST(Forward, GroupsWithDilation) {  // keras#19871, ggml#940: one of them unsupported or wrong
    expect_ways_agree("ic6 oc4 i4x3 k3 s2 p1 op1 d2 g2 bias");
    expect_ways_agree("ic6 oc12 i4 k3 s1 d3 g6 nhwc");
    // Two groups are two layers side by side.
    EXPECT_EQ(forward(problem("ic2 oc2 i2 k2 d2 g2"), {1, 2, 3, 4}, {1, 10, 100, 1000}),
              (Doubles{1, 2, 10, 20, 300, 400, 3000, 4000}));
}

TEST(Forward, DepthwiseWithOutputPaddingAbovePadding) {  // coreai-torch#58
    expect_ways_agree("ic4 oc4 i3x3 k3 s3 p1 op2 g4 bias");
}

TEST(Forward, ThreeDimensionsWithUnevenPaddingAndOutputPadding) {  // TensorRT#1744, #2095; pytorch/TensorRT#3352
    expect_ways_agree("ic2 oc2 i2x3x2 k3x2x4 s2x1x3 p0x1x2:1x0x1 bias");
    expect_ways_agree("ic2 oc2 i2x3x2 k3 s2x3x2 p1 op1x2x0 g2 nhwc");
}

TEST(Forward, OneOutputChannel) { expect_ways_agree("ic4 oc1 i3x3 k3 s2 p1 bias"); }  // executorch#20804

TEST(Forward, ManySamples) {  // tensorflow#13869: "no algorithm worked" from 2^16 samples on
    const std::int64_t batch = 65537;
    const Problem p = problem("n65537 i1 k1 bias");
    Doubles x(static_cast<std::size_t>(batch), 1);
    x.back() = 3;
    const Doubles y = forward(p, x, {2}, {1});
    EXPECT_EQ(y.front(), 3);
    EXPECT_EQ(y.back(), 7);
}

TEST(Forward, LongKernel) {  // pytorch#32866, #38970, scaled: products of sizes beyond 16 bits
    const Problem p = problem("i3 k65537 s65536");
    Doubles w(65537);
    for (std::size_t j = 0; j < w.size(); ++j) w[j] = static_cast<double>(j);
    const Doubles y = forward(p, {1, 2, 3}, w);
    ASSERT_EQ(y.size(), 3u * 65536 + 1);
    EXPECT_EQ(y[65535], 65535);
    EXPECT_EQ(y[65536], 65536 + 0);  // the last tap of one stamp on the first of the next
    EXPECT_EQ(y[131072], 2 * 65536 + 0);
    EXPECT_EQ(y.back(), 3 * 65536);
}

TEST(Forward, IsTheSameEveryTime) {  // pytorch#137970, Paddle#21334, tensorflow#12871
    const Layer layer = random_layer(problem("n2 ic5 oc3 i4x5 k3 s2 p1 bias"), Values::reals, base_seed());
    EXPECT_EQ(by_reference(layer), by_reference(layer));
}

}  // namespace
}  // namespace tconv::test
