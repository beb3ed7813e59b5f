// The cells of the two seed documents that are about layers, with the numbers they print.
#include "support.h"

namespace tconv::testing {
namespace {

Tensor image(const NestedList& rows) {
    const Tensor plane = tensor(rows);
    return plane.reshape({1, 1, plane.shape(0), plane.shape(1)});
}

void expect_equal(const Tensor& y, const Tensor& expected) {
    EXPECT_TRUE(array_equal(y, expected)) << y << "\nis not\n" << expected;
}

const Tensor kInput = image({{1, 2}, {3, 4}});

TEST(FirstDocument, Case1Basic) {
    nn::ConvTranspose2d layer(1, 1, 3, {.bias = false});
    layer.weight.data = ones({1, 1, 3, 3});
    expect_equal(layer(kInput), image({{1, 3, 3, 2}, {4, 10, 10, 6}, {4, 10, 10, 6}, {3, 7, 7, 4}}));
}

TEST(FirstDocument, Case2Stride) {
    nn::ConvTranspose2d layer(1, 1, 3, {.stride = 2, .bias = false});
    layer.weight.data = ones({1, 1, 3, 3});
    for (nn::Parameter* weight : layer.parameters()) weight->requires_grad = false;
    const Tensor y = layer(kInput);
    expect_equal(y, image({{1, 1, 3, 2, 2}, {1, 1, 3, 2, 2}, {4, 4, 10, 6, 6}, {3, 3, 7, 4, 4}, {3, 3, 7, 4, 4}}));
    EXPECT_FALSE(layer.backward(kInput, y).weight_grad);
}

TEST(FirstDocument, Case3PaddingOfTheCodeAndOfTheText) {
    nn::ConvTranspose2d code(1, 1, 3, {.stride = 2, .padding = 2, .bias = false});
    code.weight.data = ones({1, 1, 3, 3});
    expect_equal(code(kInput), image({{10}}));
    nn::ConvTranspose2d text(1, 1, 3, {.stride = 2, .padding = 1, .bias = false});
    text.weight = code.weight;
    expect_equal(text(kInput), image({{1, 3, 2}, {4, 10, 6}, {3, 7, 4}}));
}

TEST(FirstDocument, Case4OutputPaddingWithAReplacedKernel) {
    nn::ConvTranspose2d layer(1, 1, 4, {.stride = 3, .output_padding = 2, .bias = false});
    EXPECT_EQ(layer(kInput).shape(), (Shape{1, 1, 9, 9}));
    layer.weight.data = ones({1, 1, 3, 3});
    const Tensor y = layer(kInput);
    expect_equal(y, image({{1, 1, 1, 2, 2, 2, 0, 0},
                           {1, 1, 1, 2, 2, 2, 0, 0},
                           {1, 1, 1, 2, 2, 2, 0, 0},
                           {3, 3, 3, 4, 4, 4, 0, 0},
                           {3, 3, 3, 4, 4, 4, 0, 0},
                           {3, 3, 3, 4, 4, 4, 0, 0},
                           {0, 0, 0, 0, 0, 0, 0, 0},
                           {0, 0, 0, 0, 0, 0, 0, 0}}));
    EXPECT_EQ(layer.backward(kInput, y).weight_grad->shape(), (Shape{1, 1, 3, 3}));
}

TEST(FirstDocument, Case4AsTheTextSays) {
    nn::ConvTranspose2d layer(1, 1, 3, {.stride = 2, .output_padding = 1, .bias = false});
    layer.weight.data = ones({1, 1, 3, 3});
    expect_equal(layer(kInput), image({{1, 1, 3, 2, 2, 0},
                                       {1, 1, 3, 2, 2, 0},
                                       {4, 4, 10, 6, 6, 0},
                                       {3, 3, 7, 4, 4, 0},
                                       {3, 3, 7, 4, 4, 0},
                                       {0, 0, 0, 0, 0, 0}}));
}

TEST(FirstDocument, Case5Dilation) {
    nn::ConvTranspose2d layer(1, 1, 2, {.stride = 2, .dilation = 2, .bias = false});
    layer.weight.data = ones({1, 1, 2, 2});
    expect_equal(layer(kInput),
                 image({{1, 0, 3, 0, 2}, {0, 0, 0, 0, 0}, {4, 0, 10, 0, 6}, {0, 0, 0, 0, 0}, {3, 0, 7, 0, 4}}));
}

// The layers have a bias, as Gluon's do by default; it starts at zero.
struct SecondDocument : ::testing::Test {
    const Tensor X = image({{0, 1}, {2, 3}}), K = X.clone();

