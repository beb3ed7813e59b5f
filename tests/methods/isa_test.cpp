// The instruction set that is asked for is the one that computes.
#include <array>
#include <utility>

#include "methods/candidates.h"
#include "runtime/environment_variable.h"
#include "support.h"
#include "tconv/buffer.h"

namespace tconv::testing {
namespace {

using Pair = std::array<float, 2>;

/// r - a a for the f32 number r nearest to a a, computed as a sum of products over two channels: zero where products
/// are rounded before they are added, and not zero where both is one instruction.
template <class Run>
bool is_fused(const Run& run) {
    const float a = 1.0f + 0x1p-12f, square = a * a;
    // Whichever channel is summed first.
    return run(Pair{-square, a}, Pair{1, a}) != 0 || run(Pair{a, -square}, Pair{a, 1}) != 0;
}

float scatter_one(const Plan& plan, const Pair& input, const Pair& weights) {
    const auto packed = pack(plan, weights.data());
    auto workspace = AlignedBuffer::allocate(plan.workspace_bytes());
    float output = 99;
    EXPECT_EQ(run(plan, *packed, {.input = input.data(), .output = &output, .workspace = workspace->data()}),
              RunStatus::done);
    return output;
}

/// The same sum over two pixels.
float weight_grad_of_two(const Plan& plan, const Pair& coarse, const Pair& fine) {
    auto workspace = AlignedBuffer::allocate(plan.workspace_bytes());
    float output = 99;
    EXPECT_EQ(run_weight_grad(plan, coarse.data(), fine.data(), &output, workspace->data()), RunStatus::done);
    return output;
}

/// SSE4 cannot fuse and portable kernels may not: the bits tell which kernels ran.
bool fuses(Isa isa) { return isa != Isa::portable && isa != Isa::sse4; }

TEST(InstructionSets, AreTheOnesAskedFor) {
    if (available_isas().size() < 2) GTEST_SKIP() << "this build or CPU has portable kernels only";
    const Problem one = *parse_problem("ic2 oc1 i1 k1"), two = *parse_problem("ic1 oc1 i2 k1");
    for (const Isa isa : available_isas()) {
        const EnvironmentVariable asked("TCONV_ISA", std::string(to_string(isa)).c_str());
        for (const char* const method : {"phase_gemm", "overlap_add"}) {
            const auto plan = make_plan(one, Pass::scatter, {.method = method});
            ASSERT_TRUE(plan.ok()) << method << ": " << plan.error().message;
            EXPECT_EQ(plan->explain().isa, isa);
            EXPECT_EQ(
                is_fused([&](const Pair& input, const Pair& weights) { return scatter_one(*plan, input, weights); }),
                fuses(isa))
                << method << " with " << to_string(isa);
        }
        const auto plan = make_plan(two, Pass::weight_grad, {.method = "weight_gemm"});
        ASSERT_TRUE(plan.ok()) << plan.error().message;
        EXPECT_EQ(
            is_fused([&](const Pair& coarse, const Pair& fine) { return weight_grad_of_two(*plan, coarse, fine); }),
            fuses(isa))
            << to_string(isa);
    }
}

TEST(InstructionSets, HaveKernelsOfTheirOwn) {
    for (const kernels::Unit& a : kernels::all_units())
        for (const kernels::Unit& b : kernels::all_units()) {
            if (&a == &b) continue;
            EXPECT_STRNE(a.name, b.name);
            // Vectors of the same instructions; what is its own are matrix tiles.
            if (a.isa == Isa::amx || b.isa == Isa::amx) {
                EXPECT_NE(a.f32().split, b.f32().split) << a.name << ", " << b.name;
                continue;
            }
            EXPECT_NE(a.f32().tile[0][0], b.f32().tile[0][0]) << a.name << ", " << b.name;
            EXPECT_NE(a.f64().store, b.f64().store) << a.name << ", " << b.name;
        }
    for (const Isa isa : available_isas())
        EXPECT_STREQ(kernels::unit_for(isa).name, std::string(to_string(isa)).c_str());
}

// A unit whose tile kernels count their calls.
int calls = 0;

template <std::size_t kIndex>
void counted(std::int64_t steps, const float* stream, const float* vectors, const std::int32_t* offsets,
             std::int64_t ahead, float* tile, std::int64_t pitch, bool adds) {
    ++calls;
    kernels::portable_f32().tile[kIndex / kernels::kMostVectors][kIndex % kernels::kMostVectors](
        steps, stream, vectors, offsets, ahead, tile, pitch, adds);
}

template <std::size_t... kIndices>
void count_tiles(kernels::KernelSet<float>& set, std::index_sequence<kIndices...>) {
    const auto count = [&](auto& kernel, auto* counting) {
        if (kernel != nullptr) kernel = counting;
    };
    (count(set.tile[kIndices / kernels::kMostVectors][kIndices % kernels::kMostVectors], counted<kIndices>), ...);
}

const kernels::KernelSet<float>& counting_set() noexcept {
    static const kernels::KernelSet<float> kSet = [] {
        kernels::KernelSet<float> set = kernels::portable_f32();
        count_tiles(set, std::make_index_sequence<kernels::kMostRows * kernels::kMostVectors>());
        return set;
    }();
    return kSet;
}

TEST(InstructionSets, AreReachedThroughTheUnitOnly) {
    const kernels::Unit counting{"counting", Isa::portable, counting_set, kernels::portable_f64};
    for (const Pass pass : kPasses) {
        const Trial trial(*parse_problem("ic9 oc6 i7x9 k3 s2 p1"), pass, Values::whole, 1);
        const std::vector<float> coarse(trial.coarse.begin(), trial.coarse.end()),
            fine(trial.fine.begin(), trial.fine.end()), weights(trial.weights.begin(), trial.weights.end());
        const SideStrides of_coarse = coarse_strides(trial.problem), of_fine = fine_strides(trial.problem);
        const bool reads_coarse = pass == Pass::scatter;
        const methods::Request request{
            trial.problem, pass, counting, 1, reads_coarse ? of_coarse : of_fine, reads_coarse ? of_fine : of_coarse};
        for (const methods::Candidate* const candidate : methods::candidates()) {
            const bool serves = pass == Pass::scatter  ? candidate->serves_scatter
                                : pass == Pass::gather ? candidate->serves_gather
                                                       : candidate->serves_weight_grad;
            if (!serves || !candidate->consider(request)) continue;
            const auto method = candidate->make(request);
            auto packed = AlignedBuffer::allocate(method->packed_elements() * 4);
            auto workspace = AlignedBuffer::allocate(method->workspace_bytes());
            if (pass != Pass::weight_grad) method->pack(weights.data(), packed->data());
            std::vector<float> output(static_cast<std::size_t>(trial.written_elements()));
            methods::Call call;
            call.input = pass == Pass::gather ? fine.data() : coarse.data();
            call.second = fine.data();
            call.packed = packed->data();
            call.output = output.data();
            call.workspace = workspace->data();
            calls = 0;
            method->run(call);
            EXPECT_EQ(difference(answer_to(trial), {output.begin(), output.end()}), "") << candidate->name;
            const std::string_view name = candidate->name;
            const bool has_loops_of_its_own = name == "direct" || name == "reference";
            EXPECT_EQ(calls > 0, !has_loops_of_its_own) << name;
        }
    }
}

}  // namespace
}  // namespace tconv::testing
