#include "plan/run_once.h"

#include <memory>
#include <string>
#include <utility>

#include "plan/state.h"

namespace tconv::plan {
namespace {

// More than this is given back to the system after a call, as threads may live for long and do other things.
constexpr std::int64_t kMostKeptBytes = std::int64_t{64} << 20;

struct Kept {
    AlignedBuffer workspace;
    std::shared_ptr<PackedWeights::State> packed;
};
thread_local Kept kept;

// A thread's memory, taken for one call: a host's pool may have its waiting threads begin other calls meanwhile.
class Scratch {
public:
    Scratch() : taken_(std::exchange(kept, Kept())) {}
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        if (taken_.workspace.size_bytes() <= kMostKeptBytes) kept.workspace = std::move(taken_.workspace);
        if (taken_.packed && taken_.packed->memory.size_bytes() <= kMostKeptBytes)
            kept.packed = std::move(taken_.packed);
    }

    Result<void*> workspace(std::int64_t bytes) {
        if (taken_.workspace.size_bytes() < bytes) {
            taken_.workspace = AlignedBuffer();
            auto larger = AlignedBuffer::allocate(bytes);
            if (!larger) return Error{larger.error().code, "the workspace: " + larger.error().message};
            taken_.workspace = std::move(*larger);
        }
        return static_cast<void*>(taken_.workspace.data());
    }

    Result<PackedWeights> pack(const Plan& plan, const void* weights) {
        if (!taken_.packed) taken_.packed = std::make_shared<PackedWeights::State>();
        if (auto ok = plan::pack_into(plan, weights, *taken_.packed, true); !ok)
            return Error{ok.error().code, "the packed weights: " + ok.error().message};
        return PackedWeights(taken_.packed);
    }

private:
    Kept taken_;
};

Result<void> as_result(RunStatus status) {
    if (status == RunStatus::done) return {};
    return Error{ErrorCode::array_mismatch, std::string(to_string(status))};
}

}  // namespace

Result<void> run_once(const Plan& plan, const PackedWeights* packed, const void* weights, RunArguments arguments) {
    Scratch scratch;
    PackedWeights made;
    if (packed == nullptr) {
        auto order = scratch.pack(plan, weights);
        if (!order) return order.error();
        made = *std::move(order);
        packed = &made;
    }
    const auto workspace = scratch.workspace(plan.workspace_bytes());
    if (!workspace) return workspace.error();
    arguments.workspace = *workspace;
    return as_result(run(plan, *packed, arguments));
}

Result<void> run_weight_grad_once(const Plan& plan, const void* coarse, const void* fine, void* weight_grad,
                                  const Executor* executor) {
    Scratch scratch;
    const auto workspace = scratch.workspace(plan.workspace_bytes());
    if (!workspace) return workspace.error();
    return as_result(run_weight_grad(plan, coarse, fine, weight_grad, *workspace, executor));
}

}  // namespace tconv::plan
