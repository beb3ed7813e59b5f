// What is behind a Plan and behind PackedWeights: the parts that the functions of plan.h share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "methods/candidates.h"
#include "tconv/plan.h"

namespace tconv {

// Lives on the heap and never moves: the request refers to the problem.
struct Plan::State {
    State(const Problem& asked, Pass pass, const PlanOptions& given, const kernels::Unit& unit, int threads)
        : problem(asked), options(given), request{problem, pass, unit, threads, {}, {}} {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    const Problem problem;
    const PlanOptions options;
    methods::Request request;
    const methods::Candidate* candidate = nullptr;
    methods::Estimate estimate{};
    std::unique_ptr<methods::Method> method{};
    /// For weights that are not finite; null where the method itself will do.
    std::unique_ptr<methods::Method> exact{};
    Executor executor{};
    std::int64_t workspace_bytes = 0;  ///< of the hungrier of the two
    std::string weight_format{};
};

struct PackedWeights::State {
    std::string format{};
    AlignedBuffer memory{};
    const void* data = nullptr;  ///< in `memory`, or the caller's own weights for as long as one call takes
    std::int64_t size_bytes = 0;
    bool all_finite = true;
    bool is_exact = false;  ///< in the order of Plan::State::exact
};

namespace plan {

// Packs as pack() does, into a state that may have been used before: its memory is kept where it is large enough.
// `may_point`: weights that the plan's method reads as they are may stay where they are.
Result<void> pack_into(const Plan& plan, const void* weights, PackedWeights::State& packed, bool may_point = false);

}  // namespace plan

}  // namespace tconv
