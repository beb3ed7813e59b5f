// What initialisers put into weights: exact values, statistics, seeds.
#include <algorithm>
#include <cmath>

#include "support.h"

namespace tconv::testing {
namespace {

using ::testing::HasSubstr;

struct Statistics {
    explicit Statistics(const Tensor& values) {
        const auto all = values.as<float>();
        const auto count = static_cast<double>(all.size());
        for (const double value : all) {
            mean += value / count;
            largest = std::max(largest, std::abs(value));
        }
        for (const double value : all) variance += (value - mean) * (value - mean) / count;
    }
    double mean = 0, variance = 0, largest = 0;
};

// 73728 weights: a mean is known to 1/270 of the deviation, a variance to 0.5 %; the bounds below are five times that.
const Shape kShape{64, 128, 3, 3};
constexpr double kFanIn = 128 * 9;

Tensor filled(const nn::Initialiser& initialiser, std::uint64_t seed = 11) {
    const Tensor weights = full(kShape, NAN);
    initialiser(weights, {.seed = seed});
    return weights;
}

void expect_uniform(const Tensor& weights, double low, double high) {
    const Statistics found(weights);
    const double deviation = (high - low) / std::sqrt(12.0);
    EXPECT_NEAR(found.mean, (low + high) / 2, deviation * 5 / 270);
    EXPECT_NEAR(found.variance / (deviation * deviation), 1, 0.025);
    EXPECT_LE(found.largest, std::max(std::abs(low), std::abs(high)));
    EXPECT_GT(found.largest, 0.999 * std::max(std::abs(low), std::abs(high)));
}

void expect_normal(const Tensor& weights, double mean, double deviation) {
    const Statistics found(weights);
    EXPECT_NEAR(found.mean, mean, deviation * 5 / 270);
    EXPECT_NEAR(found.variance / (deviation * deviation), 1, 0.025);
    EXPECT_GT(found.largest - std::abs(mean), 3.5 * deviation) << "has no tails";
}

TEST(Initialisers, UniformAndNormalHaveTheirMoments) {
    expect_uniform(filled(nn::uniform(-0.5, 1.5)), -0.5, 1.5);
    expect_normal(filled(nn::normal(2, 0.25)), 2, 0.25);
}

TEST(Initialisers, KaimingKnowsFanInAndSlope) {
    for (const double a : {0.0, 0.2, std::sqrt(5.0)}) {
        const double bound = std::sqrt(6 / ((1 + a * a) * kFanIn));
        expect_uniform(filled(nn::kaiming_uniform(a)), -bound, bound);
        expect_normal(filled(nn::kaiming_normal(a)), 0, std::sqrt(2 / ((1 + a * a) * kFanIn)));
    }
}

TEST(Initialisers, TheSeedAloneDecides) {
    for (const nn::Initialiser& random :
         {nn::uniform(-1, 1), nn::normal(0, 1), nn::kaiming_uniform(), nn::kaiming_normal()}) {
        EXPECT_TRUE(array_equal(filled(random, 3), filled(random, 3)));
        EXPECT_FALSE(array_equal(filled(random, 3), filled(random, 4)));
    }
    EXPECT_TRUE(array_equal(filled(nn::uniform(-2, 3), 7), uniform(kShape, 7, -2, 3)));
    EXPECT_TRUE(array_equal(filled(nn::normal(-2, 3), 7), normal(kShape, 7, -2, 3)));
    const double bound = std::sqrt(6 / kFanIn);
    EXPECT_TRUE(array_equal(filled(nn::kaiming_uniform(), 7), uniform(kShape, 7, -bound, bound)));
}

// torch.nn: init.kaiming_uniform_(weight, a=sqrt(5)), bias uniform within 1/sqrt(fan_in); fan_in is weight.size(1)
// times the taps, for the transposed layer too.
TEST(DefaultInitialisation, IsPyTorchs) {
    nn::manual_seed(1);
    nn::Conv2d convolution(128, 64, 3);
    nn::ConvTranspose2d transposed(64, 128, 3);
    nn::ConvTranspose2d grouped(64, 256, 3, {.groups = 2});
    nn::Conv1d with_many_biases(4, 60000, 1);
    const double bound = 1 / std::sqrt(kFanIn);
    for (const Tensor& weights : {convolution.weight.data, transposed.weight.data, grouped.weight.data})
        expect_uniform(weights, -bound, bound);
    expect_uniform(with_many_biases.bias->data, -0.5, 0.5);
    EXPECT_LE(Statistics(transposed.bias->data).largest, bound);
    EXPECT_GT(Statistics(transposed.bias->data).largest, 0.9 * bound);
}

TEST(DefaultInitialisation, ManualSeedRepeatsIt) {
    const auto make = [](std::uint64_t seed) {
        nn::manual_seed(seed);
        const nn::Conv2d first(2, 3, 3);
        const nn::ConvTranspose2d second(3, 2, 3);
        return std::vector<Tensor>{first.weight.data, first.bias->data, second.weight.data, second.bias->data};
    };
    const auto once = make(0), again = make(0), other = make(1);
    for (std::size_t i = 0; i < once.size(); ++i) {
        EXPECT_TRUE(array_equal(once[i], again[i]));
        EXPECT_FALSE(array_equal(once[i], other[i]));
    }
    EXPECT_FALSE(array_equal(once[0].reshape({-1}), once[2].reshape({-1}))) << "two layers in a row are the same";
    // The next seed is not the next layer of this one.
    EXPECT_FALSE(array_equal(once[2].reshape({-1}), other[0].reshape({-1})));
}

// Guards the sequence itself: programs' printed numbers depend on it.
TEST(DefaultInitialisation, TheNumbersOfASeedStay) {
    nn::manual_seed(0);
    const nn::ConvTranspose1d layer(1, 1, 2);
    EXPECT_EQ(to_string(layer.weight.data), "[[[-0.02535523 -0.56902975]]]");
    EXPECT_EQ(to_string(layer.bias->data), "[0.50498986]");
}

TEST(Initialize, SetsTheWeightsAndZeroesTheBiasInPlace) {
    nn::Conv2d layer(2, 3, 2);
    const Tensor weights = layer.weight.data, bias = layer.bias->data;
    layer.initialize(nn::constant(0.5));
    EXPECT_TRUE(array_equal(weights, full({3, 2, 2, 2}, 0.5)));
    EXPECT_TRUE(array_equal(bias, zeros({3})));
    layer.initialize();
    EXPECT_GT(sum(bias * bias).item(), 0);
    EXPECT_TRUE(layer.weight.data.shares_memory_with(weights));
}

TEST(Initialize, KeepsAReplacedKernelsSize) {
    nn::ConvTranspose2d layer(1, 1, 4);
    layer.weight.data = ones({1, 1, 3, 2});
    layer.initialize(nn::constant(2));
    EXPECT_TRUE(array_equal(layer.weight.data, full({1, 1, 3, 2}, 2)));
}

TEST(Constant, TakesATensorAndBroadcastsIt) {
    const Tensor K = tensor({{0, 1}, {2, 3}});
    nn::ConvTranspose2d layer(2, 3, 2);
    for (const Tensor& values : {K, K.reshape({1, 1, 2, 2}), K.to(DType::f64).value()}) {
        layer.initialize(nn::constant(values));
        EXPECT_TRUE(array_equal(layer.weight.data(1, 2), K));
        EXPECT_TRUE(array_equal(layer.weight.data(0, 0), K));
    }
    layer.initialize(nn::constant(K.transpose()));
    EXPECT_TRUE(array_equal(layer.weight.data(0, 1), tensor({{0, 2}, {1, 3}})));
    EXPECT_EQ(sentence_of([&] { layer.initialize(nn::constant(ones({3, 3}))); }),
              "constant() was given values of shape (3, 3), which do not go into weights of shape (2, 3, 2, 2); each "
              "size must be the weights' or 1");
    EXPECT_NE(sentence_of([&] { layer.initialize(nn::constant(ones({1, 2, 3, 2, 2}))); }), "");
}

TEST(Constant, TakesTheValuesAsTheyAre) {
    const Tensor K = ones({2, 2});
    nn::ConvTranspose2d layer(nn::kLazy, 1, 2);
    layer.initialize(nn::constant(K));
    K.fill(9);
    EXPECT_EQ(layer(ones({1, 1, 1})).reshape({-1})(0).item(), 1);
}

TEST(Bilinear, IsFcnsTriangle) {
    const auto line = [](std::int64_t kernel) {
        const Tensor weights = full({1, 1, kernel}, NAN, DType::f64);
        nn::bilinear()(weights, {});
        return weights.reshape({-1});
    };
    EXPECT_TRUE(array_equal(line(1), tensor({1})));
    EXPECT_TRUE(array_equal(line(2), tensor({0.5, 0.5})));
    EXPECT_TRUE(array_equal(line(3), tensor({0.5, 1, 0.5})));
    EXPECT_TRUE(array_equal(line(4), tensor({0.25, 0.75, 0.75, 0.25})));
    EXPECT_TRUE(allclose(line(5), tensor({1, 2, 3, 2, 1}, DType::f64) / 3));
    const Tensor square = zeros({1, 1, 4, 3});
    nn::bilinear()(square, {});
    EXPECT_TRUE(array_equal(square(0, 0), line(4).reshape({4, 1}) * line(3)));
}

TEST(Bilinear, GoesFromChannelToTheSameChannel) {
    const Tensor one = ones({1, 1, 1}), none = zeros({1, 1, 1});
    const auto stamped = [](const Shape& shape, std::int64_t groups) {
        const Tensor weights = full(shape, NAN);
        nn::bilinear()(weights, {.groups = groups});
        return weights.reshape({shape[0], shape[1]});
    };
    EXPECT_TRUE(array_equal(stamped({3, 3, 1}, 1), tensor({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}})));
    EXPECT_TRUE(array_equal(stamped({3, 1, 1}, 3), tensor({{1}, {1}, {1}}))) << "depthwise";
    EXPECT_TRUE(array_equal(stamped({3, 1, 1}, 1), tensor({{1}, {0}, {0}})));
    EXPECT_TRUE(array_equal(stamped({2, 3, 1}, 1), tensor({{1, 0, 0}, {0, 1, 0}})));
    EXPECT_TRUE(array_equal(stamped({4, 2, 1}, 2), tensor({{1, 0}, {0, 1}, {1, 0}, {0, 1}})));
}

// FCN's use: kernel 2f - f mod 2, stride f, padding (kernel - f) / 2 upsamples a constant to itself, but for the rim.
TEST(Bilinear, KeepsConstantsInTheInterior) {
    for (const std::int64_t factor : {2, 3, 4, 5}) {
        const std::int64_t kernel = 2 * factor - factor % 2, padding = (kernel - factor) / 2, size = 5 * factor;
        nn::ConvTranspose2d layer(3, 3, kernel, {.stride = factor, .padding = padding, .groups = 3});
        layer.initialize(nn::bilinear());
        const Tensor y = layer(full({3, 5, 5}, 7));
        ASSERT_EQ(y.shape(), (Shape{3, size, size}));
        const Slice inside(factor, size - factor);
        EXPECT_TRUE(allclose(y(Slice(), inside, inside), full({}, 7), 1e-6)) << factor;
        EXPECT_LT(y(0, 0, 0).item(), 7) << "the rim has fewer neighbours";
    }
}

TEST(Initialisers, RefuseWhatTheyCannotFill) {
    EXPECT_THAT(sentence_of([] { nn::uniform(1, 0); }), HasSubstr("give the lower bound first"));
    EXPECT_THAT(sentence_of([] { nn::normal(0, -1); }), HasSubstr("must be at least 0"));
    EXPECT_THAT(sentence_of([] { nn::normal(0, NAN); }), HasSubstr("must be at least 0"));
    EXPECT_THAT(sentence_of([] { nn::kaiming_uniform()(ones({3}), {}); }), HasSubstr("the weights have shape (3,)"));
    EXPECT_THAT(sentence_of([] { nn::bilinear()(ones({2, 2}), {}); }), HasSubstr("shape (2, 2)"));
    EXPECT_THAT(sentence_of([] { nn::bilinear()(ones({3, 1, 2}), {.groups = 2}); }), HasSubstr("groups 2"));
    for (const nn::Initialiser& initialiser : {nn::constant(1), nn::uniform(0, 1), nn::normal(0, 1),
                                               nn::kaiming_uniform(), nn::kaiming_normal(), nn::bilinear()})
        EXPECT_EQ(sentence_of([&] { initialiser(zeros({0, 2, 3}), {}); }), "") << "an empty tensor is filled already";
}

}  // namespace
}  // namespace tconv::testing
