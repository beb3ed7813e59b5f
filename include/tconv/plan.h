// Plan: HOW a problem is computed, decided once. The path from a question to an answer:
//
//     Problem --make_plan--> Plan --pack--> PackedWeights --run--> output
//     what                   how            weights in the         no allocation,
//     (value)                (decision)     kernel's order         no failure
//
// A plan walks an ordered list of methods; each refuses with a reason or predicts its cost, and the cheapest is taken.
// All methods compute what reference.h defines, up to rounding. Every output element is summed in one order that
// depends on the plan's method and instruction set only, so the bits do not depend on the number of threads.
//
//     auto plan = tconv::make_plan(problem, tconv::Pass::scatter);       // immutable, shareable between threads
//     auto packed = tconv::pack(*plan, weights);                         // owned, shareable between threads and plans
//     auto workspace = tconv::AlignedBuffer::allocate(plan->workspace_bytes());
//     tconv::run(*plan, *packed, {.input = x, .output = y, .workspace = workspace->data()});
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tconv/buffer.h"
#include "tconv/executor.h"
#include "tconv/isa.h"
#include "tconv/problem.h"
#include "tconv/result.h"
#include "tconv/strides.h"

namespace tconv {

/// What may be asked of a plan; the defaults are what is wanted nearly always.
struct PlanOptions {
    int threads = 0;              ///< the most workers, up to 4096; 0: default_threads()
    std::optional<Isa> isa{};     ///< none: default_isa()
    std::string method = "auto";  ///< the cheapest, or one by name: phase_gemm, overlap_add, direct, reference, ...
    std::string weight_format{};  ///< PackedWeights::format() that run will be given; empty: free choice
    /// Scatter and gather: where the output lies; none: contiguous. The output and its residual are then a slice of
    /// larger arrays. Only axes of more than one element count; of those every stride is positive, and greater than
    /// the distance between any two elements that the axes with smaller strides span (so no two elements coincide).
    std::optional<SideStrides> output_strides{};
    std::optional<Executor> executor{};  ///< the host's pool; none: tconv's own
    /// Whether `winograd` may be chosen: faster for many channels and less exact (docs/methods.md); its errors are some
    /// times those of other methods, and infinities among inputs reach neighbours. By name it is allowed in any case.
    bool allow_winograd = false;
    /// Whether weights are given anew with every call, so that what packing them costs counts for the choice; a method
    /// that reads weights as they are may be the better one then.
    bool weights_each_call = false;
    /// What is predicted to take less than this is done by one worker: waking others costs more than they save.
    double serial_below_microseconds = 30;
};

/// A method that was considered and not taken.
struct Refusal {
    std::string method;  ///< its name
    std::string reason;  ///< why not, in one sentence
};

/// What was decided, for people and for `tconv explain`.
struct Explanation {
    std::string method;                  ///< the method's name
    std::string kernel;                  ///< its micro-kernel and tiling: "8x48 tiles, ..."
    std::string bound;                   ///< "compute" or "memory"
    Isa isa = Isa::portable;             ///< the kernels' instruction set
    int threads = 1;                     ///< workers
    std::int64_t workspace_bytes = 0;    ///< of all workers together
    std::int64_t packed_bytes = 0;       ///< of the packed weights
    double useful_flops = 0;             ///< two for every pair that meets inside the frame
    double executed_flops = 0;           ///< what the kernels execute, waste included
    double predicted_ms = 0;             ///< by the cost model; a ranking, no promise
    std::vector<std::string> details{};  ///< tiling in words, one line each
    std::vector<Refusal> refused{};      ///< every other candidate
};

/// An immutable decision. Copies share it; a default-constructed plan may only be assigned to.
class Plan {
public:
    /// What is behind it (src/plan); not for users.
    struct State;

    Plan() = default;
    /// By make_plan().
    explicit Plan(std::shared_ptr<const State> state) noexcept : state_(std::move(state)) {}

