// phase_gemm: scatter and gather as matrix products whose vectors are pixels. Every written phase sees the same window
// of the read grid (flow.h); so for a block of points, the zero-padded planes of all read channels are packed once
// (panel.h) and serve all taps, phases and channels:
//
//     tile[(phase, channel)][lane]  =  sum over (read channel, tap) of
//                                          packed[...][(phase, channel)] * panel[... + lane]
//
// the tap being a constant offset. Each output is written once, interleaved by phase, bias and activation on the way.
// For kernel <= stride (no overlap) a phase has one tap or none, and the same code is a plain matrix product.
//
// Blocks of points keep the panel in the second-level cache; jobs (phase_layout.h) run through the packed weights; a
// worker takes a stretch of (block, group, job), in this order, so that it packs few panels. The sum of an element runs
// through read channels and taps in one order whatever the blocks, so the number of threads cannot change a bit.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "methods/method.h"
#include "methods/output_stores.h"
#include "methods/phase/phase_blocks.h"
#include "methods/phase/phase_jobs.h"
#include "methods/phase/phase_layout.h"
#include "methods/phase/phase_store.h"

namespace tconv::methods {

template <class T>
class PhaseGemm final : public Method {
public:
    explicit PhaseGemm(const Request& request);

    std::string kernel() const override;
    std::vector<std::string> details() const override;
    std::int64_t workspace_bytes() const noexcept override { return threads_ * worker_bytes_; }
    std::int64_t packed_elements() const noexcept override { return flow_.groups * layout_.weight_elements(flow_); }
    std::string weight_format() const override;
    void pack(const void* weights, void* packed) const noexcept override;
    void run(const Call& call) const noexcept override;

private:
    struct Worker;

    bool may_read_in_place() const noexcept;
    bool may_write_in_place() const noexcept;
    // The rows of a job's tallest tile, and the vectors of its tiles: as many as that one allows.
    std::int64_t tallest_tile(const PhaseJob& job, std::int64_t channels) const noexcept;
    int tile_vectors(const PhaseJob& job, std::int64_t channels) const noexcept;
    // The parts that a tile's read channels are summed in: the first-level cache holds one part of the panel, for all
    // rows of the tile; what it does not hold yet is asked for.
    struct Parts {
        std::int64_t channels = 1;
        bool are_asked_for = false;
    };
    Parts parts_of(const PhaseJob& job) const noexcept;

    Flow flow_;
    SideStrides read_, write_;
    Activation activation_;
    bool has_residual_;
    const kernels::KernelSet<T>& set_;
    std::int64_t threads_;
    PhaseLayout layout_;
    PhaseBlocks blocks_;
    PhaseTiles tiles_;
    std::vector<Parts> parts_{};  // of each of the layout's jobs
    std::int64_t panel_elements_ = 0, spare_elements_ = 0, table_elements_ = 0;
    std::int64_t worker_bytes_ = 0;
    std::int64_t read_elements_ = 0;  // of the whole input
    bool reads_in_place_ = false;     // not from a packed panel
    bool writes_rows_ = false;        // phase_rows.h
    bool writes_in_place_ = false;    // not from tiles
    OutputStores stores_;
};

}  // namespace tconv::methods
