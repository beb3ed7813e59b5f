// PhaseRows: the phase GEMM of few steps or one written channel, a written row at a time. Where a channel takes few
// multiply-adds (depthwise,
// few channels, one output channel), putting a tile into the cache and taking it out again costs as much as computing
// it. Here the phases of one row of one channel, or of two rows that read some of the same places, are summed,
// interleaved and stored by one row kernel (large strides, whose phases fill vectors: by the points kernel). Stretches
// of points are the outer loop, so that the panel's part under them stays in the first-level cache for all channels and
// phases.
#pragma once

#include <cstdint>

#include "methods/phase/phase_layout.h"
#include "packing/panel.h"
#include "tconv/strides.h"

namespace tconv::methods {

template <class T>
struct PhaseRows {
    const Flow& flow;
    const PhaseLayout& layout;
    const SideStrides& strides;  ///< of the output; 1 along the last axis, or there is scratch
    const kernels::KernelSet<T>& set;
    const Activation& activation;
    const T* bias;
    T* output;
    kernels::Stores stores = kernels::Stores::cached;
    kernels::RowRun* row_runs = nullptr;  ///< room for each of the layout's runs
    const T* residual = nullptr;
    T* scratch = nullptr;     ///< for two lines of a stretch, where they cannot be written at once: scratch_elements()
    bool asks_ahead = false;  ///< for the panel's part under the next stretch

    /// Whether a part of a line takes so long that it should not be cut off.
    static bool has_many_steps(const Flow& flow, const PhaseLayout& layout) noexcept {
        constexpr std::int64_t kFewSteps = 64;
        std::int64_t taps = 0;
        for (std::int64_t r = 0; r < layout.jobs.front().runs; ++r)
            taps += layout.runs[static_cast<std::size_t>(r)].taps;
        return flow.read_channels * taps > kFewSteps;
    }
    static std::int64_t scratch_elements(const Flow& flow, const kernels::KernelSet<T>& set) noexcept;
    /// Whether a layout's jobs are rows of one channel with all phases alike, or with a tap more for the first;
    /// or pairs of rows.
    static bool serves(const PhaseLayout& layout) noexcept;

    /// Jobs [first, last) of one group over one block. `table` holds the offsets of all tap sets' steps, `panel`
    /// holds the block, `weights` and `first_channel` are the group's.
    void run(const packing::PanelShape& block, const Range& jobs, const T* panel, const std::int32_t* table,
             const T* weights, std::int64_t first_channel) const noexcept;

private:
    void finish_line(const T* line, std::int64_t count, std::int64_t at) const noexcept;
    void write_points(const PhaseJob& job, std::int64_t steps, const T* stream, const T* vectors,
                      const std::int32_t* offsets, const Range& elements, T add, T* row) const noexcept;
};

}  // namespace tconv::methods