    const Problem& problem() const noexcept;            ///< what is computed
    Pass pass() const noexcept;                         ///< which pass
    std::string_view method() const noexcept;           ///< the method's name
    Isa isa() const noexcept;                           ///< the kernels' instruction set
    int threads() const noexcept;                       ///< workers; 1 for what is over in no time
    std::int64_t workspace_bytes() const noexcept;      ///< what run() needs as workspace, 64-byte aligned
    std::int64_t packed_bytes() const noexcept;         ///< of the packed weights
    const std::string& weight_format() const noexcept;  ///< plans of one format share packed weights
    /// What was decided and why.
    Explanation explain() const;
    /// For the engine's own use.
    const State& state() const noexcept { return *state_; }

private:
    std::shared_ptr<const State> state_;
};

/// The explanation as lines for people: what `tconv explain` prints.
std::string to_text(const Plan& plan);

/// Decides how to compute a pass. Costs microseconds; never looks at weights. Two environment variables: TCONV_ISA is
/// the instruction set where the options name none (isa.h), and TCONV_KERNELS, for tests, names a unit of kernels
/// outright ("awkward" has tiles that fit nothing).
/// Errors: those of validate(); invalid_argument for an unknown method, a method that refuses the problem (its reason
/// is told), a number of threads, strides that overlap, or a weight format that no method offers; unsupported for an
/// instruction set that is not available; out_of_memory, also where the system does not give `threads` threads (without
/// a number asked for, one worker does it then).
Result<Plan> make_plan(const Problem& problem, Pass pass, const PlanOptions& options = {});

/// The names that PlanOptions::method takes for a pass, in the order in which they are tried.
std::vector<std::string_view> method_names(Pass pass);

/// Those of them that a plan with these options may choose by itself: neither the reference nor, where it is not
/// allowed, `winograd`. Each may still refuse the problem.
std::vector<std::string_view> choosable_method_names(Pass pass, const PlanOptions& options = {});

/// Weights in a kernel's order; immutable. Copies share the memory.
class PackedWeights {
public:
    /// What is behind it (src/plan); not for users.
    struct State;

    PackedWeights() = default;
    /// By pack().
    explicit PackedWeights(std::shared_ptr<const State> state) noexcept : state_(std::move(state)) {}

    const std::string& format()
        const noexcept;                        ///< geometry, instruction set and order; equal formats are exchangeable
    std::int64_t size_bytes() const noexcept;  ///< of the memory held
    bool all_finite() const noexcept;          ///< whether no weight is an infinity or NaN
    /// For the engine's own use.
    const State* state() const noexcept { return state_.get(); }

private:
    std::shared_ptr<const State> state_;
};

/// Puts contiguous weights (C_coarse, C_fine / groups, k...) of the problem's dtype into the plan's order (scatter and
/// gather; weight_grad has none). Weights that hold an infinity or NaN are put in the order of a method with exact
/// edges (direct, for example), and the plan runs that with them: zeros that pad a panel would make NaN of infinities.
/// Errors: invalid_argument for a weight_grad plan or a null pointer; out_of_memory.
Result<PackedWeights> pack(const Plan& plan, const void* weights);

/// What run() reads and writes. All pointers are to arrays of the problem's dtype; an array without elements may be
/// null.
struct RunArguments {
    const void* input = nullptr;     ///< scatter: the coarse side; gather: the fine side
    const void* bias = nullptr;      ///< one number for each written channel; null without bias
    const void* residual = nullptr;  ///< at the output's strides, may be the output itself; null without sum
    void* output = nullptr;          ///< the side that the pass writes; every element is written
    void* workspace = nullptr;       ///< Plan::workspace_bytes() bytes, 64-byte aligned; may be null where that is 0
    const Executor* executor = nullptr;  ///< another pool than the plan's, for this run only
};

/// How a run ended. Only `done` has written anything.
enum class RunStatus : std::uint8_t {
    done,             ///< the output is written
    wrong_weights,    ///< the weights were packed for another format
    missing_array,    ///< a pointer that the problem needs is null, or one that it does not announce is given
    wrong_pass,       ///< run() with a weight_grad plan, or the other way round
    wrong_workspace,  ///< the workspace is missing or not on a 64-byte boundary
};

/// A sentence for a status.
std::string_view to_string(RunStatus status) noexcept;

/// Computes scatter or gather: output = activation(pass(input) + bias + residual). Allocates nothing, cannot fail
/// half-way; one plan and one PackedWeights serve any number of threads at a time, each with its own workspace.
[[nodiscard]] RunStatus run(const Plan& plan, const PackedWeights& weights, const RunArguments& arguments) noexcept;

/// Computes the gradient of the weights (C_coarse, C_fine / groups, k...) from both sides' contiguous arrays.
[[nodiscard]] RunStatus run_weight_grad(const Plan& plan, const void* coarse, const void* fine, void* weight_grad,
                                        void* workspace, const Executor* executor = nullptr) noexcept;

}  // namespace tconv
