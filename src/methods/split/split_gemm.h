// split_gemm: the phase GEMM (phase_gemm.h) in f32 on a matrix unit of bfloat16 (split_set.h). Rows are (phase, written
// channel) pairs, lanes are pixels, steps are (tap, read channels by the depth of a tile):
//
//     tile[row][lane]  =  sum over (group of read channels, tap) of six products of the parts of weights and pixels
//
// The panel's pixels and the packed weights are taken apart once. Sums are as accurate as phase_gemm's. Where parts
// cannot hold the numbers (an infinity or NaN, or magnitudes out of split_set.h's bounds, in the weights or in a chunk
// of pixels), that chunk is multiplied by the unit's tiles of f32 instead, several times slower.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "methods/method.h"
#include "methods/output_stores.h"
#include "methods/phase/phase_blocks.h"
#include "methods/phase/phase_jobs.h"
#include "methods/phase/phase_layout.h"
#include "methods/split/split_weights.h"

namespace tconv::methods {

/// Matrix tiles side by side in a job's tile.
inline constexpr std::int64_t kSplitTileLanes = 4;

class SplitGemm final : public Method {
public:
    explicit SplitGemm(const Request& request);

    std::string kernel() const override;
    std::vector<std::string> details() const override;
    std::int64_t workspace_bytes() const noexcept override { return threads_ * worker_bytes_; }
    std::int64_t packed_elements() const noexcept override {
        return (SplitWeights::kHeaderBytes + 2 * flow_.groups * order_.group_elements) / 4;
    }
    std::string weight_format() const override;
    void pack(const void* weights, void* packed) const noexcept override;
    void run(const Call& call) const noexcept override;

private:
    struct Worker;

    Flow flow_;
    SideStrides read_, write_;
    Activation activation_;
    bool has_residual_;
    const kernels::KernelSet<float>& set_;
    const kernels::SplitSet& split_;
    std::int64_t threads_;
    PhaseLayout layout_;
    SplitWeights order_;
    PhaseBlocks blocks_;  // its channels are groups of `depth`
    PhaseTiles tiles_;
    std::int64_t tile_lanes_ = 1;  // of a job's tile, which kernels cut into matrix tiles
    std::int64_t scratch_channels_ = 2;
    // In words, of one worker.
    std::int64_t panel_words_ = 0, scratch_words_ = 0, tile_words_ = 0, spare_words_ = 0, table_words_ = 0,
                 whole_words_ = 0;
    std::int64_t worker_bytes_ = 0;
    OutputStores stores_;
};

Result<Estimate> consider_split_gemm(const Request& request);

}  // namespace tconv::methods
