// Modules: names, states, training and evaluation; layers on the tape; optimisers.
#include <gmock/gmock.h>

#include <cmath>

#include "support.h"
#include "tconv/optimisers.h"

namespace tconv::testing {
namespace {

using autograd::Variable;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

nn::Sequential small_network() {
    return nn::Sequential(nn::ConvTranspose2d(2, 4, 3, {.bias = false}), nn::BatchNorm2d(4), nn::ReLU(),
                          nn::Sequential(nn::Conv2d(4, 1, 3), nn::Tanh()), nn::Flatten(), nn::Linear(16, 3));
}

template <class Named>
std::vector<std::string> names_of(const Named& list) {
    std::vector<std::string> names;
    for (const auto& [name, value] : list) names.push_back(name);
    return names;
}

TEST(Module, HasPyTorchsNames) {
    nn::Sequential network = small_network();
    EXPECT_THAT(names_of(network.named_parameters()),
                ElementsAre("0.weight", "1.weight", "1.bias", "3.0.weight", "3.0.bias", "5.weight", "5.bias"));
    EXPECT_THAT(names_of(network.named_buffers()),
                ElementsAre("1.running_mean", "1.running_var", "1.num_batches_tracked"));
    EXPECT_THAT(names_of(network.state_dict()),
                ElementsAre("0.weight", "1.weight", "1.bias", "1.running_mean", "1.running_var",
                            "1.num_batches_tracked", "3.0.weight", "3.0.bias", "5.weight", "5.bias"));
    EXPECT_EQ(network.parameters().size(), 7u);
    EXPECT_EQ(network.size(), 6u);
    EXPECT_THAT(sentence_of([&] { network[6]; }), HasSubstr("none with the number 6"));
}

TEST(Module, ComputesWhatItsPartsDo) {
    nn::Sequential network = small_network();
    const Tensor x = normal({2, 2, 4, 4}, 1);
    network.eval();
    Variable y = x;
    for (std::size_t i = 0; i < network.size(); ++i) y = network[i](y);
    EXPECT_TRUE(array_equal(network(x).data(), y.data()));
    EXPECT_EQ(network(x).grad_fn(), "AddmmBackward0");
    EXPECT_EQ(nn::Sequential()(x).data().shape(), x.shape());
}

TEST(Module, TrainsAndEvaluates) {
    nn::Sequential network = small_network();
    const Tensor x = normal({2, 2, 4, 4}, 1);
    auto* norm = dynamic_cast<nn::BatchNorm2d*>(&network[1]);
    ASSERT_NE(norm, nullptr);
    EXPECT_TRUE(norm->is_training());
    network(x);
    network(x);
    EXPECT_EQ(norm->num_batches_tracked.item(), 2);
    network.eval();
    EXPECT_FALSE(norm->is_training());
    const Tensor before = norm->running_mean.clone();
    EXPECT_TRUE(array_equal(network(x).data(), network(x).data()));
    EXPECT_TRUE(array_equal(norm->running_mean, before));
    EXPECT_EQ(norm->num_batches_tracked.item(), 2);
    network.train();
    EXPECT_TRUE(norm->is_training());
}

TEST(Module, LoadsAState) {
    nn::Sequential from = small_network(), to = small_network();
    from(normal({2, 2, 4, 4}, 1));
    const Tensor x = normal({1, 2, 4, 4}, 2);
    from.eval(), to.eval();
    EXPECT_FALSE(array_equal(from(x).data(), to(x).data()));
    nn::StateDict state = from.state_dict();
    std::reverse(state.begin(), state.end());  // the order does not matter
    state.back().second = state.back().second.to(DType::f64).value();
    ASSERT_TRUE(to.load_state_dict(state));
    EXPECT_TRUE(array_equal(from(x).data(), to(x).data()));
    EXPECT_FALSE(to.state_dict()[0].second.shares_memory_with(from.state_dict()[0].second));
}

TEST(Module, RefusesAnotherState) {
    nn::Sequential network = small_network();
    const auto refusal = [&](const auto& change) {
        nn::StateDict state = small_network().state_dict();
        const Tensor before = network.state_dict()[0].second.clone();
        change(state);
        const auto loaded = network.load_state_dict(state);
        EXPECT_TRUE(array_equal(network.state_dict()[0].second, before)) << "nothing is changed";
        return loaded ? std::string() : loaded.error().message;
    };
    EXPECT_THAT(refusal([](auto& state) { state.pop_back(); }), HasSubstr("lacks '5.bias', of shape (3,)"));
    EXPECT_THAT(refusal([](auto& state) { state.emplace_back("6.weight", ones({1})); }),
                HasSubstr("'6.weight', which this network has not"));
    EXPECT_THAT(refusal([](auto& state) { state.emplace_back(state[0]); }), HasSubstr("two tensors named '0.weight'"));
    EXPECT_THAT(refusal([](auto& state) { state.back().second = ones({4}); }),
                HasSubstr("shape (4,), but this network's has (3,)"));
}

TEST(Module, ChangesItsType) {
    nn::Sequential network = small_network();
    const Tensor x = normal({2, 2, 4, 4}, 1);
    const Tensor f32 = network(x).data();
    network.to(DType::f64);
    const Tensor f64 = network(x.to(DType::f64).value()).data();
    EXPECT_EQ(f64.dtype(), DType::f64);
    EXPECT_TRUE(allclose(f32, f64, 1e-4, 1e-5));
}

// A layer on the tape has the gradients that backward() by name has.
TEST(Layer, OnTheTapeIsTheLayer) {
    nn::ConvTranspose2d layer(2, 3, 4, {.stride = 2, .padding = 1, .output_padding = 1});
    const Tensor x = normal({2, 2, 5, 5}, 1);
    const Variable input(x, true);
    const Variable y = layer(input);
    EXPECT_TRUE(array_equal(y.data(), layer(x)));
    EXPECT_EQ(y.grad_fn(), "ConvolutionBackward0");
    const Tensor dy = normal(y.shape(), 2);
    y.backward(dy);
    const nn::Gradients expected = layer.backward(x, dy);
    EXPECT_TRUE(array_equal(input.grad().value(), expected.input_grad));
    EXPECT_TRUE(array_equal(layer.weight.grad().value(), expected.weight_grad.value()));
    EXPECT_TRUE(array_equal(layer.bias->grad().value(), expected.bias_grad.value()));
    layer.zero_grad();
    EXPECT_FALSE(layer.weight.grad());
    layer.require_grad(false);
    EXPECT_EQ(layer(Variable(x)).grad_fn(), "");
    EXPECT_EQ(layer(input, {10, 11}).shape(), (Shape{2, 3, 10, 11})) << "output_size";
}

TEST(Layer, OnTheTapeTakesUnbatchedInput) {
    nn::Conv1d layer(2, 3, 2);
    const Variable x(normal({2, 5}, 1), true);
    const Variable y = layer(x);
    EXPECT_EQ(y.shape(), (Shape{3, 4}));
    y.backward(ones({3, 4}));
    EXPECT_EQ(x.grad()->shape(), (Shape{2, 5}));
}

TEST(Layer, LearnsItsChannelsOnTheTape) {
    nn::Conv2d lazy(nn::kLazy, 3, 2);
    EXPECT_EQ(lazy(Variable(ones({1, 5, 3, 3}))).shape(), (Shape{1, 3, 2, 2}));
    EXPECT_EQ(lazy.in_channels(), 5);
    EXPECT_THAT(sentence_of([&] { lazy(Variable(ones({1, 4, 3, 3}))); }), HasSubstr("4 channels"));
}

// One weight in two layers gets the sum of both gradients.
TEST(Layer, SharesItsGradientWithItsTranspose) {
    nn::Conv2d conv(1, 1, 1, {.bias = false});
    nn::ConvTranspose2d transposed(1, 1, 1, {.bias = false});
    transposed.weight = conv.weight;
    conv.weight.data.fill(3);
    transposed(conv(Variable(ones({1, 1, 1, 1})))).backward();
    EXPECT_EQ(conv.weight.grad()->item(), 6) << "d(w^2)/dw";
    EXPECT_EQ(transposed.weight.grad()->item(), 6);
}

// Two steps by hand.
TEST(Optimiser, SgdHasMomentum) {
    nn::Parameter w{tensor({1}, DType::f64)};
    nn::Sgd sgd({&w}, {.learning_rate = 0.1, .momentum = 0.5});
    for (int step = 0; step < 2; ++step) {
        sgd.zero_grad();
        w.variable().backward(tensor({2}, DType::f64));
        sgd.step();
    }
    EXPECT_DOUBLE_EQ(w.data.item(), 1 - 0.1 * 2 - 0.1 * (0.5 * 2 + 2));
    sgd.set_learning_rate(0);
    sgd.step();
    EXPECT_DOUBLE_EQ(w.data.item(), 0.5);
    EXPECT_EQ(sgd.steps(), 3);
}

TEST(Optimiser, AdamIsAsPublished) {
    nn::Parameter w{tensor({1, 1}, DType::f64)};
    nn::Adam adam({&w}, {.learning_rate = 0.1, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 1e-3});
    double m = 0, v = 0, x = 1;
    for (int t = 1; t <= 3; ++t) {
        adam.zero_grad();
        w.variable().backward(tensor({2. / t, 0}, DType::f64));
        adam.step();
        m = 0.5 * m + 0.5 * (2. / t);
        v = 0.75 * v + 0.25 * (2. / t) * (2. / t);
        x -= 0.1 * (m / (1 - std::pow(0.5, t))) / (std::sqrt(v / (1 - std::pow(0.75, t))) + 1e-3);
    }
    EXPECT_NEAR(w.data(0).item(), x, 1e-14);
    EXPECT_EQ(w.data(1).item(), 1);
}

TEST(Optimiser, GoesOnFromAState) {
    const auto run = [](int steps_before, int steps_after) {
        nn::Parameter w{tensor({1, 2})};
        const auto take = [&](nn::Optimiser& optimiser, int count, int first) {
            for (int step = 0; step < count; ++step) {
                optimiser.zero_grad();
                w.variable().backward(tensor({first + step + 1, 1}));
                optimiser.step();
            }
        };
        nn::Adam adam({&w}, {});
        take(adam, steps_before, 0);
        nn::StateDict state;
        for (const auto& [name, tensor] : adam.state()) state.emplace_back(name, tensor.clone());
        nn::Adam again({&w}, {});
        EXPECT_TRUE(again.load_state(state));
        take(again, steps_after, steps_before);
        return w.data;
    };
    EXPECT_TRUE(array_equal(run(2, 3), run(5, 0)));
    EXPECT_TRUE(array_equal(run(0, 5), run(5, 0)));
}

TEST(Optimiser, LeavesWhatHasNoGradient) {
    nn::Parameter with{tensor({1})}, without{tensor({1})};
    nn::Adam adam({&with, &without}, {});
    with.variable().backward(tensor({1}));
    adam.step();
    EXPECT_NE(with.data.item(), 1);
    EXPECT_EQ(without.data.item(), 1);
}

TEST(Optimiser, RefusesWithASentence) {
    nn::Parameter w{tensor({1})}, other{tensor({1, 2})};
    EXPECT_THAT(sentence_of([&] { nn::Sgd({&w}, {.learning_rate = -1}); }), HasSubstr("learning_rate -1"));
    EXPECT_THAT(sentence_of([&] { nn::Sgd({&w}, {.momentum = 1}); }), HasSubstr("below 1"));
    EXPECT_THAT(sentence_of([&] { nn::Adam({&w}, {.beta2 = 1}); }), HasSubstr("beta2"));
    EXPECT_THAT(sentence_of([&] { nn::Adam({&w}, {.epsilon = 0}); }), HasSubstr("epsilon"));
    nn::Adam adam({&w}, {}), of_other({&other}, {});
    const auto refused = adam.load_state(of_other.state());
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("'0.exp_avg' of shape (2,)"));
    EXPECT_FALSE(adam.load_state({}));
    w.data = ones({3});
    w.variable().backward(ones({3}));
    EXPECT_THAT(sentence_of([&] { adam.step(); }), HasSubstr("make an optimiser after"));
}

}  // namespace
}  // namespace tconv::testing
