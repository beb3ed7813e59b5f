// A subject: one layer with everything that the rules ask about it. find_layers.cpp makes subjects of a model's nodes;
// the rules (rules.cpp) make findings of a subject.
#pragma once

#include <string>
#include <vector>

#include "tconv/lint.h"

namespace tconv::lint {

/// An uneven layer that this one's input comes from.
struct Upstream {
    std::string name;
    std::vector<std::int64_t> strides;
};

struct Subject {
    JudgedNode node;                 ///< without measures and findings
    std::vector<double> values;      ///< the weights; empty: not known
    std::vector<double> phase_bias;  ///< sub-pixel: [channel * phases + phase]; empty: no bias, or not known
    bool is_summed = false;          ///< another branch is added to the result
    bool is_same = false;            ///< SAME padding, or an output_shape: the framework chooses the crop
    std::string auto_pad;            ///< how that was asked for: "auto_pad SAME_UPPER", "output_shape"
    std::vector<Upstream> upstream;  ///< uneven layers in front of this one, the nearest first
    std::vector<std::string> unmet;  ///< sentences about branches that do not meet this one's
};

/// Measures the subject and applies every rule; the node is moved out of it. Errors: as checkerboard::measure(), and
/// the subject is as before.
Result<JudgedNode> judge(Subject& subject);

/// "2x2", "2".
std::string list_text(std::span<const std::int64_t> values);

/// A number with a few digits: "0.71", "12.3".
std::string short_number(double value);

}  // namespace tconv::lint
