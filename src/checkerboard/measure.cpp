#include <algorithm>
#include <cmath>
#include <limits>

#include "checkerboard/gains.h"
#include "tconv/geometry.h"

namespace tconv::checkerboard {
namespace {

using Powers = std::array<int, Problem::kMaxRank>;

// (d*j - c)^power on each axis, c the kernel's middle, in units of the stride so that numbers stay small.
std::vector<double> moment_factors(const Problem& problem, const Powers& powers) {
    std::vector<double> factors;
    for_each_tap(problem, [&](std::int64_t, const auto& tap) {
        double factor = 1;
        for (std::size_t i = 0; i < powers.size(); ++i) {
            const Axis& axis = problem.axes[i];
            const double at = (static_cast<double>(tap[i]) - 0.5 * static_cast<double>(axis.kernel - 1)) *
                              static_cast<double>(axis.dilation) / static_cast<double>(axis.stride);
            factor *= std::pow(at, powers[i]);
        }
        factors.push_back(factor);
    });
    return factors;
}

// Whether the sums are the same for every phase, to the rounding of weights in f32.
bool are_equal(const Sums& sums, double phases) {
    constexpr double kRounding = 1e-5;
    const Spread spread = spread_of(sums, mean_row(sums, phases), phases, {0, sums.columns, 1});
    double scale = 0;
    for (const double magnitude : sums.magnitudes) scale += magnitude * magnitude;
    return spread.deviation <= kRounding * kRounding * scale;
}

// H has a zero of order m at every image frequency iff every moment of a degree below m is the same for all phases.
int order_of(const Problem& problem, std::span<const double> weights, double phases) {
    if (std::all_of(weights.begin(), weights.end(), [](double weight) { return weight == 0; })) return kMostOrder;
    const auto up_to = [&](std::size_t axis, int degree) { return problem.axes[axis].kernel > 1 ? degree : 0; };
    for (int degree = 0; degree < kMostOrder; ++degree)
        for (int a = 0; a <= up_to(0, degree); ++a)
            for (int b = 0; a + b <= degree && b <= up_to(1, degree); ++b) {
                const int c = degree - a - b;
                if (c > up_to(2, degree)) continue;
                if (!are_equal(sum_phases(problem, weights, moment_factors(problem, {a, b, c})), phases)) return degree;
            }
    return kMostOrder;
}

// The phase that the reached phase number `lowest tap` is, on one axis.
std::int64_t phase_of_tap(const Axis& axis, std::int64_t tap) {
    Axis at_origin = axis;
    at_origin.padding_begin = 0;
    return phase_of(at_origin, tap * axis.dilation);
}

std::vector<PhaseGain> gains_of(const Problem& problem, const Sums& sums, std::span<const double> mean,
                                const std::vector<std::int64_t>& taps) {
    const ReachedPhases phases(problem);
    double mean_energy = 0;
    for (const double m : mean) mean_energy += m * m;
    std::vector<PhaseGain> gains(static_cast<std::size_t>(sums.rows));
    for (std::int64_t row = 0; row < sums.rows; ++row) {
        PhaseGain& gain = gains[static_cast<std::size_t>(row)];
        gain.taps = taps[static_cast<std::size_t>(row)];
        const std::array<std::int64_t, 3> number{row / (phases.count[1] * phases.count[2]),
                                                 row / phases.count[2] % phases.count[1], row % phases.count[2]};
        const auto unused = static_cast<std::size_t>(Problem::kMaxRank - problem.rank);
        for (std::size_t i = unused; i < number.size(); ++i)
            gain.phase[i - unused] = phase_of_tap(problem.axes[i], number[i]);
        double energy = 0, product = 0;
        for (std::int64_t column = 0; column < sums.columns; ++column) {
            const double value = sums.values[static_cast<std::size_t>(row * sums.columns + column)];
            energy += value * value;
            product += value * mean[static_cast<std::size_t>(column)];
        }
        gain.norm = std::sqrt(energy);
        gain.share = mean_energy > 0 ? product / mean_energy : 0;
    }
    return gains;
}

// epsilon of each fine channel: of the columns that lead to it.
std::vector<double> channel_epsilon(const Problem& problem, const Sums& sums, std::span<const double> mean,
                                    double phases) {
    const std::int64_t coarse = problem.coarse_channels / problem.groups, fine = problem.fine_channels / problem.groups;
    std::vector<double> found;
    for (std::int64_t group = 0; group < problem.groups; ++group)
        for (std::int64_t channel = 0; channel < fine; ++channel) {
            const std::int64_t first = group * coarse * fine + channel;
            found.push_back(spread_of(sums, mean, phases, {first, (group + 1) * coarse * fine, fine}).epsilon());
        }
    return found;
}

Sums gain_sums(const Problem& problem, std::span<const double> weights) {
    return sum_phases(problem, weights, std::vector<double>(static_cast<std::size_t>(problem.taps()), 1.0));
}

std::vector<std::int64_t> taps_of_phases(const Problem& problem, std::int64_t reached) {
    std::vector<std::int64_t> taps(static_cast<std::size_t>(reached));
    for_each_tap(problem, [&](std::int64_t phase, const auto&) { ++taps[static_cast<std::size_t>(phase)]; });
    return taps;
}

}  // namespace

Result<PhaseGains> phase_gains(const Problem& problem, std::span<const double> weights) {
    if (auto ok = check_weights(problem, weights); !ok) return ok.error();
    Sums sums = gain_sums(problem, weights);
    PhaseGains gains;
    gains.reached = sums.rows;
    gains.empty = static_cast<std::int64_t>(phase_count(problem)) - sums.rows;
    gains.taps = taps_of_phases(problem, sums.rows);
    gains.values = std::move(sums.values);
    return gains;
}

Result<Measures> measure(const Problem& problem, std::span<const double> weights) {
    if (auto ok = check_weights(problem, weights); !ok) return ok.error();
    const double phases = phase_count(problem);
    const Sums sums = gain_sums(problem, weights);
    const std::vector<double> mean = mean_row(sums, phases);
    const Spread spread = spread_of(sums, mean, phases, {0, sums.columns, 1});

    Measures found;
    found.phases = static_cast<std::int64_t>(phases);
    found.gains = gains_of(problem, sums, mean, taps_of_phases(problem, sums.rows));
    found.channel_epsilon = channel_epsilon(problem, sums, mean, phases);
    found.image_rejection_db = std::numeric_limits<double>::infinity();
    if (phases == 1) return found;
    found.order = order_of(problem, weights, phases);
    found.epsilon = spread.epsilon();
    found.epsilon_ratio = found.epsilon / std::sqrt(1 - 1 / phases);
    double mean_energy = 0;
    for (const double m : mean) mean_energy += m * m;
    if (spread.deviation > 0) found.image_rejection_db = 10 * std::log10(phases * mean_energy / spread.deviation);
    return found;
}

}  // namespace tconv::checkerboard
