#include "checkerboard/gains.h"

#include <cmath>
#include <string>

namespace tconv::checkerboard {

Sums sum_phases(const Problem& problem, std::span<const double> weights, std::span<const double> factors) {
    const std::int64_t taps = problem.taps();
    Sums sums;
    sums.rows = ReachedPhases(problem).size();
    sums.columns = taps == 0 ? 0 : problem.weight_elements() / taps;
    sums.values.resize(static_cast<std::size_t>(sums.rows * sums.columns));
    sums.magnitudes.resize(sums.values.size());
    std::int64_t tap = 0;
    for_each_tap(problem, [&](std::int64_t phase, const auto&) {
        const double factor = factors[static_cast<std::size_t>(tap)];
        for (std::int64_t column = 0; column < sums.columns; ++column) {
            const double term = factor * weights[static_cast<std::size_t>(column * taps + tap)];
            const auto at = static_cast<std::size_t>(phase * sums.columns + column);
            sums.values[at] += term;
            sums.magnitudes[at] += std::fabs(term);
        }
        ++tap;
    });
    return sums;
}

Result<void> check_weights(const Problem& problem, std::span<const double> weights) {
    const std::int64_t expected = problem.weight_elements();
    if (static_cast<std::int64_t>(weights.size()) != expected)
        return Error{ErrorCode::array_mismatch, "there are " + std::to_string(weights.size()) +
                                                    " weights, but the problem has " + std::to_string(expected) +
                                                    "; give as many"};
    for (const double weight : weights)
        if (!std::isfinite(weight))
            return Error{ErrorCode::array_mismatch,
                         "a weight is infinite or no number, so that phases have no sums; give finite weights"};
    if (phase_count(problem) > 0x1p40)
        return Error{ErrorCode::invalid_argument, "the strides make over 2^40 phases; use smaller strides"};
    return {};
}

std::vector<double> mean_row(const Sums& sums, double phases) {
    std::vector<double> mean(static_cast<std::size_t>(sums.columns));
    for (std::int64_t row = 0; row < sums.rows; ++row)
        for (std::int64_t column = 0; column < sums.columns; ++column)
            mean[static_cast<std::size_t>(column)] +=
                sums.values[static_cast<std::size_t>(row * sums.columns + column)];
    for (double& value : mean) value /= phases;
    return mean;
}

Spread spread_of(const Sums& sums, std::span<const double> mean, double phases, const Columns& columns) {
    Spread spread;
    double mean_energy = 0;
    for (std::int64_t column = columns.first; column < columns.last; column += columns.step) {
        const double m = mean[static_cast<std::size_t>(column)];
        mean_energy += m * m;
        for (std::int64_t row = 0; row < sums.rows; ++row) {
            const double value = sums.values[static_cast<std::size_t>(row * sums.columns + column)];
            spread.energy += value * value;
            spread.deviation += (value - m) * (value - m);
        }
    }
    spread.deviation += (phases - static_cast<double>(sums.rows)) * mean_energy;  // the empty phases
    return spread;
}

double Spread::epsilon() const noexcept { return energy > 0 ? std::fmin(1.0, std::sqrt(deviation / energy)) : 0.0; }

double phase_count(const Problem& problem) noexcept {
    double phases = 1;
    for (const Axis& axis : problem.axes) phases *= static_cast<double>(axis.stride);
    return phases;
}

}  // namespace tconv::checkerboard
