// The flat-field probe's measure: does a picture that should be flat repeat a pattern? Of an array (channels, sizes...)
// the mean of every phase is taken, phases counted from the corner with the given period per axis, over the interior:
//
//     m[a] = mean of y[c, o] over the interior positions o with o mod period = a
//
// The answer is the peak-to-peak of m over the phases, the largest of any channel, in the array's own units. A picture
// without that pattern gives 0 (a ramp gives its rise over one period: take it away first, or feed constants).
#pragma once

#include <cstdint>
#include <span>

#include "tconv/result.h"

namespace tconv::checkerboard {

/// What is measured.
struct FlatField {
    std::int64_t channels = 1;               ///< planes that are looked at one by one
    std::span<const std::int64_t> sizes{};   ///< rows per axis, 1 to 3 axes
    std::span<const std::int64_t> period{};  ///< at least 1 per axis
    std::span<const std::int64_t> margin{};  ///< rows that are left out at both ends, per axis
};

/// The pattern that was found.
struct FlatFieldPattern {
    double peak_to_peak = 0;   ///< of the phase means, the largest of any channel
    std::int64_t channel = 0;  ///< where that is
    double level = 0;          ///< that channel's mean
};

/// Measures `values`, channels * sizes of them. Errors (invalid_argument): lists of another length than 1 to 3 or than
/// each other, a period below 1, negative margins, an interior of less than one period; array_mismatch: another number
/// of values, or one in the interior that is not finite.
Result<FlatFieldPattern> flat_field_pattern(const FlatField& field, std::span<const double> values);

}  // namespace tconv::checkerboard
