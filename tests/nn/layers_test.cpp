// What a layer is as an object: parameters, sharing, types, lazy channels, const-ness, and its refusals.
#include <cmath>

#include "support.h"
#include "tensor/plan_cache.h"

namespace tconv::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Misuse that types prevent.
static_assert(!std::is_constructible_v<nn::PerAxis, double>);
static_assert(!std::is_constructible_v<nn::PerAxis, bool>);
static_assert(!std::is_constructible_v<nn::PerAxis, char>);
static_assert(!std::is_constructible_v<nn::ConvolutionLayer, int, int, int>, "is no layer by itself");
static_assert(!std::is_invocable_v<nn::Conv2d&, Tensor, Sizes>, "output_size belongs to transposed layers");
static_assert(std::is_invocable_v<nn::ConvTranspose2d&, Tensor, Sizes>);
static_assert(std::is_invocable_v<const nn::ConvTranspose2d&, Tensor>);
static_assert(std::is_invocable_v<const nn::Conv2d&, Tensor>);
static_assert(!std::is_constructible_v<nn::Initialiser, double>, "a number is nn::constant(number)");

TEST(Layer, HasPyTorchsShapesAndDefaults) {
    nn::Conv3d convolution(4, 6, {1, 2, 3}, {.groups = 2});
    nn::ConvTranspose3d transposed(4, 6, {1, 2, 3}, {.groups = 2});
    EXPECT_EQ(convolution.weight.data.shape(), (Shape{6, 2, 1, 2, 3}));
    EXPECT_EQ(transposed.weight.data.shape(), (Shape{4, 3, 1, 2, 3}));
    EXPECT_EQ(transposed.bias->data.shape(), (Shape{6}));
    EXPECT_EQ(transposed.weight.data.dtype(), DType::f32);
    EXPECT_EQ(transposed.in_channels(), 4);
    EXPECT_EQ(transposed.out_channels(), 6);
    EXPECT_EQ(convolution.parameters(), (std::vector<nn::Parameter*>{&convolution.weight, &*convolution.bias}));
    const Problem problem = nn::ConvTranspose2d(1, 1, 3).problem({1, 1, 5, 5});
    EXPECT_EQ(problem.spatial()[0], (Axis{5, 7, 3, 1, 1, 0, 0}));
    EXPECT_TRUE(problem.has_bias);
    EXPECT_EQ(nn::Conv2d(1, 1, 3, {.bias = false}).parameters().size(), 1u);
}

TEST(Layer, ComputesGradientsThatAreAskedFor) {
    nn::ConvTranspose1d layer(1, 1, 2);
    const Tensor x = ones({1, 1, 2}), dy = ones({1, 1, 3});
    nn::Gradients all = layer.backward(x, dy);
    EXPECT_TRUE(array_equal(all.weight_grad.value(), tensor({{{2, 2}}})));
    EXPECT_TRUE(array_equal(all.bias_grad.value(), tensor({3})));
    layer.weight.requires_grad = false;
    EXPECT_FALSE(layer.backward(x, dy).weight_grad);
    EXPECT_TRUE(layer.backward(x, dy).bias_grad);
    layer.bias->requires_grad = false;
    EXPECT_FALSE(layer.backward(x, dy).bias_grad);
    EXPECT_TRUE(array_equal(layer.backward(x, dy).input_grad, all.input_grad));
}

TEST(Layer, SharesOneWeightWithItsTranspose) {
    nn::Conv2d convolution(3, 4, 2, {.stride = 2, .bias = false});
    nn::ConvTranspose2d transposed(4, 3, 2, {.stride = 2, .bias = false});
    transposed.weight = convolution.weight;
    const Tensor x = ones({1, 3, 4, 4}), y = ones({1, 4, 2, 2});
    convolution.weight.data.fill(1);
    EXPECT_TRUE(array_equal(transposed(y), full({1, 3, 4, 4}, 4)));
    transposed.weight.data += 1;
    EXPECT_TRUE(array_equal(convolution(x), full({1, 4, 2, 2}, 24)));
    transposed.initialize(nn::constant(0.5));
    EXPECT_TRUE(array_equal(convolution(x), full({1, 4, 2, 2}, 6)));
    // Each one's forward pass is the other's gradient.
    EXPECT_TRUE(array_equal(convolution.backward(x, y).input_grad, transposed(y)));
    EXPECT_TRUE(array_equal(transposed.backward(y, x).input_grad, convolution(x)));
    EXPECT_TRUE(array_equal(*transposed.backward(y, x).weight_grad, *convolution.backward(x, y).weight_grad));
    convolution.weight.data = zeros({4, 3, 2, 2});  // another tensor is the convolution's alone
    EXPECT_TRUE(array_equal(transposed.weight.data, full({4, 3, 2, 2}, 0.5)));
}

