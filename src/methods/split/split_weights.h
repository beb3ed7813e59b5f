// SplitWeights: the order of split_gemm's weights, bfloat16 parts (split_set.h) after a first line that tells whether
// they are split at all. For each group of the problem, then
//
//     [channel block][job][run][row tile][group of read channels][tap] [part][row][read channel]
//
// Weights that cannot be split lie as floats [row][read channel] where their step's parts would begin.
// Rows are those of the phase GEMM (phase_layout.h), phase by phase, cut into tiles of `rows` without balancing; rows
// beyond the last and channels beyond the last are zeros. All blocks of channels have room for the widest.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/kernel_set.h"
#include "kernels/split_set.h"
#include "methods/phase/phase_layout.h"

namespace tconv::methods {

struct SplitWeights {
    /// Bytes before the parts, the first of which is 1 where weights are split, and 0 where not.
    static constexpr std::int64_t kHeaderBytes = 64;

    std::int64_t rows = 1, depth = 1;
    std::int64_t depth_groups = 1;            ///< of one problem group's read channels
    std::vector<std::int64_t> run_offsets{};  ///< of PhaseLayout::runs within a channel block
    std::int64_t block_elements = 0;          ///< of a channel block
    std::int64_t group_elements = 0;          ///< of a problem group

    SplitWeights() = default;
    SplitWeights(const Flow& flow, const PhaseLayout& layout, const kernels::SplitSet& set);

    std::int64_t row_tiles(const PhaseLayout& layout, const PhaseRun& run) const noexcept;
    std::int64_t step_elements() const noexcept { return 3 * rows * depth; }
    std::int64_t row_tile_elements(const PhaseRun& run) const noexcept {
        return depth_groups * run.taps * step_elements();
    }
};

/// From contiguous weights, all groups, header included.
void pack_split_weights(const Flow& flow, const PhaseLayout& layout, const SplitWeights& order, const float* weights,
                        const kernels::KernelSet<float>& set, void* packed) noexcept;

}  // namespace tconv::methods
