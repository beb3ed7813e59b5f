// PhaseRows: the phase GEMM of few steps, a written row at a time. Where a channel takes few multiply-adds (depthwise,
// few channels, one output channel), putting a tile into the cache and taking it out again costs as much as computing
// it. Here the phases of one row of one channel are summed, interleaved and stored by one row kernel (large strides,
// whose phases fill vectors: by the points kernel). Stretches of points are the outer loop, so that the panel's part
// under them stays in the first-level cache for all channels and phases.
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
    const SideStrides& strides;  ///< of the output; 1 along the last axis
    const kernels::KernelSet<T>& set;
    const Activation& activation;
    const T* bias;
    T* output;
    kernels::Stores stores = kernels::Stores::cached;

    /// Whether a layout's jobs are rows of one channel with all phases alike, or with a tap more for the first of two.
    static bool serves(const PhaseLayout& layout) noexcept;

    /// Jobs [first, last) of one group over one block. `table` holds the offsets of all tap sets' steps, `panel`
    /// holds the block, `weights` and `first_channel` are the group's.
    void run(const packing::PanelShape& block, const Range& jobs, const T* panel, const std::int32_t* table,
             const T* weights, std::int64_t first_channel) const noexcept;

private:
    void write_points(const PhaseJob& job, std::int64_t steps, const T* stream, const T* vectors,
                      const std::int32_t* offsets, const Range& elements, T add, T* row) const noexcept;
};

}  // namespace tconv::methods
