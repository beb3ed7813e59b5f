// Runs plans on a trial's arrays: each between guard pages, outputs and workspaces full of NaN before.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "methods/support/draws.h"
#include "methods/support/trial.h"
#include "tconv/plan.h"

namespace tconv::testing {

/// What a plan is asked for beside the problem.
struct Setting {
    std::string method = "auto";
    std::string unit{};  ///< of kernels, as in kernel_list.h; empty: the best
    int threads = 1;
    std::optional<SideStrides> output_strides{};
    bool is_in_place = false;  ///< the residual is the output
};

/// "method=phase_gemm unit=awkward threads=3 ...".
std::string to_text(const Setting& setting);

/// The kernel units that this CPU can run and that have what a method needs; of "auto", all that it can run.
const std::vector<std::string>& units(std::string_view method = "auto");

/// Never fewer threads than asked for.
Result<Plan> plan_for(const Problem& problem, Pass pass, const Setting& setting);

/// The trial's weights, packed for a plan; none for weight_grad.
Result<PackedWeights> pack_for(const Trial& trial, const Plan& plan);

struct Ran {
    std::vector<double> output{};  ///< in contiguous order
    std::string fault{};           ///< what went wrong, in words
};
Ran run_plan(const Trial& trial, const Setting& setting, const Plan& plan, const PackedWeights& weights,
             const Executor* executor = nullptr);

/// Plan, pack and run, compared with the definition: what is wrong, in words. A method that refuses the problem is not
/// wrong; `refused` then tells.
std::string what_is_wrong(const Trial& trial, const Answer& answer, const Setting& setting, bool* refused = nullptr);

/// A slice of a larger array: dimensions in any order, with gaps.
SideStrides random_slice(const Problem& problem, Pass pass, Draws& draws);

}  // namespace tconv::testing
