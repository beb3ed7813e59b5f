// Every code cell of the two seed documents, written as the cell reads, with the numbers that it prints.
// docs/seeds.md is the table of them; seed_table_test.cpp checks that it is complete.
#include <gtest/gtest.h>

#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/matrix.h"
#include "tconv/nn.h"
#include "tconv/print.h"
#include "tconv/sizes.h"

namespace tconv {
namespace {

// What NumPy prints for the tensor; the brackets are its shape.
#define EXPECT_PRINTS(tensor, ...) EXPECT_EQ("\n" + to_string(tensor) + "\n", __VA_ARGS__)

// The first document, "Transposed Convolution", in PyTorch: its cells in order.

TEST(FirstDocument, Input) {
    Tensor input_data = tensor({{{{1., 2.}, {3., 4.}}}});

    EXPECT_EQ(input_data.shape(), (Shape{1, 1, 2, 2}));
    EXPECT_EQ(input_data.dtype(), DType::f32);
    EXPECT_PRINTS(input_data, R"(
[[[[1. 2.]
   [3. 4.]]]]
)");
}

TEST(FirstDocument, Case1Basic) {
    // Create 2x2 input tensor
    Tensor input_data = tensor({{{{1., 2.}, {3., 4.}}}});
    // Create a TCL layer with kernel_size=3
    nn::ConvTranspose2d transConv1(1, 1, 3, {.bias = false});
    // Set kernel weights to be 1
    transConv1.weight.data = ones({1, 1, 3, 3});
    // Calculate the output
    EXPECT_PRINTS(transConv1(input_data), R"(
[[[[ 1.  3.  3.  2.]
   [ 4. 10. 10.  6.]
   [ 4. 10. 10.  6.]
   [ 3.  7.  7.  4.]]]]
)");
}

TEST(FirstDocument, Case2Stride) {
    Tensor input_data = tensor({{{{1., 2.}, {3., 4.}}}});
    // Create a TCL layer with stride=2
    nn::ConvTranspose2d transConv2(1, 1, 3, {.stride = 2, .bias = false});
    // Set kernel weights to be 1
    transConv2.weight.data = ones({1, 1, 3, 3});
    // Disable gradient descent
    for (nn::Parameter* w : transConv2.parameters()) w->requires_grad = false;
    // Calculate
    EXPECT_PRINTS(transConv2(input_data), R"(
[[[[ 1.  1.  3.  2.  2.]
   [ 1.  1.  3.  2.  2.]
   [ 4.  4. 10.  6.  6.]
   [ 3.  3.  7.  4.  4.]
   [ 3.  3.  7.  4.  4.]]]]
)");
    EXPECT_FALSE(transConv2.weight.requires_grad);
}

// The cell's code: padding 2, though its comment says 1.
TEST(FirstDocument, Case3Padding) {
    Tensor input_data = tensor({{{{1., 2.}, {3., 4.}}}});
    nn::ConvTranspose2d transConv3(1, 1, 3, {.stride = 2, .padding = 2, .bias = false});
    // Set kernel weights to be 1
    transConv3.weight.data = ones({1, 1, 3, 3});
    // Disable gradient descent
    for (nn::Parameter* w : transConv3.parameters()) w->requires_grad = false;
    // Calculate
    EXPECT_PRINTS(transConv3(input_data), R"(
[[[[10.]]]]
)");
}

// The cell's comment and the text above it: padding 1, "the center 3x3 matrix".
TEST(FirstDocument, Case3PaddingAsTold) {
    Tensor input_data = tensor({{{{1., 2.}, {3., 4.}}}});
    nn::ConvTranspose2d transConv3(1, 1, 3, {.stride = 2, .padding = 1, .bias = false});
    transConv3.weight.data = ones({1, 1, 3, 3});
    EXPECT_PRINTS(transConv3(input_data), R"(
[[[[ 1.  3.  2.]
   [ 4. 10.  6.]
   [ 3.  7.  4.]]]]
)");
}

// The cell's code: kernel size 4 replaced by a 3x3 kernel, stride 3, output padding 2.
TEST(FirstDocument, Case4OutputPadding) {
    Tensor input_data = tensor({{{{1., 2.}, {3., 4.}}}});
    nn::ConvTranspose2d transConv4(1, 1, 4, {.stride = 3, .output_padding = 2, .bias = false});
    // Set kernel weights to be 1
    transConv4.weight.data = ones({1, 1, 3, 3});
    // Calculate
    EXPECT_PRINTS(transConv4(input_data), R"(
[[[[1. 1. 1. 2. 2. 2. 0. 0.]
   [1. 1. 1. 2. 2. 2. 0. 0.]
   [1. 1. 1. 2. 2. 2. 0. 0.]
   [3. 3. 3. 4. 4. 4. 0. 0.]
   [3. 3. 3. 4. 4. 4. 0. 0.]
   [3. 3. 3. 4. 4. 4. 0. 0.]
   [0. 0. 0. 0. 0. 0. 0. 0.]
   [0. 0. 0. 0. 0. 0. 0. 0.]]]]
)");
}

// The cell's comment and the text above it: stride 2, output padding 1.
TEST(FirstDocument, Case4OutputPaddingAsTold) {
    Tensor input_data = tensor({{{{1., 2.}, {3., 4.}}}});
    nn::ConvTranspose2d transConv4(1, 1, 3, {.stride = 2, .output_padding = 1, .bias = false});
    transConv4.weight.data = ones({1, 1, 3, 3});
    EXPECT_PRINTS(transConv4(input_data), R"(
[[[[ 1.  1.  3.  2.  2.  0.]
   [ 1.  1.  3.  2.  2.  0.]
   [ 4.  4. 10.  6.  6.  0.]
   [ 3.  3.  7.  4.  4.  0.]
   [ 3.  3.  7.  4.  4.  0.]
   [ 0.  0.  0.  0.  0.  0.]]]]
)");
}

TEST(FirstDocument, Case5Dilation) {
    Tensor input_data = tensor({{{{1., 2.}, {3., 4.}}}});
    // Create a TCL layer with kernel_size=2, stride=2, dilation=2
    nn::ConvTranspose2d transConv5(1, 1, 2, {.stride = 2, .dilation = 2, .bias = false});
    // Set kernel weights to be 1
    transConv5.weight.data = ones({1, 1, 2, 2});
    // Disable gradient descent
    for (nn::Parameter* w : transConv5.parameters()) w->requires_grad = false;
    // Calculate
    EXPECT_PRINTS(transConv5(input_data), R"(
[[[[ 1.  0.  3.  0.  2.]
   [ 0.  0.  0.  0.  0.]
   [ 4.  0. 10.  0.  6.]
   [ 0.  0.  0.  0.  0.]
   [ 3.  0.  7.  0.  4.]]]]
)");
}

// What PyTorch prints behind the numbers: the name of what made them in cases 1 and 4, and nothing in cases 2, 3 and 5,
// where gradients are off. Layers of variables print as there.
TEST(FirstDocument, GradFn) {
    const autograd::Variable input_data(tensor({{{{1., 2.}, {3., 4.}}}}));
    const auto print = [&](nn::ConvTranspose2d layer, std::int64_t kernel, bool requires_grad) {
        layer.weight.data = ones({1, 1, kernel, kernel});
        for (nn::Parameter* w : layer.parameters()) w->requires_grad = requires_grad;
        return "\n" + to_string(layer(input_data)) + "\n";
    };
    EXPECT_EQ(print({1, 1, 3, {.bias = false}}, 3, true), R"(
tensor([[[[ 1.,  3.,  3.,  2.],
          [ 4., 10., 10.,  6.],
          [ 4., 10., 10.,  6.],
          [ 3.,  7.,  7.,  4.]]]], grad_fn=<ConvolutionBackward0>)
)");
    EXPECT_EQ(print({1, 1, 3, {.stride = 2, .bias = false}}, 3, false), R"(
tensor([[[[ 1.,  1.,  3.,  2.,  2.],
          [ 1.,  1.,  3.,  2.,  2.],
          [ 4.,  4., 10.,  6.,  6.],
          [ 3.,  3.,  7.,  4.,  4.],
          [ 3.,  3.,  7.,  4.,  4.]]]])
)");
    EXPECT_EQ(print({1, 1, 3, {.stride = 2, .padding = 2, .bias = false}}, 3, false), R"(
tensor([[[[10.]]]])
)");
    EXPECT_EQ(print({1, 1, 4, {.stride = 3, .output_padding = 2, .bias = false}}, 3, true), R"(
tensor([[[[1., 1., 1., 2., 2., 2., 0., 0.],
          [1., 1., 1., 2., 2., 2., 0., 0.],
          [1., 1., 1., 2., 2., 2., 0., 0.],
          [3., 3., 3., 4., 4., 4., 0., 0.],
          [3., 3., 3., 4., 4., 4., 0., 0.],
          [3., 3., 3., 4., 4., 4., 0., 0.],
          [0., 0., 0., 0., 0., 0., 0., 0.],
          [0., 0., 0., 0., 0., 0., 0., 0.]]]], grad_fn=<ConvolutionBackward0>)
)");
    EXPECT_EQ(print({1, 1, 2, {.stride = 2, .dilation = 2, .bias = false}}, 2, false), R"(
tensor([[[[ 1.,  0.,  3.,  0.,  2.],
          [ 0.,  0.,  0.,  0.,  0.],
          [ 4.,  0., 10.,  0.,  6.],
          [ 0.,  0.,  0.,  0.,  0.],
          [ 3.,  0.,  7.,  0.,  4.]]]])
)");
}

// Its formula, grown step by step: K, K + S, K + 2S, ..., K + (m-1)S.
TEST(FirstDocument, FormulaStepByStep) {
    for (const std::int64_t K : {1, 2, 3, 4})
        for (const std::int64_t S : {1, 2, 3, 5})
            for (std::int64_t m = 1, n = K; m <= 5; ++m, n += S) {
                nn::ConvTranspose1d layer(1, 1, K, {.stride = S});
                EXPECT_EQ(layer(ones({1, 1, m})).shape(), (Shape{1, 1, n}));
                const SizeDerivation derivation = derive_size(layer.problem({1, 1, m}));
                EXPECT_EQ(derivation.output_size, (Sizes{n}));
                EXPECT_NE(derivation.steps.back().find("= " + std::to_string(n)), std::string::npos);
            }
}

// The figure that the document opens with, and its last section: a kernel of 3 with stride 2 reaches every second
// output twice; a kernel that the stride divides reaches all as often.
TEST(FirstDocument, CheckerboardArtifacts) {
    const auto counts = [](std::int64_t K, std::int64_t S) {
        nn::ConvTranspose1d layer(1, 1, K, {.stride = S, .bias = false});
        layer.weight.data = ones({1, 1, K});
        return layer(ones({1, 1, 5}))(0, 0);
    };
    EXPECT_PRINTS(counts(3, 2), R"(
[1. 1. 2. 1. 2. 1. 2. 1. 2. 1. 1.]
)");
    EXPECT_PRINTS(counts(4, 2), R"(
[1. 1. 2. 2. 2. 2. 2. 2. 2. 2. 1. 1.]
)");
    nn::ConvTranspose2d layer(1, 1, 3, {.stride = 2, .bias = false});
    layer.weight.data = ones({1, 1, 3, 3});
    EXPECT_PRINTS(layer(ones({1, 1, 2, 2}))(0, 0), R"(
[[1. 1. 2. 1. 1.]
 [1. 1. 2. 1. 1.]
 [2. 2. 4. 2. 2.]
 [1. 1. 2. 1. 1.]
 [1. 1. 2. 1. 1.]]
)");
}

// The second document, "Transposed Convolution" of Dive into Deep Learning, in MXNet: its cells in order.

Tensor trans_conv(const Tensor& X, const Tensor& K) {
    const std::int64_t h = K.shape(0), w = K.shape(1);
    Tensor Y = zeros({X.shape(0) + h - 1, X.shape(1) + w - 1});
    for (std::int64_t i = 0; i < X.shape(0); ++i)
        for (std::int64_t j = 0; j < X.shape(1); ++j) Y(Slice(i, i + h), Slice(j, j + w)) += X(i, j) * K;
    return Y;
}

// Its X and K as the layers take them.
Tensor four_dimensional() { return tensor({{0, 1}, {2, 3}}).reshape({1, 1, 2, 2}); }

TEST(SecondDocument, TransConv) {
    EXPECT_EQ(trans_conv(ones({4, 3}), ones({2, 5})).shape(), (Shape{5, 7}));
    EXPECT_PRINTS(trans_conv(tensor({{2}}), tensor({{1, 2}, {3, 4}})), R"(
[[2. 4.]
 [6. 8.]]
)");
}

// The sentence below the cell: Y[i, j] = (X[i: i + h, j: j + w] * K).sum().
TEST(SecondDocument, Corr2d) {
    const Tensor X = arange(9).reshape({3, 3}), K = tensor({{0, 1}, {2, 3}});
    const std::int64_t h = 2, w = 2;
    Tensor Y = zeros({2, 2});
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 2; ++j) Y(i, j) = sum(X(Slice(i, i + h), Slice(j, j + w)) * K);
    EXPECT_PRINTS(Y, R"(
[[19. 25.]
 [37. 43.]]
)");
    nn::Conv2d conv(1, 1, 2, {.bias = false});
    conv.weight.data = K.reshape({1, 1, 2, 2});
    EXPECT_TRUE(array_equal(conv(X.reshape({1, 1, 3, 3})), Y.reshape({1, 1, 2, 2})));
}

TEST(SecondDocument, Result) {
    Tensor X = tensor({{0, 1}, {2, 3}});
    Tensor K = tensor({{0, 1}, {2, 3}});
    EXPECT_PRINTS(trans_conv(X, K), R"(
[[ 0.  0.  1.]
 [ 0.  4.  6.]
 [ 4. 12.  9.]]
)");
}

TEST(SecondDocument, Layer) {
    Tensor X = tensor({{0, 1}, {2, 3}}), K = tensor({{0, 1}, {2, 3}});
    X = X.reshape({1, 1, 2, 2}), K = K.reshape({1, 1, 2, 2});
    nn::ConvTranspose2d tconv(nn::kLazy, 1, 2);
    tconv.initialize(nn::constant(K));
    EXPECT_PRINTS(tconv(X), R"(
[[[[ 0.  0.  1.]
   [ 0.  4.  6.]
   [ 4. 12.  9.]]]]
)");
}

TEST(SecondDocument, Padding) {
    Tensor X = four_dimensional(), K = four_dimensional();
    nn::ConvTranspose2d tconv(nn::kLazy, 1, 2, {.padding = 1});
    tconv.initialize(nn::constant(K));
    EXPECT_PRINTS(tconv(X), R"(
[[[[4.]]]]
)");
}

TEST(SecondDocument, Strides) {
    Tensor X = four_dimensional(), K = four_dimensional();
    nn::ConvTranspose2d tconv(nn::kLazy, 1, 2, {.stride = 2});
    tconv.initialize(nn::constant(K));
    EXPECT_PRINTS(tconv(X), R"(
[[[[0. 0. 0. 1.]
   [0. 0. 2. 3.]
   [0. 2. 0. 3.]
   [4. 6. 6. 9.]]]]
)");
}

TEST(SecondDocument, Channels) {
    Tensor X = uniform({1, 10, 16, 16}, 0);
    nn::Conv2d conv(nn::kLazy, 20, 5, {.stride = 3, .padding = 2});
    nn::ConvTranspose2d tconv(nn::kLazy, 10, 5, {.stride = 3, .padding = 2});
    conv.initialize();
    tconv.initialize();
    EXPECT_TRUE(tconv(conv(X)).shape() == X.shape());
}

TEST(SecondDocument, Convolution) {
    Tensor X = arange(1, 17).reshape({1, 1, 4, 4});
    Tensor K = arange(1, 10).reshape({1, 1, 3, 3});
    nn::Conv2d conv(nn::kLazy, 1, 3);
    conv.initialize(nn::constant(K));
    EXPECT_PRINTS(conv(X), R"(
[[[[348. 393.]
   [528. 573.]]]]
)");
    EXPECT_PRINTS(K, R"(
[[[[1. 2. 3.]
   [4. 5. 6.]
   [7. 8. 9.]]]]
)");
}

TEST(SecondDocument, Matrix) {
    Tensor X = arange(1, 17).reshape({1, 1, 4, 4});
    Tensor K = arange(1, 10).reshape({1, 1, 3, 3});
    Tensor W = zeros({4, 16}), k = zeros({11});
    k(Slice(0, 3)) = K(0, 0, 0, Slice()), k(Slice(4, 7)) = K(0, 0, 1, Slice()), k(Slice(8, 11)) = K(0, 0, 2, Slice());
    W(0, Slice(0, 11)) = k, W(1, Slice(1, 12)) = k, W(2, Slice(4, 15)) = k, W(3, Slice(5, 16)) = k;
    EXPECT_PRINTS(dot(W, X.reshape({16})).reshape({1, 1, 2, 2}), R"(
[[[[348. 393.]
   [528. 573.]]]]
)");
    EXPECT_PRINTS(W, R"(
[[1. 2. 3. 0. 4. 5. 6. 0. 7. 8. 9. 0. 0. 0. 0. 0.]
 [0. 1. 2. 3. 0. 4. 5. 6. 0. 7. 8. 9. 0. 0. 0. 0.]
 [0. 0. 0. 0. 1. 2. 3. 0. 4. 5. 6. 0. 7. 8. 9. 0.]
 [0. 0. 0. 0. 0. 1. 2. 3. 0. 4. 5. 6. 0. 7. 8. 9.]]
)");
    nn::Conv2d conv(1, 1, 3);
    const Problem problem = conv.problem({1, 1, 4, 4});
    const matrix::Dense built = matrix::dense(problem, matrix::numbered_weights(problem)).value();
    for (Eigen::Index row = 0; row < 4; ++row)
        for (Eigen::Index column = 0; column < 16; ++column) EXPECT_EQ(built(row, column), W(row, column).item());
}

// The text below the cell: the two layers exchange forward and backward, W and its transpose.
TEST(SecondDocument, Exchange) {
    const Tensor X = arange(1, 17).reshape({1, 1, 4, 4}), Y = tensor({{{{1, 2}, {3, 4}}}});
    nn::Conv2d conv(1, 1, 3, {.bias = false});
    nn::ConvTranspose2d tconv(1, 1, 3, {.bias = false});
    conv.weight.data = arange(1, 10).reshape({1, 1, 3, 3});
    tconv.weight = conv.weight;
    Tensor W = zeros({4, 16});
    for (int i = 0; i < 4; ++i)
        for (int row = 0, first = i / 2 * 4 + i % 2; row < 3; ++row, first += 4)
            W(i, Slice(first, first + 3)) = conv.weight.data(0, 0, row);

    EXPECT_TRUE(array_equal(conv(X).reshape({4}), matmul(W, X.reshape({16}))));
    EXPECT_TRUE(array_equal(conv.backward(X, Y).input_grad.reshape({16}), matmul(W.transpose(), Y.reshape({4}))));
    EXPECT_TRUE(array_equal(tconv(Y), conv.backward(X, Y).input_grad));
    EXPECT_TRUE(array_equal(tconv.backward(Y, X).input_grad, conv(X)));
    EXPECT_PRINTS(tconv(Y), R"(
[[[[ 1.  4.  7.  6.]
   [ 7. 23. 33. 24.]
   [19. 53. 63. 42.]
   [21. 52. 59. 36.]]]]
)");
}

TEST(SecondDocument, Halve) {
    nn::Conv2d conv(nn::kLazy, 10, 4, {.stride = 2, .padding = 1});
    conv.initialize();

    Tensor X = uniform({1, 3, 64, 64}, 0);
    Tensor Y = conv(X);
    EXPECT_EQ(to_string(Y.shape()), "(1, 10, 32, 32)");
}

TEST(SecondDocument, Double) {
    Tensor Y = uniform({1, 10, 32, 32}, 0);
    nn::ConvTranspose2d conv_trans(nn::kLazy, 3, 4, {.stride = 2, .padding = 1});
    conv_trans.initialize();
    EXPECT_EQ(to_string(conv_trans(Y).shape()), "(1, 3, 64, 64)");
}

// The text: to say something about every pixel, a network's map has to become large again. Two halvings, and an
// enlargement by 4 that begins as bilinear interpolation: pictures of any size that 4 divides come back as scores.
TEST(SecondDocument, FullyConvolutional) {
    nn::ConvTranspose2d head(3, 3, 8, {.stride = 4, .padding = 2, .bias = false});
    head.initialize(nn::bilinear());
    nn::Sequential net(nn::Conv2d(1, 8, 3, {.padding = 1}), nn::ReLU(), nn::MaxPool2d(2),
                       nn::Conv2d(8, 3, 3, {.padding = 1}), nn::MaxPool2d(2), head);
    EXPECT_EQ(to_string(net(uniform({1, 1, 64, 64}, 0)).shape()), "(1, 3, 64, 64)");
    EXPECT_EQ(to_string(net(uniform({2, 1, 16, 40}, 0)).shape()), "(2, 3, 16, 40)");
    const Tensor flat = head(ones({1, 3, 6, 6}));  // equal scores stay equal, but at the borders
    EXPECT_TRUE(array_equal(flat(Slice(), Slice(), Slice(2, -2), Slice(2, -2)), ones({1, 3, 20, 20})));
}

// The text: pictures out of numbers. DCGAN's ladder doubles the size at every step, and a gradient reaches its first
// layer through a ladder that halves.
TEST(SecondDocument, Generative) {
    const nn::ConvTransposeOptions twice{.stride = 2, .padding = 1, .bias = false};
    nn::Sequential generator(nn::ConvTranspose2d(100, 8, 4, {.bias = false}), nn::BatchNorm2d(8), nn::ReLU(),
                             nn::ConvTranspose2d(8, 4, 4, twice), nn::ConvTranspose2d(4, 2, 4, twice),
                             nn::ConvTranspose2d(2, 1, 4, twice), nn::Tanh());
    nn::Sequential discriminator(nn::Conv2d(1, 2, 4, {.stride = 2, .padding = 1}), nn::LeakyReLU(0.2),
                                 nn::Conv2d(2, 1, 16));
    const autograd::Variable pictures = generator(normal({3, 100, 1, 1}, 0));
    EXPECT_EQ(to_string(pictures.shape()), "(3, 1, 32, 32)");
    autograd::binary_cross_entropy_with_logits(discriminator(pictures), 1).backward();
    const Tensor grad = generator.parameters().front()->grad().value();
    EXPECT_GT(sum(grad * grad).item(), 0);
}

}  // namespace
}  // namespace tconv
