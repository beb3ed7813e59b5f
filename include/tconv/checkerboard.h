// Checkerboard: how evenly a geometry, and its weights, reach the fine grid. Per axis, tap k feeds the phase
// a = d*k mod s alone. So a constant input x = 1 leaves the transposed convolution as a pattern that repeats every s
// rows: the *phase gains*
//
//     G_a = sum of W_k over the taps k of phase a           (a matrix: coarse channels x fine channels of the group)
//
//     k3 s2    taps  0 1 2      phase 0: W_0 + W_2, phase 1: W_1      two taps beside one: uneven
//
// *Structure* asks how many taps a phase has (no weights needed); *measures* ask how much the sums differ:
//
//     epsilon   = sqrt( sum_a |G_a - M|^2 / sum_a |G_a|^2 ),  M = mean of G_a      0: no pattern; 1: nothing but
//     pattern rejection = 10 log10( |H(0)|^2 / sum of |H(2 pi j / s)|^2, j != 0 ) dB = 10 log10((1 - epsilon^2) /
//     epsilon^2) order     = the order of the zero of H at those frequencies: 1 = clean on constants, 2 = on ramps too
//
// H is the kernel's Fourier transform; H(2 pi j / s) is the discrete Fourier transform of G over the phases. In n
// dimensions phases and taps are tuples. Weights that are independent of each other give epsilon near sqrt(1 - 1/P), P
// the number of phases, whatever the kernel: an even number of taps does not make even sums. What a trained network
// shows in its output is another question: these are the layer's numbers, not the picture's.
// (Odena, Dumoulin, Olah 2016; Aitken et al. 2017; Sugawara, Shiota, Kiya 2018.)
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tconv/problem.h"
#include "tconv/result.h"
#include "tconv/sizes.h"

/// How evenly a transposed convolution reaches its output, what its weights make of that, and repairs.
namespace tconv::checkerboard {

/// One axis, from its numbers alone; closed forms.
struct AxisStructure {
    Evenness evenness = Evenness::even;  ///< even: every phase has as many taps
    std::int64_t phases = 1;             ///< the stride
    std::int64_t empty_phases = 0;       ///< phases that no tap reaches: they hold the bias alone
    std::int64_t least_taps = 1;         ///< of a phase that is reached
    std::int64_t most_taps = 1;          ///< of a phase
    /// The border ramp: rows at the beginning of the output, up to the last that is reached by fewer taps than its
    /// phase has: d(k-1) - s + 1 - padding_begin, kept within 0 and the size.
    std::int64_t ramp_begin = 0;
    std::int64_t ramp_end = 0;  ///< the same at the end: from row coarse * s - padding_begin on
};

/// All axes of a problem.
struct Structure {
    std::vector<AxisStructure> axes;     ///< one for each spatial axis
    Evenness evenness = Evenness::even;  ///< the worst axis decides
    /// Most taps / least taps over the phases that are reached: the product over the axes. k3 s2 is 2 in one dimension
    /// and 4 in two.
    double overlap_ratio = 1;
    double hole_share = 0;  ///< the share of outputs that no tap reaches
};

/// The structure of a valid problem. It is the same for the transposed convolution's output and for the gradient that a
/// strided convolution of this geometry hands back to its input.
Structure structure_of(const Problem& problem);

/// One phase that is reached, and what it makes of a constant input.
struct PhaseGain {
    std::array<std::int64_t, Problem::kMaxRank> phase{};  ///< per spatial axis; unused entries are 0
    std::int64_t taps = 0;                                ///< how many
    double norm = 0;                                      ///< |G_a|, Frobenius
    /// <G_a, M> / |M|^2: 1 where all phases are equal; 0 for M = 0.
    double share = 0;
};

/// What weights make of the phases.
struct Measures {
    std::int64_t phases = 1;              ///< P, the product of the strides; empty ones count
    double epsilon = 0;                   ///< in [0, 1]; 0 also where every gain is 0
    double epsilon_ratio = 0;             ///< epsilon / sqrt(1 - 1/P); 0 where P = 1
    double image_rejection_db = 0;        ///< infinite where epsilon is 0, minus infinity where M is
    std::optional<int> order;             ///< the cleanliness order, up to kMostOrder; nothing where P = 1
    std::vector<double> channel_epsilon;  ///< epsilon of each fine channel alone
    std::vector<PhaseGain> gains;         ///< the phases that are reached, in their order
};

/// Orders above this are not looked for.
constexpr int kMostOrder = 8;

/// G_a of the phases that are reached: values[r * coarse_channels * fine_per_group + c * fine_per_group + f]. On each
/// axis the reached phases are numbered by their lowest tap, 0 to min(k, s/g) - 1, g = gcd(s, d); r counts their
/// tuples, the last axis fastest.
struct PhaseGains {
    std::int64_t reached = 0;        ///< phases that are reached
    std::int64_t empty = 0;          ///< phases that are not
    std::vector<std::int64_t> taps;  ///< of each reached phase
    std::vector<double> values;      ///< see above
};

/// The sums of weights (C_coarse, C_fine / groups, kernel...) of a valid problem. Errors: array_mismatch (another
/// number of weights, or one that is not finite), out_of_memory for kernels of over 2^40 phases.
Result<PhaseGains> phase_gains(const Problem& problem, std::span<const double> weights);

/// The measures above. Time and memory in proportion to the weights. Errors: as phase_gains().
Result<Measures> measure(const Problem& problem, std::span<const double> weights);

}  // namespace tconv::checkerboard
