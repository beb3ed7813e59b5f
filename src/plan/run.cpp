#include "plan/state.h"

namespace tconv {
namespace {

bool is_aligned(const void* pointer) noexcept {
    return reinterpret_cast<std::uintptr_t>(pointer) % AlignedBuffer::kAlignment == 0;
}

bool fits_workspace(const Plan::State& state, const void* workspace) noexcept {
    return state.workspace_bytes == 0 || (workspace != nullptr && is_aligned(workspace));
}

// An array is there where it has elements; the others may be null.
bool fits(const void* array, std::int64_t elements) noexcept { return array != nullptr || elements == 0; }

// An array of the epilogue is there exactly where the problem announces it.
bool fits(const void* array, std::int64_t elements, bool is_announced) noexcept {
    return is_announced ? fits(array, elements) : array == nullptr;
}

}  // namespace

std::string_view to_string(RunStatus status) noexcept {
    switch (status) {
        case RunStatus::done:
            return "the output is written";
        case RunStatus::wrong_weights:
            return "the weights were packed for another format; pack them with this plan, or make the plan with their "
                   "format as weight_format";
        case RunStatus::missing_array:
            return "an array that the problem needs is null, or a bias or residual is given that it does not announce; "
                   "give what has_bias and has_sum say";
        case RunStatus::wrong_pass:
            return "the plan is for another pass; run scatter and gather with run(), weight_grad with "
                   "run_weight_grad()";
        case RunStatus::wrong_workspace:
            return "the workspace is null or not on a 64-byte boundary; give workspace_bytes() bytes of an "
                   "AlignedBuffer";
    }
    return "unknown status";
}

RunStatus run(const Plan& plan, const PackedWeights& weights, const RunArguments& arguments) noexcept {
    const Plan::State& state = plan.state();
    const Problem& problem = state.problem;
    const PackedWeights::State* const packed = weights.state();
    if (state.request.pass == Pass::weight_grad) return RunStatus::wrong_pass;
    if (packed == nullptr || packed->format != state.weight_format) return RunStatus::wrong_weights;
    const bool is_scatter = state.request.pass == Pass::scatter;
    const std::int64_t read = is_scatter ? problem.coarse_elements() : problem.fine_elements();
    const std::int64_t written = is_scatter ? problem.fine_elements() : problem.coarse_elements();
    if (written == 0) return RunStatus::done;
    if (!fits(arguments.input, read) || arguments.output == nullptr ||
        !fits(arguments.bias, is_scatter ? problem.fine_channels : problem.coarse_channels, problem.has_bias) ||
        !fits(arguments.residual, written, problem.has_sum))
        return RunStatus::missing_array;
    if (!fits_workspace(state, arguments.workspace)) return RunStatus::wrong_workspace;
    methods::Call call;
    call.input = arguments.input;
    call.packed = packed->data;
    call.bias = arguments.bias;
    call.residual = arguments.residual;
    call.output = arguments.output;
    call.workspace = arguments.workspace;
    call.executor = arguments.executor != nullptr ? arguments.executor : &state.executor;
    (packed->is_exact ? state.exact : state.method)->run(call);
    return RunStatus::done;
}

RunStatus run_weight_grad(const Plan& plan, const void* coarse, const void* fine, void* weight_grad, void* workspace,
                          const Executor* executor) noexcept {
    const Plan::State& state = plan.state();
    const Problem& problem = state.problem;
    if (state.request.pass != Pass::weight_grad) return RunStatus::wrong_pass;
    if (problem.weight_elements() == 0) return RunStatus::done;
    if (!fits(coarse, problem.coarse_elements()) || !fits(fine, problem.fine_elements()) || weight_grad == nullptr)
        return RunStatus::missing_array;
    if (!fits_workspace(state, workspace)) return RunStatus::wrong_workspace;
    methods::Call call;
    call.input = coarse;
    call.second = fine;
    call.output = weight_grad;
    call.workspace = workspace;
    call.executor = executor != nullptr ? executor : &state.executor;
    state.method->run(call);
    return RunStatus::done;
}

}  // namespace tconv
