// Wrong or crashing gradients.
#include <gtest/gtest.h>

#include "graveyard/graves.h"

namespace tconv::test {
namespace {

TEST(Backward, StrideAboveKernel) {  // pytorch#63314: reads column 1 instead of 2
    const Problem row = problem("i3 k1 s2");
    EXPECT_EQ(forward(row, {1, 2, 3}, {5}), (Doubles{5, 0, 10, 0, 15}));
    EXPECT_EQ(input_grad(row, {1, 2, 3, 4, 5}, {5}), (Doubles{5, 15, 25}));
    EXPECT_EQ(weight_grad(row, {1, 2, 3}, {1, 2, 3, 4, 5}), (Doubles{1 * 1 + 2 * 3 + 3 * 5}));

    const Problem square = problem("i2x2 k1 s2");
    const Doubles g = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    EXPECT_EQ(input_grad(square, g, {10}), (Doubles{10, 30, 70, 90}));
    EXPECT_EQ(weight_grad(square, {1, 2, 3, 4}, g), (Doubles{1 * 1 + 2 * 3 + 3 * 7 + 4 * 9}));
}

TEST(Backward, DilationWithOutputPadding) {  // pytorch#5112: crash, and gradients that fail the check
    expect_gradients("ic2 oc3 i3x2 k2x3 s2 p1 op1 d2 bias");
    expect_gradients("ic2 oc2 i3 k3 s1 p1 op2 d3 bias");
    expect_gradients("oc2 i2x2x2 k2 s2 op1x0x2 d1x2x3");
}

TEST(Backward, StrideAndDilationAreNotSwapped) {  // candle#2337
    expect_gradients("i4 k3 s2 d1");
    expect_gradients("i4 k3 s1 d2");
    expect_gradients("i3x3 k2 s2x1 d1x2");
    // One tap pair by hand: stride 2 puts x1 at rows 2 and 3, dilation 2 would put it at 1 and 3.
    EXPECT_EQ(input_grad(problem("i2 k2 s2"), {1, 2, 3, 4}, {1, 10}), (Doubles{21, 43}));
    EXPECT_EQ(input_grad(problem("i2 k2 d2"), {1, 2, 3, 4}, {1, 10}), (Doubles{31, 42}));
}

TEST(Backward, BiasInOneDimension) { expect_gradients("n2 ic2 oc3 i4 k3 s2 p1 op1 bias"); }  // candle#1732, #1734

TEST(Backward, GroupsWithDilation) {
    expect_gradients("ic4 oc6 i3x2 k2 s2 d2 g2 bias");
    expect_gradients("ic3 oc3 i4 k3 d2 g3 nhwc bias");
}

TEST(Backward, OneChannelOnEitherSide) {  // pytorch#197517: wrong strides of the weights' gradient
    expect_gradients("n2 ic1 oc3 i3x2 k2 s2 nhwc bias");
    expect_gradients("n2 ic3 oc1 i3x2 k2 s2 nhwc");
}

TEST(Backward, PaddingCropsGradientsToo) {
    expect_gradients("i5 k2 s1 p2");
    expect_gradients("ic2 i3x3 k3x4 s3x2 p1x0:0x2");
    expect_gradients("i2 k3 p5 d7");
}

TEST(Backward, TwiceIsConsistent) {  // pytorch#4500: the three passes are one trilinear form of x, w and g
    const Layer layer =
        random_layer(problem("n2 ic4 oc2 i3x4 k3x2 s2 p1x0 op1 d1x2 g2"), Values::small_integers, base_seed());
    const Problem& p = layer.problem;
    const Doubles g = gathered(random_layer(p, Values::small_integers, base_seed() + 1));  // any array of y's shape
    const auto dot = [](const Doubles& a, const Doubles& b) {
        double sum = 0;
        for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
        return sum;
    };
    const double form = dot(g, gathered(layer));
    EXPECT_NE(form, 0);
    EXPECT_EQ(dot(layer.input, input_grad(p, g, layer.weights)), form);
    EXPECT_EQ(dot(layer.weights, weight_grad(p, layer.input, g)), form);
}

TEST(Backward, OfNoSamplesIsZero) {  // pytorch#24341, #31658
    EXPECT_EQ(weight_grad(problem("n0 oc2 i3 k2"), {}, {}), Doubles(4, 0));
    EXPECT_EQ(input_grad(problem("n0 oc2 i3 k2"), {}, {1, 2, 3, 4}), Doubles());
}

TEST(Backward, OfNoOutputChannelsIsZero) {  // pytorch#88647, #195590
    EXPECT_EQ(input_grad(problem("oc0 i3 k2"), {}, {}), Doubles(3, 0));
    EXPECT_EQ(weight_grad(problem("oc0 i3 k2"), {1, 2, 3}, {}), Doubles());
}

}  // namespace
}  // namespace tconv::test
