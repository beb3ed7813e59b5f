// The graveyard: real bugs of other implementations, one small test each, named by project#number of their public
// trackers. Numbers in the tests are worked out by hand or computed by conformance/support/independent.h. Arrays are
// in the order (N, C, axes...) whatever the layout.
#pragma once

#include <string>

#include "conformance/support/independent.h"
#include "tconv/frameworks.h"

namespace tconv::test {

/// The problem of a text that must be right; throws otherwise.
Problem problem(const std::string& text);

/// The three passes by the reference. A bias is used where the problem has one.
Doubles forward(const Problem& problem, const Doubles& x, const Doubles& w, const Doubles& bias = {});
Doubles input_grad(const Problem& problem, const Doubles& output_grad, const Doubles& w);
Doubles weight_grad(const Problem& problem, const Doubles& x, const Doubles& output_grad);

/// Reference, gathering, zero insertion and the matrix agree, with integers and with reals.
void expect_ways_agree(const std::string& text);

/// All three gradients of sum(g * forward(x, w, b)) agree with central differences of an independent forward pass.
void expect_gradients(const std::string& text);

}  // namespace tconv::test
