// Trial: one problem and pass with values, and the definition's answer to compare with.
//
// Whole numbers are exact in every order of summation, so answers have to be equal. Reals differ by rounding: a sum of
// K products has an error of at most gamma(K) = K u / (1 - K u) times the sum of their magnitudes, in any order and
// with or without fused multiply-adds (Higham 2002, section 3.1).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tconv/problem.h"

namespace tconv::testing {

enum class Values : std::uint8_t { whole, real };

/// Every value is one of the problem's dtype.
struct Trial {
    Trial(const Problem& asked, Pass asked_pass, Values kind, std::uint64_t seed);

    const std::vector<double>& read() const { return pass == Pass::scatter ? coarse : fine; }
    std::int64_t written_elements() const;

    Problem problem;
    Pass pass;
    Values values;
    std::vector<double> coarse, fine, weights, bias, residual;
};

struct Answer {
    std::vector<double> values;
    std::vector<double> bounds;  ///< the most by which each may differ
};
Answer answer_to(const Trial& trial);

/// Where an output is something else, in words; empty where it is nowhere. Infinities and NaN have to be the same.
std::string difference(const Answer& answer, const std::vector<double>& output);

}  // namespace tconv::testing
