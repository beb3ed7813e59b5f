// Sums of weights over the taps of each phase, each tap counted with a factor: phase gains (factor 1), and the moments
// that decide how smooth an input may be for the pattern to stay away.
#pragma once

#include <span>
#include <vector>

#include "checkerboard/taps.h"
#include "tconv/checkerboard.h"

namespace tconv::checkerboard {

/// Rows of one number per (coarse channel, fine channel of the group): a row for each reached phase.
struct Sums {
    std::int64_t rows = 0, columns = 0;
    std::vector<double> values;      ///< sum of factor * weight
    std::vector<double> magnitudes;  ///< sum of |factor * weight|
};

/// `factors` has one number per tap, in the order of the weights.
Sums sum_phases(const Problem& problem, std::span<const double> weights, std::span<const double> factors);

/// array_mismatch unless there are as many finite weights as the problem has; invalid_argument for over 2^40 phases.
Result<void> check_weights(const Problem& problem, std::span<const double> weights);

/// The mean of the rows, `phases` of them: rows that are not there are 0.
std::vector<double> mean_row(const Sums& sums, double phases);

/// Over the columns c with c mod period in [first, last): sum over all phases of |row - mean|^2, and of |row|^2.
struct Spread {
    double deviation = 0, energy = 0;
    double epsilon() const noexcept;
};

/// The columns of one sum, all of them or those of one fine channel.
struct Columns {
    std::int64_t first = 0, last = 0, step = 1;
};
Spread spread_of(const Sums& sums, std::span<const double> mean, double phases, const Columns& columns);

/// P: the product of the strides.
double phase_count(const Problem& problem) noexcept;

}  // namespace tconv::checkerboard
