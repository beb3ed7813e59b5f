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
    const void* natural = nullptr;  ///< the caller's own weights, for one call; null: what is in `memory`
    std::int64_t size_bytes = 0;
    bool all_finite = true;
    bool is_exact = false;  ///< in the order of Plan::State::exact
};

namespace plan {

// Packs as pack() does, into a state that may have been used before: its memory is kept where it is large enough.
Result<void> pack_into(const Plan& plan, const void* weights, PackedWeights::State& packed);

}  // namespace plan

}  // namespace tconv
