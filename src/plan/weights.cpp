#include <cstring>
#include <new>

#include "plan/state.h"

namespace tconv {
namespace {

// An infinity or NaN has all bits of its exponent set. Looked at as integers, so that the loop becomes vectors whatever
// the flags for floating-point numbers are.
template <class Bits>
bool all_finite(const void* weights, std::int64_t count, Bits exponent) noexcept {
    constexpr std::int64_t kBlock = 4096;
    const auto* const bytes = static_cast<const char*>(weights);
    for (std::int64_t begin = 0; begin < count; begin += kBlock) {
        const std::int64_t end = begin + kBlock < count ? begin + kBlock : count;
        Bits found = 0;
        for (std::int64_t i = begin; i < end; ++i) {
            Bits bits;
            std::memcpy(&bits, bytes + i * static_cast<std::int64_t>(sizeof bits), sizeof bits);
            found |= static_cast<Bits>((bits & exponent) == exponent);
        }
        if (found != 0) return false;
    }
    return true;
}

bool all_finite(const Problem& problem, const void* weights) noexcept {
    const std::int64_t count = weights == nullptr ? 0 : problem.weight_elements();
    return problem.dtype == DType::f32 ? all_finite<std::uint32_t>(weights, count, 0x7f800000u)
                                       : all_finite<std::uint64_t>(weights, count, 0x7ff0000000000000u);
}

}  // namespace

namespace plan {

Result<void> pack_into(const Plan& plan, const void* weights, PackedWeights::State& packed, bool may_point) {
    const Plan::State& state = plan.state();
    if (state.request.pass == Pass::weight_grad)
        return Error{ErrorCode::invalid_argument,
                     "weights are given to a plan of weight_grad, which reads none; pack for scatter or gather"};
    if (weights == nullptr && state.problem.weight_elements() > 0)
        return Error{ErrorCode::invalid_argument, "the weights are a null pointer, but " +
                                                      std::to_string(state.problem.weight_elements()) +
                                                      " elements are needed; give their array"};
    if (packed.format != state.weight_format) packed.format = state.weight_format;
    if (may_point && state.candidate->reads_natural) {
        packed.is_exact = false;  // its own edges are
        packed.data = weights;
        return {};
    }
    packed.all_finite = all_finite(state.problem, weights);
    packed.is_exact = !packed.all_finite && state.exact != nullptr;
    const methods::Method& method = packed.is_exact ? *state.exact : *state.method;
    packed.size_bytes = method.packed_elements() * size_of(state.problem.dtype);
    if (packed.memory.size_bytes() < packed.size_bytes) {
        packed.memory = AlignedBuffer();
        auto memory = AlignedBuffer::allocate(packed.size_bytes);
        if (!memory) return memory.error();
        packed.memory = std::move(*memory);
    }
    packed.data = packed.memory.data();
    method.pack(weights, packed.memory.data());
    return {};
}

}  // namespace plan

Result<PackedWeights> pack(const Plan& plan, const void* weights) {
    std::shared_ptr<PackedWeights::State> state(new (std::nothrow) PackedWeights::State());
    if (state == nullptr)
        return Error{ErrorCode::out_of_memory, "there is not enough memory for packed weights; free some"};
    if (auto ok = plan::pack_into(plan, weights, *state); !ok) return ok.error();
    return PackedWeights(std::move(state));
}

const std::string& PackedWeights::format() const noexcept { return state_->format; }
std::int64_t PackedWeights::size_bytes() const noexcept { return state_->size_bytes; }
bool PackedWeights::all_finite() const noexcept { return state_->all_finite; }

}  // namespace tconv
