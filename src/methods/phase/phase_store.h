// PhaseStore: the way of a finished tile into the output. A tile holds, for `phases` neighbouring written phases of the
// last axis and `channels` written channels, a run of lanes (panel.h):
//
//     tile[(phase * channels + channel) * pitch + lane - first_lane]
//
// Lanes between rows, and points outside the written grid, are dropped here. Bias, activation and residual are applied
// to the tile, in the cache; then each row goes out interleaved by phase.
#pragma once

#include <cstdint>

#include "geometry/flow.h"
#include "kernels/kernel_set.h"
#include "methods/output_stores.h"
#include "methods/phase/phase_layout.h"
#include "packing/panel.h"
#include "tconv/strides.h"

namespace tconv::methods {

/// A row of the block's box.
struct BoxRow {
    std::int64_t sample = 0, d = 0, h = 0;
};

/// Where the output of a row of the box begins, for one phase of the first two axes: channel 0, index 0 of the last
/// axis. False where that phase is not written in this row.
inline bool find_written_row(const Flow& flow, const SideStrides& strides, const packing::PanelShape& block,
                             const BoxRow& row, std::int64_t phase_d, std::int64_t phase_h,
                             std::int64_t& offset) noexcept {
    const std::int64_t at[2] = {row.d, row.h}, phase[2] = {phase_d, phase_h};
    offset = (block.first_sample + row.sample) * strides.sample;
    for (std::size_t i = 0; i < 2; ++i) {
        const FlowAxis& axis = flow.axes[i];
        const std::int64_t index = axis.write_stride * (block.axes[i].first + at[i]) + phase[i] - axis.write_origin;
        if (at[i] >= block.axes[i].count || index < 0 || index >= axis.write_size) return false;
        offset += index * strides.axes[i];
    }
    return row.sample < block.samples;
}

/// From the first to the last lane of the block whose point a job's phases write on the first two axes.
Range lanes_of(const Flow& flow, const packing::PanelShape& block, const PhaseJob& job) noexcept;

/// Whether tiles of jobs go into contiguous rows by the kernel `store`, where the output's last axis is contiguous.
inline bool is_stored_in_rows(const Flow& flow, const PhaseLayout& layout) noexcept {
    const std::int64_t phases = layout.jobs.front().phases;
    return phases == flow.axes[2].write_stride && phases <= kernels::kMostRowPhases;
}

/// What all tiles of a job have in common.
struct PhaseTarget {
    std::int64_t first_phase = 0, phases = 1;  ///< of the last axis
    std::int64_t phase_d = 0, phase_h = 0;
    std::int64_t first_channel = 0, channels = 1;  ///< of the whole array
    Range some{}, all{};  ///< points of the last axis at which some, or all, phases are written

    PhaseTarget(const Flow& flow, const Range& phases_w, std::int64_t d, std::int64_t h, const Range& channel) noexcept;
};

template <class T>
struct PhaseTile {
    T* rows = nullptr;
    std::int64_t pitch = 0;
    std::int64_t first_lane = 0, lanes = 0;
};

template <class T>
struct PhaseStore {
    const Flow& flow;
    const SideStrides& strides;
    const kernels::KernelSet<T>& set;
    const Activation& activation;
    const T* bias;
    const T* residual;
    T* output;
    kernels::Stores stores = kernels::Stores::cached;

    /// `spare` has room for one tile's rows of one channel, for residuals: phases * pitch elements.
    void put(const packing::PanelShape& block, const PhaseTarget& target, const PhaseTile<T>& tile,
             T* spare) const noexcept;
    /// Asks for the output's lines that put() will write, so that they arrive while the tile is computed.
    void prefetch(const packing::PanelShape& block, const PhaseTarget& target, const PhaseTile<T>& tile) const noexcept;
    /// The same for a tile that is in the output.
    void prefetch_rows(const PhaseTile<T>& tile, std::int64_t channels) const noexcept;
};

/// Whether prefetch() is worth it: not for lines that the cache holds anyway, or that are written past it.
template <class T>
bool asks_ahead(const OutputStores& stores, const PhaseStore<T>& store, const PhaseLayout& layout) noexcept {
    const bool streams = store.stores == kernels::Stores::streaming && is_stored_in_rows(store.flow, layout);
    return stores.asks_ahead() && store.strides.axes[2] == 1 && !streams;
}

}  // namespace tconv::methods
