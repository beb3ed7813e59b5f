#include "methods/support/trial.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "tconv/reference.h"

namespace tconv::testing {
namespace {

std::vector<double> random_values(std::int64_t count, Values kind, DType dtype, std::mt19937_64& random) {
    std::vector<double> values(static_cast<std::size_t>(count));
    for (double& value : values) {
        const std::uint64_t bits = random();
        value = kind == Values::whole ? static_cast<double>(bits % 9) - 4
                                      : static_cast<double>(bits >> 11) * 0x1p-52 - 1;  // in [-1, 1)
        if (dtype == DType::f32) value = static_cast<double>(static_cast<float>(value));
    }
    return values;
}

std::vector<double> compute(const Trial& trial, const Activation& activation) {
    const Problem& problem = trial.problem;
    std::vector<double> output(static_cast<std::size_t>(trial.written_elements()));
    const reference::Epilogue epilogue{problem.has_bias ? trial.bias.data() : nullptr,
                                       problem.has_sum ? trial.residual.data() : nullptr, activation};
    switch (trial.pass) {
        case Pass::scatter:
            reference::scatter(problem, trial.coarse.data(), trial.weights.data(), epilogue, output.data());
            break;
        case Pass::gather:
            reference::gather(problem, trial.fine.data(), trial.weights.data(), epilogue, output.data());
            break;
        case Pass::weight_grad:
            reference::weight_grad(problem, trial.coarse.data(), trial.fine.data(), output.data());
            break;
    }
    return output;
}

/// What each sum's terms add up to without their signs.
std::vector<double> magnitudes(Trial trial) {
    for (auto* const values : {&trial.coarse, &trial.fine, &trial.weights, &trial.bias, &trial.residual})
        for (double& value : *values) value = std::fabs(value);
    return compute(trial, {});
}

/// Terms of the longest sum: products, bias and residual.
double reduction_length(const Problem& problem, Pass pass) {
    if (pass == Pass::weight_grad)
        return static_cast<double>(problem.batch) * static_cast<double>(problem.coarse_positions());
    const std::int64_t channels = pass == Pass::scatter ? problem.coarse_channels : problem.fine_channels;
    return static_cast<double>(channels / problem.groups) * static_cast<double>(problem.taps()) + 2;
}

bool is_transcendental(Activation::Kind kind) {
    return kind == Activation::Kind::tanh || kind == Activation::Kind::sigmoid;
}

}  // namespace

Trial::Trial(const Problem& asked, Pass asked_pass, Values kind, std::uint64_t seed)
    : problem(asked), pass(asked_pass), values(kind) {
    std::mt19937_64 random(seed);
    const bool writes_fine = pass == Pass::scatter;
    if (pass == Pass::weight_grad) problem.has_bias = problem.has_sum = false, problem.activation = {};
    if (pass != Pass::gather) coarse = random_values(problem.coarse_elements(), kind, problem.dtype, random);
    if (pass != Pass::scatter) fine = random_values(problem.fine_elements(), kind, problem.dtype, random);
    if (pass == Pass::weight_grad) return;
    weights = random_values(problem.weight_elements(), kind, problem.dtype, random);
    if (problem.has_bias)
        bias =
            random_values(writes_fine ? problem.fine_channels : problem.coarse_channels, kind, problem.dtype, random);
    if (problem.has_sum) residual = random_values(written_elements(), kind, problem.dtype, random);
}

std::int64_t Trial::written_elements() const {
    return pass == Pass::scatter  ? problem.fine_elements()
           : pass == Pass::gather ? problem.coarse_elements()
                                  : problem.weight_elements();
}

Answer answer_to(const Trial& trial) {
    const Activation& activation = trial.problem.activation;
    Answer answer{compute(trial, activation), {}};
    const bool is_single = trial.problem.dtype == DType::f32;
    const double unit = is_single ? 0x1p-24 : 0x1p-53;
    const double smallest = is_single ? double{std::numeric_limits<float>::min()} : std::numeric_limits<double>::min();
    if (trial.values == Values::real) {
        // One for the store in the dtype; the definition's own rounding is no smaller in f64.
        const double k = (is_single ? 1 : 2) * (reduction_length(trial.problem, trial.pass) + 2);
        answer.bounds = magnitudes(trial);
        for (double& bound : answer.bounds) bound = k * unit / (1 - k * unit) * bound + smallest;
    } else {
        answer.bounds.assign(answer.values.size(), 0);
    }
    // Leaky's product, or an approximation of a few units in the last place; no activation here is steeper than 1.
    const double units = is_transcendental(activation.kind) ? 8 : trial.values == Values::real ? 2 : 0;
    for (std::size_t i = 0; i < answer.values.size(); ++i)
        if (std::isfinite(answer.values[i]))
            answer.bounds[i] += units * (2 * unit * std::fabs(answer.values[i]) + smallest);
    return answer;
}

std::string difference(const Answer& answer, const std::vector<double>& output) {
    if (output.size() != answer.values.size()) return "another number of elements";
    std::size_t wrong = 0;
    std::string first;
    for (std::size_t i = 0; i < output.size(); ++i) {
        const double wanted = answer.values[i], given = output[i];
        if (std::isnan(wanted) ? std::isnan(given) : given == wanted || std::fabs(given - wanted) <= answer.bounds[i])
            continue;
        if (wrong++ == 0)
            first = "element " + std::to_string(i) + " is " + std::to_string(given) + ", not " +
                    std::to_string(wanted) + " (off by " + std::to_string((given - wanted) / answer.bounds[i]) +
                    " of what is allowed)";
    }
    return wrong == 0 ? "" : std::to_string(wrong) + " of " + std::to_string(output.size()) + " are wrong: " + first;
}

}  // namespace tconv::testing