TEST(Layer, CopiesShareTheirParameters) {
    nn::ConvTranspose1d layer(1, 1, 2);
    const nn::ConvTranspose1d copy = layer;
    layer.weight.data.fill(3);
    EXPECT_TRUE(array_equal(copy.weight.data, full({1, 1, 2}, 3)));
}

TEST(Layer, HasTheTypeOfItsWeights) {
    nn::ConvTranspose1d layer(1, 1, 2);
    layer.to(DType::f64);
    const Tensor x = ones({1, 1, 2}, DType::f64), y = layer(x);
    EXPECT_EQ(y.dtype(), DType::f64);
    EXPECT_EQ(layer.problem(x.shape()).dtype, DType::f64);
    EXPECT_EQ(layer.backward(x, y).weight_grad->dtype(), DType::f64);
    EXPECT_EQ(layer.backward(x, y).bias_grad->dtype(), DType::f64);
}

TEST(Layer, RefusesToMixTypes) {
    nn::ConvTranspose1d layer(1, 1, 2);
    const Tensor x = ones({1, 1, 2}), wide = x.to(DType::f64).value(), dy = ones({1, 1, 3}, DType::f64);
    EXPECT_EQ(sentence_of([&] { layer(wide); }),
              "the input is f64, but the weights are f32; convert one of them: the layer with .to(DType::f64), for "
              "example");
    EXPECT_THAT(sentence_of([&] { layer.backward(x, dy); }), StartsWith("output_grad is f64, but the weights are f32"));
    EXPECT_THAT(sentence_of([&] { layer.backward(wide, dy); }), StartsWith("the input is f64"));
    layer.bias->data = zeros({1}, DType::f64);
    EXPECT_THAT(sentence_of([&] { layer(x); }), StartsWith("the bias is f64, but the weights are f32"));
    layer.to(DType::f64);
    EXPECT_THAT(sentence_of([&] { layer(x); }), HasSubstr("the tensor with .to(DType::f64)"));
}

TEST(LazyLayer, IsMadeByItsFirstInput) {
    nn::ConvTranspose2d layer(nn::kLazy, 2, 3);
    EXPECT_TRUE(layer.is_lazy());
    EXPECT_EQ(layer.problem({1, 7, 4, 4}).coarse_channels, 7);
    EXPECT_TRUE(layer.is_lazy());
    EXPECT_EQ(layer(ones({5, 4, 4}, DType::f64)).dtype(), DType::f64);
    EXPECT_EQ(layer.in_channels(), 5);
    EXPECT_EQ(layer.weight.data.shape(), (Shape{5, 2, 3, 3}));
    EXPECT_EQ(layer.bias->data.dtype(), DType::f64);
    EXPECT_THAT(sentence_of([&] { layer(ones({4, 4, 4}, DType::f64)); }), HasSubstr("this layer takes 5"));
}

TEST(LazyLayer, LearnsNothingFromAnInputThatDoesNotFit) {
    nn::Conv1d layer(nn::kLazy, 2, 3, {.groups = 2});
    EXPECT_NE(sentence_of([&] { layer(ones({1, 4, 2})); }), "") << "too short for the kernel";
    EXPECT_NE(sentence_of([&] { layer(ones({3, 5})); }), "") << "3 channels, groups 2";
    EXPECT_NE(sentence_of([&] { layer(ones({5})); }), "");
    EXPECT_TRUE(layer.is_lazy());
    EXPECT_EQ(layer(ones({4, 5})).shape(), (Shape{2, 3}));
}

TEST(LazyLayer, StaysLazyWhenItsInitialiserRefuses) {
    nn::Conv1d layer(nn::kLazy, 1, 2);
    layer.initialize(nn::constant(ones({5, 5})));
    for (int call = 0; call < 2; ++call) EXPECT_NE(sentence_of([&] { layer(ones({1, 2})); }), "");
    EXPECT_TRUE(layer.is_lazy());
    layer.initialize(nn::constant(2));
    EXPECT_TRUE(array_equal(layer(ones({1, 2})), tensor({{4}})));
}

