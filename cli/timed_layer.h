// TimedLayer: one pass of one problem with everything that a run needs, allocated once: a plan, packed weights, arrays
// that hold bench_values.h's numbers, workspace. What remains in run() is what a program pays for each call.
//
// Arrays and their seeds: coarse s, weights s + 1, fine s + 2, bias s + 3, residual s + 4. scatter reads coarse and
// weights, gather fine and weights, weight_grad coarse and fine; the third of them is the output.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench_values.h"
#include "plan/state.h"
#include "tconv/buffer.h"
#include "tconv/plan.h"

namespace tconv::cli {

/// Full passes one after another.
struct Times {
    double least = 0, median = 0;  ///< seconds
    std::int64_t runs = 0;
};

class TimedLayer {
public:
    /// Plans, allocates, fills, packs, and runs once. Errors: those of make_plan() and pack(); out_of_memory.
    static Result<TimedLayer> prepare(const Problem& problem, Pass pass, const PlanOptions& options,
                                      std::uint64_t seed = 1);

    /// Repeats whole passes until `seconds` have passed, at least one.
    Times repeat(double seconds);

    const Plan& plan() const noexcept { return plan_; }
    double plan_seconds() const noexcept {
        return plan_seconds_;
    }  ///< of make_plan(), the pool being there; the least of three
    double pack_seconds() const noexcept { return pack_seconds_; }  ///< of packing into fresh memory; 0 without weights

    /// Packing once more, into memory that is warm, beside a copy of the weights into such memory. Both 0 for
    /// weight_grad, which reads no weights. Errors: out_of_memory.
    struct Packing {
        double pack = 0, copy = 0;  ///< seconds
    };
    Result<Packing> pack_again();

    /// Of every array that the pass reads or writes, each once.
    std::int64_t array_bytes() const noexcept;
    Checksum checksum() const noexcept { return checksum_of(output_.data(), output_order_); }
    /// As the layout has it.
    std::vector<std::int64_t> output_shape() const;

private:
    Result<void> allocate(std::uint64_t seed);
    Result<void> pack_weights();
    RunStatus run() noexcept;

    Plan plan_;
    std::shared_ptr<PackedWeights::State> packed_state_;
    PackedWeights packed_;  ///< shares it
    AlignedBuffer coarse_, weights_, fine_, bias_, residual_, output_, workspace_, copy_;
    ArrayOrder output_order_;
    double plan_seconds_ = 0, pack_seconds_ = 0;
};

/// The orders of a problem's arrays.
ArrayOrder coarse_order(const Problem& problem) noexcept;
ArrayOrder fine_order(const Problem& problem) noexcept;
ArrayOrder weight_order(const Problem& problem) noexcept;

}  // namespace tconv::cli
