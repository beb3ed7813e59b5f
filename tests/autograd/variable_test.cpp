// The tape: what is recorded and what is not, how gradients meet, what backward() refuses, printing, threads, memory.
#include <gmock/gmock.h>

#include <functional>
#include <numeric>

#include "nn/support.h"
#include "tconv/operations.h"

namespace tconv::testing {
namespace {

using autograd::NoGrad;
using autograd::Variable;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Tensor numbers(const NestedList& list) { return tensor(list, DType::f64); }

TEST(Variable, IsALeafOrRemembersItsOperation) {
    const Variable constant(numbers({1, 2})), leaf(numbers({1, 2}), true);
    EXPECT_FALSE(constant.requires_grad());
    EXPECT_TRUE(leaf.requires_grad());
    EXPECT_EQ(leaf.grad_fn(), "");
    EXPECT_FALSE(autograd::tanh(constant).requires_grad());
    EXPECT_EQ(autograd::tanh(leaf).grad_fn(), "TanhBackward0");
    EXPECT_EQ(autograd::add(constant, leaf).grad_fn(), "AddBackward0");
    EXPECT_FALSE(autograd::tanh(leaf).detach().requires_grad());
    EXPECT_FALSE(leaf.grad());
}

TEST(Variable, RecordsNothingWithoutGradients) {
    const Variable leaf(numbers({1, 2}), true);
    {
        const NoGrad outer;
        {
            const NoGrad inner;
        }
        EXPECT_FALSE(autograd::is_recording());
        EXPECT_EQ(autograd::tanh(leaf).grad_fn(), "");
    }
    EXPECT_TRUE(autograd::is_recording());
    EXPECT_EQ(autograd::tanh(leaf).grad_fn(), "TanhBackward0");
}

TEST(Backward, AddsWhatComesOnEveryWay) {
    const Variable x(numbers({2, 3}), true);
    const Variable twice = autograd::add(x, x);
    autograd::add(twice, autograd::add(twice, x)).backward(numbers({1, 10}));
    EXPECT_TRUE(array_equal(x.grad().value(), numbers({5, 50})));
    autograd::add(x, x).backward(numbers({1, 1}));  // and to what is there
    EXPECT_TRUE(array_equal(x.grad().value(), numbers({7, 52})));
    x.zero_grad();
    EXPECT_FALSE(x.grad());
}

// add() hands one tensor to both of its inputs; neither may change the other's.
TEST(Backward, KeepsGradientsApart) {
    const Variable a(numbers({1}), true), b(numbers({1}), true);
    autograd::add(a, b).backward(numbers({1}));
    autograd::add(a, a).backward(numbers({1}));
    EXPECT_EQ(a.grad()->item(), 3);
    EXPECT_EQ(b.grad()->item(), 1);
}

TEST(Backward, StopsWhereNothingWantsAGradient) {
    const Variable x(numbers({1}), true), y(numbers({1}), true);
    autograd::add(x, y.detach()).backward(numbers({1}));
    EXPECT_TRUE(x.grad());
    EXPECT_FALSE(y.grad());
}

TEST(Backward, RefusesWithASentence) {
    const Variable x(numbers({1, 2}), true);
    const auto backward = [](const Variable& from) { return sentence_of([&] { from.backward(); }); };
    EXPECT_THAT(backward(x), HasSubstr("one number"));
    EXPECT_THAT(backward(numbers({1})), HasSubstr("requires a gradient"));
    EXPECT_THAT(sentence_of([&] { autograd::tanh(x).backward(numbers({1})); }), HasSubstr("shape (1,)"));
    EXPECT_THAT(sentence_of([&] { autograd::tanh(x).backward(tensor({1, 2})); }), HasSubstr("one type"));
    const Variable loss = autograd::mse_loss(x, numbers({0, 0}));
    loss.backward();
    EXPECT_THAT(backward(loss), AllOf(HasSubstr("MseLossBackward0"), HasSubstr("compute the loss again")));
}

// A tape of 100,000 steps neither recurses while it is walked nor while it is taken apart.
TEST(Backward, GoesAnyWay) {
    const Variable x(numbers({0}), true);
    const auto chain = [&] {
        Variable y = x;
        for (int i = 0; i < 100'000; ++i) y = autograd::add(y, x);
        return y;
    };
    chain().backward();
    EXPECT_EQ(x.grad()->item(), 100'001);
    static_cast<void>(chain());
}

TEST(Operations, RefuseWithASentence) {
    const Variable x(zeros({2, 3, 4, 4}, DType::f64)), one(zeros({1}, DType::f64)), f32(zeros({2, 3, 4, 4}));
    const auto refusal = [](const auto& action) { return sentence_of([&] { static_cast<void>(action()); }); };
    EXPECT_THAT(refusal([&] { return autograd::add(x, one); }), HasSubstr("(2, 3, 4, 4) and (1,)"));
    EXPECT_THAT(refusal([&] { return autograd::add(x, f32); }), HasSubstr("one shape and type"));
    EXPECT_THAT(refusal([&] { return autograd::leaky_relu(x, 0); }), HasSubstr("above 0"));
    EXPECT_THAT(refusal([&] { return autograd::max_pool2d(x, 5); }), HasSubstr("does not fit"));
    EXPECT_THAT(refusal([&] { return autograd::average_pool2d(x, 0); }), HasSubstr("at least 1"));
    EXPECT_THAT(refusal([&] { return autograd::average_pool2d(x, 2, -1); }), HasSubstr("at least 1"));
    EXPECT_THAT(refusal([&] { return autograd::concat({}); }), HasSubstr("nothing"));
    EXPECT_THAT(refusal([&] { return autograd::concat(std::vector{x, one}); }), HasSubstr("must be the same"));
    EXPECT_THAT(refusal([&] { return autograd::concat(std::vector{x}, 4); }), HasSubstr("axis 4"));
    EXPECT_THAT(refusal([&] { return autograd::reshape(x, {7, -1}); }), HasSubstr("reshape"));
    EXPECT_THAT(refusal([&] { return autograd::cross_entropy(x, {0}); }), HasSubstr("32 labels"));
    EXPECT_THAT(refusal([&] { return autograd::cross_entropy(x, autograd::Labels(32, 3)); }), HasSubstr("label 3"));
    EXPECT_THAT(refusal([&] { return autograd::cross_entropy(one, {0}); }), HasSubstr("(N, C)"));
    EXPECT_THAT(refusal([&] { return autograd::mse_loss(x, zeros({1})); }), HasSubstr("target of shape (1,)"));
    EXPECT_THAT(refusal([&] { return autograd::linear(x, x); }), HasSubstr("(out, in)"));
    const autograd::BatchNormTerms terms{.running_mean = zeros({3}, DType::f64),
                                         .running_variance = zeros({3}, DType::f64)};
    const Variable three(zeros({3}, DType::f64));
    EXPECT_THAT(refusal([&] { return autograd::batch_norm(one, three, three, terms); }), HasSubstr("(N, C)"));
    EXPECT_THAT(refusal([&] { return autograd::batch_norm(x, one, three, terms); }),
                HasSubstr("one value per channel"));
    EXPECT_THAT(refusal([&] { return autograd::batch_norm(zeros({1, 3}, DType::f64), three, three, terms); }),
                HasSubstr("more samples"));
    EXPECT_THAT(sentence_of([] { const autograd::Threads none(-1); }), HasSubstr("1 to 4096"));
    Problem problem;
    problem.has_sum = true;
    EXPECT_THAT(refusal([&] { return autograd::convolution(problem, Pass::scatter, x, x); }), HasSubstr("add()"));
    problem.has_sum = false;
    problem.has_bias = true;
    EXPECT_THAT(refusal([&] { return autograd::convolution(problem, Pass::scatter, x, x); }), HasSubstr("has_bias"));
}

TEST(Operations, TreatInfinitiesAndNaN) {
    const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
    const Tensor x = numbers({nan, -infinity, infinity, -1, 1});
    EXPECT_EQ(to_string(autograd::relu(x).data()), "[nan  0. inf  0.  1.]");
    EXPECT_EQ(to_string(autograd::leaky_relu(x, 0.5).data()), "[ nan -inf  inf -0.5  1. ]");
    EXPECT_EQ(to_string(autograd::max_pool2d(numbers({{{1, nan}, {3, 2}}}), 2).data()), "[[[nan]]]");
    // Losses of logits far away are neither infinite nor NaN.
    EXPECT_EQ(autograd::binary_cross_entropy_with_logits(numbers({1000}), 0).item(), 1000);
    EXPECT_EQ(autograd::binary_cross_entropy_with_logits(numbers({-1000}), 0).item(), 0);
    EXPECT_EQ(autograd::cross_entropy(numbers({{1000, 0}}), {1}).item(), 1000);
}

TEST(Operations, TakeViews) {
    Random random(7);
    const Tensor view = random.view_of_values({2, 3, 4, 4}), dense = view.contiguous();
    ASSERT_FALSE(view.is_contiguous());
    for (const auto& function : std::vector<Variable (*)(const Variable&)>{
             autograd::relu, [](const Variable& x) { return autograd::max_pool2d(x, 2); },
             [](const Variable& x) { return autograd::average_pool2d(x, 2); },
             [](const Variable& x) { return autograd::concat(std::vector{x, x}); },
             [](const Variable& x) { return autograd::add(x, x); }})
        EXPECT_TRUE(array_equal(function(view).data(), function(dense).data()));
}

// The order of memory is kept by every operation, and changes no value.
TEST(Operations, KeepTheOrderOfMemory) {
    const Tensor x = normal({5, 3, 8, 8}, 1, 0, 1, DType::f64), w = normal({4, 3, 3, 3}, 2, 0, 1, DType::f64);
    const Tensor last = autograd::batch_last(x).data();
    EXPECT_FALSE(last.is_contiguous());
    EXPECT_EQ(last.strides()[0], 1);
    EXPECT_TRUE(array_equal(last, x));
    EXPECT_TRUE(autograd::batch_first(last).data().is_contiguous());
    EXPECT_TRUE(array_equal(autograd::batch_first(last).data(), x));
    const auto norm = [](const Variable& in) {
        const Tensor one = ones({3}, DType::f64);
        return autograd::batch_norm(in, one, one, {.running_mean = one.clone(), .running_variance = one.clone()});
    };
    const auto convolve = [&](const Variable& in) {
        Problem problem;
        problem.batch = 5, problem.coarse_channels = 4, problem.fine_channels = 3;
        problem.dtype = DType::f64;
        for (Axis& axis : problem.spatial()) axis = {8, 8, 3, 1, 1, 1, 1};
        return autograd::convolution(problem, Pass::gather, in, w);
    };
    for (const auto& function : std::vector<std::function<Variable(const Variable&)>>{
             autograd::relu, autograd::tanh, [](const Variable& in) { return autograd::max_pool2d(in, 2); },
             [](const Variable& in) { return autograd::average_pool2d(in, 3, 2); },
             [](const Variable& in) { return autograd::concat(std::vector{in, in}); },
             [](const Variable& in) { return autograd::concat(std::vector{in, in}, 0); },
             [](const Variable& in) { return autograd::add(in, autograd::batch_first(in)); }, norm, convolve}) {
        const Tensor expected = function(x).data(), found = function(last).data();
        EXPECT_EQ(found.strides()[0], 1);
        EXPECT_TRUE(allclose(found, expected, 1e-12, 1e-12));
    }
    EXPECT_TRUE(array_equal(autograd::reshape(last, {5, -1}).data(), x.reshape({5, -1})));
}

// Running statistics as PyTorch blends them, and what they are used for.
TEST(BatchNorm, KeepsRunningStatistics) {
    const Tensor mean = numbers({1}), variance = numbers({2}), x = numbers({{{0, 4}}});
    const Variable weight(numbers({2})), bias(numbers({1}));
    autograd::BatchNormTerms terms{.running_mean = mean, .running_variance = variance, .epsilon = 0};
    const Tensor y = autograd::batch_norm(x, weight, bias, terms).data();
    EXPECT_TRUE(allclose(y, numbers({{{-1, 3}}})));
    EXPECT_TRUE(allclose(mean, numbers({0.9 * 1 + 0.1 * 2})));
    EXPECT_TRUE(allclose(variance, numbers({0.9 * 2 + 0.1 * 8}))) << "unbiased";
    terms.is_training = false;
    const double deviation = std::sqrt(2.6);
    EXPECT_TRUE(allclose(autograd::batch_norm(x, weight, bias, terms).data(),
                         numbers({{{1 - 2 * 1.1 / deviation, 1 + 2 * 2.9 / deviation}}})));
    EXPECT_TRUE(allclose(mean, numbers({1.1}))) << "not changed by evaluating";
}

TEST(Printing, IsAsPyTorchPrints) {
    EXPECT_EQ(to_string(Variable(tensor({1, 2.5}))), "tensor([1.0000, 2.5000])");
    EXPECT_EQ(to_string(Variable(tensor({{1, -2}, {300, 4}}), true)),
              "tensor([[  1.,  -2.],\n        [300.,   4.]], requires_grad=True)");
    EXPECT_EQ(to_string(autograd::mse_loss(Variable(tensor({1, 2}), true), zeros({2}))),
              "tensor(2.5000, grad_fn=<MseLossBackward0>)");
    EXPECT_EQ(to_string(Variable(full({}, 0.1, DType::f64))), "tensor(0.1000, dtype=f64)");
    EXPECT_EQ(to_string(Variable(zeros({0, 3}))), "tensor([], size=(0, 3))");
    EXPECT_THAT(to_string(Variable(arange(2000))), StartsWith("tensor([0.0000e+00, 1.0000e+00, 2.0000e+00,  ..., "));
    // A suffix that does not fit goes into a line of its own.
    EXPECT_THAT(to_string(Variable(arange(100, 112), true)), HasSubstr("111.],\n       requires_grad=True)"));
}

// Every operation, forward and backward, with one thread and with two.
TEST(Threads, DoNotChangeTheBits) {
    const auto run = [](int threads) {
        const autograd::Threads scope(threads);
        const Variable x(normal({8, 6, 24, 24}, 1), true), w(normal({4, 6, 4, 4}, 2), true),
            v(normal({6, 4, 4, 4}, 3), true);
        const Variable weight(uniform({4}, 4), true), bias(uniform({4}, 5), true);
        Problem problem;
        problem.batch = 8;
        problem.coarse_channels = 4;
        problem.fine_channels = 6;
        for (Axis& axis : problem.spatial()) axis = {12, 24, 4, 2, 1, 1, 1};
        Variable y = autograd::convolution(problem, Pass::gather, x, w);
        y = autograd::batch_norm(y, weight, bias, {.running_mean = zeros({4}), .running_variance = ones({4})});
        y = autograd::leaky_relu(y, 0.2);
        y = autograd::convolution(problem, Pass::scatter, y, autograd::reshape(v, {4, 6, 4, 4}));
        y = autograd::add(y, autograd::tanh(x));
        y = autograd::concat(
            std::vector{autograd::max_pool2d(y, 2), autograd::average_pool2d(autograd::sigmoid(y), 2)});
        const Variable loss = autograd::cross_entropy(y, autograd::Labels(8 * 12 * 12, 3));
        loss.backward();
        std::vector<Tensor> found{loss.data()};
        for (const Variable& leaf : {x, w, v, weight, bias}) found.push_back(leaf.grad().value());
        return found;
    };
    const std::vector<Tensor> one = run(1), two = run(2), three = run(3);
    for (std::size_t i = 0; i < one.size(); ++i) {
        EXPECT_TRUE(array_equal(one[i], two[i])) << i;
        EXPECT_TRUE(array_equal(one[i], three[i])) << i;
    }
}

TEST(Memory, IsUsedAgain) {
    const auto step = [] {
        const Variable x(zeros({64, 1024}), true);
        autograd::mse_loss(autograd::tanh(autograd::relu(x)), zeros({64, 1024})).backward();
    };
    step();
    const autograd::MemoryUse before = autograd::memory_use();
    for (int i = 0; i < 20; ++i) step();
    const autograd::MemoryUse after = autograd::memory_use();
    EXPECT_EQ(before.used_bytes, after.used_bytes);
    EXPECT_EQ(before.kept_bytes, after.kept_bytes);
}

TEST(Memory, IsGivenBackWhereSizesChange) {
    std::int64_t most = 0;
    for (std::int64_t rows = 1; rows < 400; ++rows) {
        static_cast<void>(autograd::relu(zeros({rows, 4096})));
        most = std::max(most, autograd::memory_use().kept_bytes);
    }
    EXPECT_LT(most, std::int64_t{80} << 20) << "of 400 sizes that are a quarter of 2.6 GB together";
}

TEST(Profile, NamesWhatWasRun) {
    const Variable x(ones({4}), true);
    const autograd::Profile profile;
    autograd::mse_loss(autograd::relu(autograd::relu(x)), zeros({4})).backward();
    const auto times = profile.times();
    ASSERT_EQ(times.size(), 2u);
    const auto relu =
        std::find_if(times.begin(), times.end(), [](const auto& time) { return time.name == "ReluBackward0"; });
    ASSERT_NE(relu, times.end());
    EXPECT_EQ(relu->calls, 2);
    EXPECT_GT(relu->forward_ms, 0);
    EXPECT_GT(relu->backward_ms, 0);
}

}  // namespace
}  // namespace tconv::testing
