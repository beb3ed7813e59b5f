// Timing layers: rounds go over all layers in turn, so that a machine whose speed changes from second to second treats
// them alike. A layer's time is the lowest of its rounds' medians; its limit comes from the peak and the bandwidth that
// are measured between the rounds (machine_limits.h).
#pragma once

#include <string>
#include <vector>

#include "machine_limits.h"
#include "tconv/plan.h"

namespace tconv::cli {

struct BenchQuestion {
    std::vector<Problem> problems;
    std::vector<Pass> passes;
    PlanOptions options{};
    double seconds = 0.5;  ///< of repeating each layer and pass, in all rounds together
};

/// One layer and pass, timed.
struct BenchResult {
    Problem problem;
    Pass pass = Pass::scatter;
    Explanation plan{};
    double least_seconds = 0, median_seconds = 0;  ///< of all runs; the lowest of the rounds' medians
    std::int64_t runs = 0;
    double plan_seconds = 0;
    double first_pack_seconds = 0;              ///< into fresh memory
    double pack_seconds = 0, copy_seconds = 0;  ///< into warm memory; a copy of the weights into such memory
    std::int64_t array_bytes = 0;
    Limit limit{};

    double gflops() const noexcept { return plan.useful_flops / median_seconds * 1e-9; }
    double share_of_limit() const noexcept { return limit.milliseconds * 1e-3 / median_seconds; }
};

/// One that cannot be done, and why.
struct BenchSkip {
    Problem problem;
    Pass pass = Pass::scatter;
    std::string reason;
};

struct BenchAnswer {
    std::vector<BenchResult> results;
    std::vector<BenchSkip> skipped;
    double peak_f32 = 0, peak_f64 = 0, bandwidth = 0;  ///< GFLOP/s, GB/s of main memory
};

/// Shows a progress bar meanwhile. Errors: that of the first layer, where none can be done.
Result<BenchAnswer> run_bench(const BenchQuestion& question);

}  // namespace tconv::cli
