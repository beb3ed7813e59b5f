#include "graveyard/graves.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "conformance/support/values.h"
#include "tconv/problem_text.h"
#include "tconv/reference.h"

namespace tconv::test {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double loss(const Layer& layer, const Doubles& output_grad) {
    const Doubles output = gathered(layer);
    double sum = 0;
    for (std::size_t i = 0; i < output.size(); ++i) sum += output_grad[i] * output[i];
    return sum;
}

// The loss is linear in every single value, so the difference is exact up to rounding whatever the step.
void expect_difference(const char* what, Layer& layer, Doubles& values, const Doubles& gradient,
                       const Doubles& output_grad) {
    ASSERT_EQ(values.size(), gradient.size()) << what;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double value = values[i];
        values[i] = value + 1;
        const double above = loss(layer, output_grad);
        values[i] = value - 1;
        const double below = loss(layer, output_grad);
        values[i] = value;
        ASSERT_NEAR(gradient[i], (above - below) / 2, 1e-10) << what << " element " << i;
    }
}

}  // namespace

Problem problem(const std::string& text) { return parse_problem(text).value(); }

Doubles forward(const Problem& problem, const Doubles& x, const Doubles& w, const Doubles& bias) {
    EXPECT_EQ(static_cast<std::int64_t>(x.size()), problem.coarse_elements());
    EXPECT_EQ(static_cast<std::int64_t>(w.size()), problem.weight_elements());
    return by_reference({problem, x, w, bias});
}

Doubles input_grad(const Problem& problem, const Doubles& output_grad, const Doubles& w) {
    EXPECT_EQ(static_cast<std::int64_t>(output_grad.size()), problem.fine_elements());
    return convolved_by_reference({problem, {}, w, {}}, output_grad);
}

Doubles weight_grad(const Problem& problem, const Doubles& x, const Doubles& output_grad) {
    Doubles gradient(static_cast<std::size_t>(problem.weight_elements()), kNaN);
    reference::weight_grad(problem, to_layout(problem, x, problem.coarse_channels, problem.coarse_positions()).data(),
                           to_layout(problem, output_grad, problem.fine_channels, problem.fine_positions()).data(),
                           gradient.data());
    return gradient;
}

void expect_ways_agree(const std::string& text) {
    const Problem p = problem(text);
    for (const std::uint64_t seed : {base_seed(), base_seed() + 1}) EXPECT_EQ(disagreement(p, seed), "") << text;
}

void expect_gradients(const std::string& text) {
    SCOPED_TRACE(text);
    const Problem p = problem(text);
    Layer layer = random_layer(p, Values::reals, base_seed());
    Problem output_shaped = p;  // a layer whose input has the output's size, for as many random values
    output_shaped.coarse_channels = p.fine_channels;
    for (Axis& axis : output_shaped.axes) axis.coarse = axis.fine;
    const Doubles g = random_layer(output_shaped, Values::reals, base_seed() + 7).input;

    expect_difference("input_grad", layer, layer.input, input_grad(p, g, layer.weights), g);
    expect_difference("weight_grad", layer, layer.weights, weight_grad(p, layer.input, g), g);
    if (!p.has_bias) return;
    Doubles bias_gradient(layer.bias.size(), kNaN);
    reference::bias_grad(p, Pass::scatter, to_layout(p, g, p.fine_channels, p.fine_positions()).data(),
                         bias_gradient.data());
    expect_difference("bias_grad", layer, layer.bias, bias_gradient, g);
}

}  // namespace tconv::test
