// What the three passes owe to each other: adjointness, linearity, gradients.
#include <cmath>

#include "random_problem.h"

namespace tconv::testing {
namespace {

RC_GTEST_PROP(Algebra, GatherIsTheAdjointOfScatter, ()) {
    const Problem p = *any_problem();
    const auto x = any_coarse(p), w = any_weights(p), y = any_fine(p);
    RC_ASSERT(dot(gather(p, y, w), x) == dot(y, scatter(p, x, w)));
}

RC_GTEST_PROP(Algebra, WeightGradIsTheAdjointInTheWeights, ()) {
    const Problem p = *any_problem();
    const auto x = any_coarse(p), w = any_weights(p), y = any_fine(p);
    RC_ASSERT(dot(weight_grad(p, x, y), w) == dot(y, scatter(p, x, w)));
}

RC_GTEST_PROP(Algebra, ScatterIsLinearInInputAndWeights, ()) {
    const Problem p = *any_problem();
    const auto x1 = any_coarse(p), x2 = any_coarse(p), w1 = any_weights(p), w2 = any_weights(p);
    const auto combine = [](const std::vector<double>& a, const std::vector<double>& b) {
        std::vector<double> sum(a.size());
        for (std::size_t i = 0; i < a.size(); ++i) sum[i] = 2 * a[i] - 3 * b[i];
        return sum;
    };
    RC_ASSERT(scatter(p, combine(x1, x2), w1) == combine(scatter(p, x1, w1), scatter(p, x2, w1)));
    RC_ASSERT(scatter(p, x1, combine(w1, w2)) == combine(scatter(p, x1, w1), scatter(p, x1, w2)));
}

// d loss / d value by central differences of loss = <r, f(...)>. The loss is linear in each argument, so the difference
// over a step of 1 is exact in whole numbers; what is tested is every index of the gradient.
template <class Loss>
std::vector<double> differences(std::vector<double> at, Loss loss) {
    std::vector<double> gradient(at.size());
    for (std::size_t i = 0; i < at.size(); ++i) {
        const double value = at[i];
        at[i] = value + 1;
        const double above = loss(at);
        at[i] = value - 1;
        gradient[i] = (above - loss(at)) / 2;
        at[i] = value;
    }
    return gradient;
}

RC_GTEST_PROP(Gradients, OfTheTransposedConvolution, ()) {
    const Problem p = *rc::gen::resize(20, any_problem());
    RC_PRE(p.coarse_elements() <= 60 && p.weight_elements() <= 60);
    const auto x = any_coarse(p), w = any_weights(p), r = any_fine(p), b = any_values(p.fine_channels);
    const auto loss = [&](const auto& x_, const auto& w_, const auto& b_) {
        return dot(r, scatter(p, x_, w_, {b_.data(), nullptr, {}}));
    };
    RC_ASSERT(differences(x, [&](const auto& v) { return loss(v, w, b); }) == gather(p, r, w));
    RC_ASSERT(differences(w, [&](const auto& v) { return loss(x, v, b); }) == weight_grad(p, x, r));
    std::vector<double> bias_grad(b.size(), std::nan(""));
    reference::bias_grad(p, Pass::scatter, r.data(), bias_grad.data());
    RC_ASSERT(differences(b, [&](const auto& v) { return loss(x, w, v); }) == bias_grad);
}

RC_GTEST_PROP(Gradients, OfTheConvolution, ()) {
    const Problem p = *rc::gen::resize(20, any_problem());
    RC_PRE(p.fine_elements() <= 80 && p.weight_elements() <= 60);
    const auto y = any_fine(p), w = any_weights(p), r = any_coarse(p), b = any_values(p.coarse_channels);
    const auto loss = [&](const auto& y_, const auto& w_, const auto& b_) {
        return dot(r, gather(p, y_, w_, {b_.data(), nullptr, {}}));
    };
    RC_ASSERT(differences(y, [&](const auto& v) { return loss(v, w, b); }) == scatter(p, r, w));
    RC_ASSERT(differences(w, [&](const auto& v) { return loss(y, v, b); }) == weight_grad(p, r, y));
    std::vector<double> bias_grad(b.size(), std::nan(""));
    reference::bias_grad(p, Pass::gather, r.data(), bias_grad.data());
    RC_ASSERT(differences(b, [&](const auto& v) { return loss(y, w, v); }) == bias_grad);
}

// Through a smooth activation the loss is not linear; real values and a real step, in f64.
RC_GTEST_PROP(Gradients, ChainThroughASmoothActivation, ()) {
    Problem p = *rc::gen::resize(10, any_problem(2));
    RC_PRE(p.coarse_elements() > 0 && p.coarse_elements() <= 40);
    p.activation = {Activation::Kind::tanh, 0, 0};
    auto x = any_coarse(p), w = any_weights(p);
    for (double& value : w) value *= 0.05;
    const auto r = any_fine(p);
    const auto y = scatter(p, x, w, {nullptr, nullptr, p.activation});
    std::vector<double> dz(r.size());
    for (std::size_t i = 0; i < r.size(); ++i) dz[i] = r[i] * (1 - y[i] * y[i]);
    const auto analytic = gather(p, dz, w);
    constexpr double kStep = 1e-5;
    for (std::size_t i = 0; i < x.size(); ++i) {
        auto above = x, below = x;
        above[i] += kStep;
        below[i] -= kStep;
        const double numeric = (dot(r, scatter(p, above, w, {nullptr, nullptr, p.activation})) -
                                dot(r, scatter(p, below, w, {nullptr, nullptr, p.activation}))) /
                               (2 * kStep);
        RC_ASSERT(std::abs(numeric - analytic[i]) <= 1e-6 * (1 + std::abs(numeric)));
    }
}

RC_GTEST_PROP(Epilogue, IsActivationOfSumPlusBiasPlusResidual, ()) {
    const Problem p = *any_problem();
    const auto x = any_coarse(p), w = any_weights(p), b = any_values(p.fine_channels), residual = any_fine(p);
    using Kind = Activation::Kind;
    const Activation activation = *rc::gen::element(Activation{}, Activation{Kind::relu, 0, 0},
                                                    Activation{Kind::leaky, 0.25, 0}, Activation{Kind::tanh, 0, 0},
                                                    Activation{Kind::sigmoid, 0, 0}, Activation{Kind::clamp, -2, 3});
    const auto plain = scatter(p, x, w), all = scatter(p, x, w, {b.data(), residual.data(), activation});
    const std::int64_t positions = p.fine_positions();
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto at = static_cast<std::int64_t>(i);
        const std::int64_t channel =
            p.layout == Layout::channels_first ? at / positions % p.fine_channels : at % p.fine_channels;
        const double z = plain[i] + b[static_cast<std::size_t>(channel)] + residual[i];
        const double expected = activation.kind == Kind::relu      ? std::max(z, 0.0)
                                : activation.kind == Kind::leaky   ? (z < 0 ? z / 4 : z)
                                : activation.kind == Kind::tanh    ? std::tanh(z)
                                : activation.kind == Kind::sigmoid ? 1 / (1 + std::exp(-z))
                                : activation.kind == Kind::clamp   ? std::min(3.0, std::max(-2.0, z))
                                                                   : z;
        RC_ASSERT(all[i] == expected);
    }
}

}  // namespace
}  // namespace tconv::testing