    Tensor output(const nn::ConvTransposeOptions& options) {
        nn::ConvTranspose2d tconv(nn::kLazy, 1, 2, options);
        tconv.initialize(nn::constant(K));
        return tconv(X);
    }
};

TEST_F(SecondDocument, BasicPaddingAndStrides) {
    expect_equal(output({}), image({{0, 0, 1}, {0, 4, 6}, {4, 12, 9}}));
    expect_equal(output({.padding = 1}), image({{4}}));
    expect_equal(output({.stride = 2}), image({{0, 0, 0, 1}, {0, 0, 2, 3}, {0, 2, 0, 3}, {4, 6, 6, 9}}));
    EXPECT_EQ(to_string(output({.padding = 1})), "[[[[4.]]]]");
}

TEST_F(SecondDocument, RoundTripOfShapes) {
    const Tensor images = uniform({1, 10, 16, 16}, 1);
    nn::Conv2d conv(nn::kLazy, 20, 5, {.stride = 3, .padding = 2});
    nn::ConvTranspose2d tconv(nn::kLazy, 10, 5, {.stride = 3, .padding = 2});
    conv.initialize();
    tconv.initialize();
    EXPECT_EQ(tconv(conv(images)).shape(), images.shape());
}

TEST_F(SecondDocument, ConvolutionAsAProductWithW) {
    const Tensor x = arange(1, 17).reshape({1, 1, 4, 4}), k = arange(1, 10).reshape({1, 1, 3, 3});
    nn::Conv2d conv(nn::kLazy, 1, 3);
    conv.initialize(nn::constant(k));
    expect_equal(conv(x), image({{348, 393}, {528, 573}}));

    const Tensor W = zeros({4, 16}), row = zeros({11});
    row(Slice(0, 3)) = k(0, 0, 0);
    row(Slice(4, 7)) = k(0, 0, 1);
    row(Slice(8, 11)) = k(0, 0, 2);
    W(0, Slice(0, 11)) = row;
    W(1, Slice(1, 12)) = row;
    W(2, Slice(4, 15)) = row;
    W(3, Slice(5, 16)) = row;
    expect_equal(dot(W, x.reshape({16})).reshape({1, 1, 2, 2}), conv(x));

    // The transposed layer with the same weight is the transposed matrix.
    nn::ConvTranspose2d back(1, 1, 3, {.bias = false});
    back.weight = conv.weight;
    expect_equal(dot(W.transpose(), conv(x).reshape({4})).reshape({1, 1, 4, 4}), back(conv(x)));
}

TEST_F(SecondDocument, HalvesAndDoubles) {
    nn::Conv2d conv(nn::kLazy, 10, 4, {.stride = 2, .padding = 1});
    nn::ConvTranspose2d conv_trans(nn::kLazy, 3, 4, {.stride = 2, .padding = 1});
    const Tensor y = conv(uniform({1, 3, 64, 64}, 2));
    EXPECT_EQ(y.shape(), (Shape{1, 10, 32, 32}));
    EXPECT_EQ(conv_trans(y).shape(), (Shape{1, 3, 64, 64}));
}

}  // namespace
}  // namespace tconv::testing
