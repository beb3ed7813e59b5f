// A problem with arrays of small whole numbers, so that every sum is exact and methods can be compared with ==.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tconv/plan.h"
#include "tconv/problem_text.h"
#include "tconv/reference.h"

namespace tconv::testing {

using ::testing::AllOf;
using ::testing::HasSubstr;

inline Problem parsed(const std::string& text) {
    auto problem = parse_problem(text);
    EXPECT_TRUE(problem.ok()) << text << (problem ? "" : ": " + problem.error().message);
    return problem ? *problem : Problem{};
}

inline Plan planned(const Problem& problem, Pass pass, const PlanOptions& options = {}) {
    auto plan = make_plan(problem, pass, options);
    EXPECT_TRUE(plan.ok()) << to_text(problem) << (plan ? "" : ": " + plan.error().message);
    return plan ? *plan : Plan();
}

inline Plan planned(const std::string& text, Pass pass, const PlanOptions& options = {}) {
    return planned(parsed(text), pass, options);
}

inline Error refused(const std::string& text, Pass pass, const PlanOptions& options) {
    const auto plan = make_plan(parsed(text), pass, options);
    EXPECT_FALSE(plan.ok()) << text;
    return plan ? Error{} : plan.error();
}

/// An environment variable for the time of a test.
class Environment {
public:
    Environment(const char* name, const char* value) : name_(name) {
        if (const char* before = std::getenv(name)) before_ = before;
        setenv(name, value, 1);
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }

private:
    const char* name_;
    std::optional<std::string> before_;
};

inline std::vector<float> numbers(std::int64_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = static_cast<float>(static_cast<int>(random() % 9) - 4);
    return values;
}

/// f32 arrays of a problem for one pass: what it reads, and where it writes.
struct Arrays {
    Arrays(const Problem& problem, Pass pass)
        : coarse(numbers(problem.coarse_elements(), 1)),
          fine(numbers(problem.fine_elements(), 2)),
          weights(numbers(problem.weight_elements(), 3)),
          bias(numbers(pass == Pass::scatter ? problem.fine_channels : problem.coarse_channels, 4)),
          residual(numbers(pass == Pass::scatter ? problem.fine_elements() : problem.coarse_elements(), 5)) {}

    std::vector<float> coarse, fine, weights, bias, residual;
};

inline std::vector<double> as_doubles(const std::vector<float>& values) { return {values.begin(), values.end()}; }

/// The definition's answer.
inline std::vector<float> expected(const Problem& problem, Pass pass, const Arrays& arrays) {
    const auto coarse = as_doubles(arrays.coarse), fine = as_doubles(arrays.fine), weights = as_doubles(arrays.weights),
               bias = as_doubles(arrays.bias), residual = as_doubles(arrays.residual);
    const reference::Epilogue epilogue{problem.has_bias ? bias.data() : nullptr,
                                       problem.has_sum ? residual.data() : nullptr, problem.activation};
    std::vector<double> answer(pass == Pass::scatter  ? fine.size()
                               : pass == Pass::gather ? coarse.size()
                                                      : weights.size());
    if (pass == Pass::scatter) reference::scatter(problem, coarse.data(), weights.data(), epilogue, answer.data());
    if (pass == Pass::gather) reference::gather(problem, fine.data(), weights.data(), epilogue, answer.data());
    if (pass == Pass::weight_grad) reference::weight_grad(problem, coarse.data(), fine.data(), answer.data());
    return {answer.begin(), answer.end()};
}

inline AlignedBuffer workspace_of(const Plan& plan) {
    auto buffer = AlignedBuffer::allocate(plan.workspace_bytes());
    EXPECT_TRUE(buffer.ok());
    std::fill_n(buffer->data(), buffer->size_bytes(), std::byte{0xff});  // NaN, whatever its type
    return std::move(*buffer);
}

inline PackedWeights packed(const Plan& plan, const Arrays& arrays) {
    auto weights = pack(plan, arrays.weights.data());
    EXPECT_TRUE(weights.ok()) << (weights ? "" : weights.error().message);
    return weights ? *weights : PackedWeights();
}

/// What a plan computes, with weights that were packed for it or for another; NaN where it writes nothing.
inline std::vector<float> computed(const Plan& plan, const PackedWeights& weights, const Arrays& arrays,
                                   const Executor* executor = nullptr) {
    const Problem& problem = plan.problem();
    const bool is_scatter = plan.pass() == Pass::scatter;
    std::vector<float> output(is_scatter ? arrays.fine.size() : arrays.coarse.size(),
                              std::numeric_limits<float>::quiet_NaN());
    AlignedBuffer workspace = workspace_of(plan);
    EXPECT_EQ(run(plan, weights,
                  {.input = is_scatter ? arrays.coarse.data() : arrays.fine.data(),
                   .bias = problem.has_bias ? arrays.bias.data() : nullptr,
                   .residual = problem.has_sum ? arrays.residual.data() : nullptr,
                   .output = output.data(),
                   .workspace = workspace.data(),
                   .executor = executor}),
              RunStatus::done);
    return output;
}

inline std::vector<float> computed(const Plan& plan, const Arrays& arrays, const Executor* executor = nullptr) {
    if (plan.pass() != Pass::weight_grad) return computed(plan, packed(plan, arrays), arrays, executor);
    std::vector<float> output(arrays.weights.size(), std::numeric_limits<float>::quiet_NaN());
    AlignedBuffer workspace = workspace_of(plan);
    EXPECT_EQ(
        run_weight_grad(plan, arrays.coarse.data(), arrays.fine.data(), output.data(), workspace.data(), executor),
        RunStatus::done);
    return output;
}

}  // namespace tconv::testing