TEST(LazyLayer, RemembersTheLatestInitialiser) {
    nn::Conv1d layer(nn::kLazy, 1, 2);
    layer.initialize(nn::constant(1));
    layer.initialize(nn::constant(2));
    EXPECT_TRUE(array_equal(layer(ones({1, 2})), tensor({{4}})));
    nn::Conv1d replaced(nn::kLazy, 1, 2);
    replaced.weight.data = ones({1, 3, 1});
    replaced.initialize(nn::constant(2));
    replaced(ones({3, 2}));
    EXPECT_TRUE(array_equal(replaced.weight.data, full({1, 3, 2}, 2)));
}

TEST(LazyLayer, KeepsWhatWasPutInPlace) {
    nn::Conv1d layer(nn::kLazy, 2, 2);
    layer.weight.data = ones({2, 3, 1});
    layer.bias->data = tensor({1, 2});
    EXPECT_THAT(sentence_of([&] { layer(ones({2, 2})); }), HasSubstr("the weights have shape (2, 3, 1)"));
    EXPECT_TRUE(array_equal(layer(ones({3, 2})), tensor({{4, 4}, {5, 5}})));
}

TEST(LazyLayer, IsOfNoUseWhereItIsConst) {
    const nn::Conv1d layer(nn::kLazy, 1, 2);
    EXPECT_THAT(sentence_of([&] { layer(ones({1, 2})); }), HasSubstr("does not know its input channels"));
    EXPECT_THAT(sentence_of([&] { layer.backward(ones({1, 2}), ones({1, 1})); }), HasSubstr("call it once"));
}

TEST(Layer, IsUsableWhereItIsConst) {
    const nn::ConvTranspose1d layer(1, 1, 2, {.stride = 2, .output_padding = 1});
    EXPECT_EQ(layer(ones({1, 2})).shape(), (Shape{1, 5}));
    EXPECT_EQ(layer(ones({1, 2}), {4}).shape(), (Shape{1, 4}));
    EXPECT_EQ(layer.problem({1, 2}, {4}).spatial()[0].fine, 4);
    EXPECT_EQ(layer.backward(ones({1, 2}), ones({1, 4})).input_grad.shape(), (Shape{1, 2}));
}

TEST(Layer, RefusesParametersAtOnce) {
    const auto made = [](auto... arguments) { return sentence_of([&] { nn::ConvTranspose2d layer(arguments...); }); };
    EXPECT_EQ(made(-2, 1, 3), "in_channels -2 must be at least 0, or kLazy to read it off the first input");
    EXPECT_EQ(made(1, -1, 3), "out_channels -1 must be at least 0");
    EXPECT_EQ(made(4, 3, 3, nn::ConvTransposeOptions{.groups = 2}),
              "out_channels 3 must be divisible by groups 2; change one of them");
    EXPECT_THAT(made(3, 4, 3, nn::ConvTransposeOptions{.groups = 2}), StartsWith("in_channels 3"));
    EXPECT_EQ(made(1, 1, 3, nn::ConvTransposeOptions{.groups = 0}), "groups 0 must be at least 1");
    EXPECT_THAT(made(1, 1, 0), HasSubstr("kernel_size 0 must be at least 1"));
    EXPECT_THAT(made(1, 1, nn::PerAxis{1, 2, 3}), HasSubstr("kernel_size has 3 entries for 2 spatial axes"));
    EXPECT_THAT(made(1, 1, nn::PerAxis(std::initializer_list<std::int64_t>{})), HasSubstr("kernel_size"));
    EXPECT_THAT(made(1, 1, 3, nn::ConvTransposeOptions{.stride = 0}), HasSubstr("stride 0"));
    EXPECT_THAT(made(1, 1, 3, nn::ConvTransposeOptions{.padding = -1}), HasSubstr("padding -1"));
    EXPECT_THAT(made(1, 1, 3, nn::ConvTransposeOptions{.output_padding = {0, -1}}), HasSubstr("output_padding -1"));
    EXPECT_THAT(made(1, 1, 3, nn::ConvTransposeOptions{.dilation = 0}), HasSubstr("dilation 0"));
    EXPECT_NE(made(std::int64_t{1} << 40, std::int64_t{1} << 40, 3), "") << "too large for any memory";
}

