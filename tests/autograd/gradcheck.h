// Gradcheck: an operation's derivative against finite differences, in f64. One harness for every operation.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "tconv/autograd.h"
#include "tconv/factories.h"
#include "tconv/operations.h"

namespace tconv::testing {

using Inputs = std::vector<autograd::Variable>;
/// What is differentiated: some operations, of all inputs.
using Computation = std::function<autograd::Variable(const Inputs&)>;

/// sum of v * y, by hand: nothing of what is tested.
inline double weighted_sum(const Tensor& y, const Tensor& v) {
    const Tensor values = y.contiguous();
    double total = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(y.elements()); ++i)
        total += values.as<double>()[i] * v.as<double>()[i];
    return total;
}

/// The same computation of inputs that lie batch last.
inline Computation of_batch_last(const Computation& compute) {
    return [compute](const Inputs& inputs) {
        Inputs reordered;
        for (const autograd::Variable& input : inputs)
            reordered.push_back(input.data().rank() >= 2 ? autograd::batch_last(input) : input);
        return compute(reordered);
    };
}

/// For L = sum of v * compute(inputs), v random: dL/d(input) from the tape is compared with (L(x + h) - L(x - h)) / 2h
/// for every element of every input. Inputs are f64 and contiguous.
inline void expect_gradients_in_order(const Computation& compute, const std::vector<Tensor>& inputs, std::uint64_t seed,
                                      double tolerance) {
    constexpr double kStep = 1e-5;
    Inputs variables;
    for (const Tensor& input : inputs) variables.emplace_back(input, true);
    const autograd::Variable y = compute(variables);
    const Tensor v = uniform(y.shape(), seed, -1, 1, DType::f64);
    y.backward(v);
    const autograd::NoGrad no_grad;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        Tensor input = inputs[i];
        ASSERT_TRUE(variables[i].grad()) << "input " << i;
        const Tensor grad = variables[i].grad()->contiguous();
        ASSERT_EQ(grad.shape(), input.shape());
        double largest = 1;
        for (const double g : grad.as<double>()) largest = std::max(largest, std::abs(g));
        for (std::size_t at = 0; at < static_cast<std::size_t>(input.elements()); ++at) {
            double& x = input.as<double>()[at];
            const double before = x;
            x = before + kStep;
            const double above = weighted_sum(compute(variables).data(), v);
            x = before - kStep;
            const double below = weighted_sum(compute(variables).data(), v);
            x = before;
            ASSERT_NEAR(grad.as<double>()[at], (above - below) / (2 * kStep), tolerance * largest)
                << "input " << i << ", element " << at;
        }
    }
}

/// The same in both orders of memory.
inline void expect_gradients(const Computation& compute, const std::vector<Tensor>& inputs, std::uint64_t seed,
                             double tolerance = 1e-7) {
    expect_gradients_in_order(compute, inputs, seed, tolerance);
    SCOPED_TRACE("batch last");
    expect_gradients_in_order(of_batch_last(compute), inputs, seed, tolerance);
}

}  // namespace tconv::testing
