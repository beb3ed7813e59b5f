// Every operation's derivative, over random shapes.
#include <gtest/gtest-spi.h>

#include "gradcheck.h"
#include "nn/support.h"
#include "tconv/operations.h"

namespace tconv::testing {
namespace {

using autograd::Variable;

// Random values of a shape; no two of them near each other or near 0, so that no maximum and no sign changes when one
// of them moves a little.
Tensor apart(Random& random, const Shape& shape) {
    const Tensor tensor = zeros(shape, DType::f64);
    std::vector<double> values;
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
        const double size = 0.05 + 0.01 * static_cast<double>(i);
        values.push_back(random.from_to(0, 1) == 0 ? size : -size - 0.005);
    }
    for (std::size_t i = values.size(); i > 1; --i)
        std::swap(values[i - 1], values[static_cast<std::size_t>(random.from_to(0, static_cast<std::int64_t>(i) - 1))]);
    std::copy(values.begin(), values.end(), Tensor(tensor).as<double>().begin());
    return tensor;
}

// (N, C, H, W), at most 3 of each and rows enough for a window.
Shape any_shape(Random& random, std::int64_t least_rows = 1) {
    return {random.from_to(1, 3), random.from_to(1, 3), random.from_to(least_rows, least_rows + 3),
            random.from_to(least_rows, least_rows + 3)};
}

constexpr int kProblems = 12;

// check(random, seed) for some seeds; a failure names its seed.
template <class Check>
void for_each_seed(Check check) {
    for (std::uint64_t seed = 1; seed <= kProblems; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random random(seed);
        check(random, seed);
        if (::testing::Test::HasFatalFailure()) return;
    }
}

template <class Layer, int kRank>
void check_layer() {
    for_each_seed([](Random& random, std::uint64_t seed) {
        RandomLayer<Layer, kRank> drawn(random);
        if (drawn.problem.batch == 0) return;
        Layer layer = drawn.make(random);
        std::vector<Tensor> inputs{random.values(drawn.input_shape()), layer.weight.data};
        if (layer.bias) inputs.push_back(layer.bias->data);
        const Problem problem = layer.problem(drawn.input_shape());
        expect_gradients(
            [&](const Inputs& in) {
                return autograd::convolution(problem,
                                             RandomLayer<Layer, kRank>::kIsTransposed ? Pass::scatter : Pass::gather,
                                             in[0], in[1], in.size() > 2 ? &in[2] : nullptr);
            },
            inputs, seed, 1e-6);
    });
}

TEST(Gradients, OfConvolutions) {
    check_layer<nn::Conv1d, 1>();
    check_layer<nn::Conv2d, 2>();
    check_layer<nn::Conv3d, 3>();
}

TEST(Gradients, OfTransposedConvolutions) {
    check_layer<nn::ConvTranspose1d, 1>();
    check_layer<nn::ConvTranspose2d, 2>();
    check_layer<nn::ConvTranspose3d, 3>();
}

TEST(Gradients, OfLinear) {
    for_each_seed([](Random& random, std::uint64_t seed) {
        const std::int64_t n = random.from_to(1, 4), in = random.from_to(1, 5), out = random.from_to(1, 5);
        std::vector<Tensor> inputs{apart(random, {n, in}), apart(random, {out, in})};
        if (seed % 2 == 0) inputs.push_back(apart(random, {out}));
        expect_gradients([](const Inputs& x) { return autograd::linear(x[0], x[1], x.size() > 2 ? &x[2] : nullptr); },
                         inputs, seed);
    });
}

TEST(Gradients, OfBatchNormOfTheBatch) {
    for_each_seed([](Random& random, std::uint64_t seed) {
        Shape shape = any_shape(random);
        if (shape[0] * shape[2] * shape[3] < 2) shape[0] = 2;
        if (seed % 3 == 0) shape = {shape[0] + 1, shape[1]};
        const Tensor statistics = ones({shape[1]}, DType::f64);
        expect_gradients(
            [&](const Inputs& x) {
                return autograd::batch_norm(
                    x[0], x[1], x[2], {.running_mean = statistics.clone(), .running_variance = statistics.clone()});
            },
            {apart(random, shape), apart(random, {shape[1]}), apart(random, {shape[1]})}, seed, 1e-6);
    });
}

TEST(Gradients, OfBatchNormOfRunningStatistics) {
    for_each_seed([](Random& random, std::uint64_t seed) {
        const Shape shape = any_shape(random);
        const Tensor mean = apart(random, {shape[1]}), variance = uniform({shape[1]}, seed, 0.5, 2, DType::f64);
        expect_gradients(
            [&](const Inputs& x) {
                return autograd::batch_norm(x[0], x[1], x[2],
                                            {.running_mean = mean, .running_variance = variance, .is_training = false});
            },
            {apart(random, shape), apart(random, {shape[1]}), apart(random, {shape[1]})}, seed);
    });
}

TEST(Gradients, OfFunctionsElementByElement) {
    for (const auto& function : std::vector<Variable (*)(const Variable&)>{
             autograd::relu, [](const Variable& x) { return autograd::leaky_relu(x, 0.2); }, autograd::tanh,
             autograd::sigmoid})
        for_each_seed([&](Random& random, std::uint64_t seed) {
            expect_gradients([&](const Inputs& x) { return function(x[0]); }, {apart(random, any_shape(random))}, seed);
        });
}

TEST(Gradients, OfAdd) {
    for_each_seed([](Random& random, std::uint64_t seed) {
        const Shape shape = any_shape(random);
        expect_gradients([](const Inputs& x) { return autograd::add(x[0], x[1]); },
                         {apart(random, shape), apart(random, shape)}, seed);
        // One variable twice: both ways bring a gradient.
        expect_gradients([](const Inputs& x) { return autograd::add(x[0], autograd::tanh(x[0])); },
                         {apart(random, shape)}, seed);
    });
}

TEST(Gradients, OfPooling) {
    for_each_seed([](Random& random, std::uint64_t seed) {
        const std::int64_t kernel = random.from_to(1, 3), stride = random.from_to(0, 3);
        const Shape shape = any_shape(random, kernel);
        expect_gradients([&](const Inputs& x) { return autograd::average_pool2d(x[0], kernel, stride); },
                         {apart(random, shape)}, seed);
        expect_gradients([&](const Inputs& x) { return autograd::max_pool2d(x[0], kernel, stride); },
                         {apart(random, shape)}, seed);
    });
}

TEST(Gradients, OfConcat) {
    for_each_seed([](Random& random, std::uint64_t seed) {
        const Shape shape = any_shape(random);
        const std::int64_t axis = random.from_to(0, 3);
        std::vector<Tensor> parts;
        for (std::int64_t i = random.from_to(1, 3); i > 0; --i) {
            Shape part = shape;
            part[static_cast<std::size_t>(axis)] = random.from_to(1, 3);
            parts.push_back(apart(random, part));
        }
        expect_gradients([&](const Inputs& x) { return autograd::concat(x, seed % 2 == 0 ? axis : axis - 4); }, parts,
                         seed);
    });
}

TEST(Gradients, OfReshape) {
    for_each_seed([](Random& random, std::uint64_t seed) {
        expect_gradients([](const Inputs& x) { return autograd::reshape(x[0], {x[0].shape(0), -1}); },
                         {apart(random, any_shape(random))}, seed);
    });
}

TEST(Gradients, OfCrossEntropy) {
    for_each_seed([](Random& random, std::uint64_t seed) {
        Shape shape = any_shape(random);
        if (seed % 3 == 0) shape = {shape[0], shape[1]};
        autograd::Labels labels;
        for (std::int64_t i = element_count(shape).value() / shape[1]; i > 0; --i)
            labels.push_back(static_cast<std::int32_t>(random.from_to(0, shape[1] - 1)));
        expect_gradients([&](const Inputs& x) { return autograd::cross_entropy(x[0], labels); }, {apart(random, shape)},
                         seed);
    });
}

TEST(Gradients, OfLosses) {
    for_each_seed([](Random& random, std::uint64_t seed) {
        const Shape shape = any_shape(random);
        const Tensor target = uniform(shape, seed, 0, 1, DType::f64);
        expect_gradients([&](const Inputs& x) { return autograd::binary_cross_entropy_with_logits(x[0], target); },
                         {apart(random, shape)}, seed);
        expect_gradients([&](const Inputs& x) { return autograd::binary_cross_entropy_with_logits(x[0], 1.0); },
                         {apart(random, shape)}, seed);
        expect_gradients([&](const Inputs& x) { return autograd::mse_loss(x[0], target); }, {apart(random, shape)},
                         seed);
    });
}

// The harness itself: a wrong derivative is seen.
TEST(Gradients, HarnessSeesAWrongDerivative) {
    class WrongSquare : public autograd::Operation {
    public:
        std::string_view name() const noexcept override { return "Wrong"; }
        Tensor forward(std::span<const Tensor> inputs) override { return x_ = inputs[0], x_ * x_; }
        autograd::InputGrads vjp(const Tensor& dy, const std::vector<bool>&) override { return {dy * x_ * 2.001}; }

    private:
        Tensor x_;
    };
    ::testing::TestPartResultArray failures;
    {
        ::testing::ScopedFakeTestPartResultReporter reporter(
            ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
        expect_gradients_in_order(
            [](const Inputs& x) { return autograd::perform(std::make_unique<WrongSquare>(), std::span(x)); },
            {tensor({1, 2}, DType::f64)}, 1, 1e-7);
    }
    EXPECT_EQ(failures.size(), 1);
}

}  // namespace
}  // namespace tconv::testing