TEST(Layer, RefusesInputsAndReplacedParameters) {
    nn::ConvTranspose2d layer(2, 3, 3);
    const Tensor x = ones({1, 2, 4, 4});
    EXPECT_EQ(sentence_of([&] { layer(ones({4, 4})); }),
              "the input has shape (4, 4), but this layer takes (batch, channels, 2 sizes), or that without the batch");
    EXPECT_EQ(sentence_of([&] { layer(ones({1, 3, 4, 4})); }),
              "the input has shape (1, 3, 4, 4) and so 3 channels, but this layer takes 2; change in_channels or the "
              "input");
    EXPECT_THAT(sentence_of([&] { layer(Tensor()); }), HasSubstr("the input has shape (0,)"));
    EXPECT_EQ(sentence_of([&] { layer.backward(x, x); }),
              "output_grad has shape (1, 2, 4, 4), but for an input of shape (1, 2, 4, 4) the output has shape (1, 3, "
              "6, 6); give the gradient of this layer's output");
    EXPECT_NE(sentence_of([&] { layer.backward(x, ones({3, 6, 6})); }), "") << "one batched, the other not";
    for (const Shape& wrong : {Shape{3, 2, 3, 3}, Shape{2, 3, 3}, Shape{2, 3, 3, 3, 3}, Shape{0}, Shape{2, 1, 3, 3}}) {
        layer.weight.data = zeros(wrong);
        EXPECT_EQ(sentence_of([&] { layer(x); }),
                  "the weights have shape " + to_string(wrong) +
                      ", but this layer's are (2, 3, k1, k2); only the kernel's size may be another");
    }
    layer.weight.data = ones({2, 3, 0, 3});
    EXPECT_THAT(sentence_of([&] { layer(x); }), HasSubstr("kernel"));
    layer.weight.data = ones({2, 3, 1, 1});
    for (const Shape& wrong : {Shape{2}, Shape{3, 1}, Shape{}, Shape{0}}) {
        layer.bias->data = zeros(wrong);
        EXPECT_THAT(sentence_of([&] { layer(x); }), StartsWith("the bias has shape " + to_string(wrong)));
    }
    layer.bias.reset();
    EXPECT_TRUE(array_equal(layer(x), full({1, 3, 4, 4}, 2)));
}

TEST(Layer, RefusesOutputsThatCannotBe) {
    nn::ConvTranspose1d layer(1, 1, 2, {.stride = 2, .output_padding = 2});
    const Tensor x = ones({1, 3});
    EXPECT_THAT(sentence_of([&] { layer(x); }), HasSubstr("output_padding 2 must be smaller than max(stride 2"));
    EXPECT_EQ(layer(x, {7}).shape(), (Shape{1, 7})) << "output_size takes the place of output_padding";
    EXPECT_THAT(sentence_of([&] { layer(x, {8}); }), HasSubstr("it must be from 6 to 7"));
    EXPECT_THAT(sentence_of([&] { layer(x, {1, 2, 3}); }), HasSubstr("output_size has 3 entries"));
    nn::Conv1d convolution(1, 1, 4);
    EXPECT_NE(sentence_of([&] { convolution(x); }), "") << "the kernel is longer than the input";
}

TEST(Layer, PlansOnceInALoop) {
    const nn::ConvTranspose2d layer(3, 5, 4, {.stride = 2, .padding = 1});
    const Tensor x = ones({2, 3, 7, 9}), dy = ones({2, 5, 14, 18});
    const std::int64_t before = plan_cache::statistics().made;
    for (int i = 0; i < 10; ++i) {
        static_cast<void>(layer(x));
        static_cast<void>(layer.backward(x, dy));
    }
    EXPECT_EQ(plan_cache::statistics().made - before, 3) << "forward, and two gradients";
}

TEST(Layer, TakesEmptyBatchesAndChannels) {
    nn::ConvTranspose1d layer(2, 3, 2);
    EXPECT_EQ(layer(zeros({0, 2, 4})).shape(), (Shape{0, 3, 5}));
    EXPECT_TRUE(array_equal(layer.backward(zeros({0, 2, 4}), zeros({0, 3, 5})).bias_grad.value(), zeros({3})));
    nn::ConvTranspose1d nothing_in(0, 1, 2);
    EXPECT_TRUE(array_equal(nothing_in(zeros({0, 4})), zeros({1, 5}))) << "the bias alone, which is 0 without fan_in";
    nn::ConvTranspose1d nothing_out(1, 0, 2);
    EXPECT_EQ(nothing_out(zeros({1, 4})).shape(), (Shape{0, 5}));
}

}  // namespace
}  // namespace tconv::testing
