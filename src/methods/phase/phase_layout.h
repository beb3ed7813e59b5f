// PhaseLayout: what the phase GEMM does with one group of channels, apart from the sizes of the maps. Rows of the GEMM
// are (written phase of the last axis, written channel) pairs; its depth is (read channel, tap). Every written phase
// has its own taps, so no multiplication is spent on a tap that a phase has not got.
//
//     job     some written channels, one phase of the first two axes, a chunk of phases of the last axis
//     run     neighbouring phases of the chunk whose taps read the same places: one GEMM with
//             rows = phases x channels of the job and steps = read channels x taps, cut into tiles of equal height
//
//     k4 s2, 8 channels       job: phase_h 0, both phase_w    one run:  16 rows, 4 taps
//     k3 s2, 8 channels       job: phase_h 0, both phase_w    two runs:  8 rows of 4 taps, 8 rows of 2 taps
//     k3 s2, rowwise          job: both phase_h and phase_w   four runs: 4 rows of 1 tap, 2 (the first phase_w's) of
//                                                             another, 2 (the first phase_h's), 1 (both ones')
//
// Rowwise jobs are of one channel, and where two written lines (rows of the second axis) read some of the same places,
// of both: two phases of a stride, or a point and its neighbour. What only one of them reads are runs of its own.
//
// Packed weights are the tiles one after the other, [job][run][tile][read channel][tap][row]; for several groups, the
// whole again for each group.
#pragma once

#include <cstdint>
#include <vector>

#include "geometry/flow.h"
#include "methods/phase/phase_taps.h"
#include "packing/panel.h"

namespace tconv::methods {

struct PhaseRun {
    std::int64_t first_phase = 0, phases = 1;  ///< of the last axis, counted within the job's chunk
    std::int64_t taps = 0;                     ///< of its tap set
    std::int64_t taps_before = 0;              ///< of the sets before that one: where its steps are in a table of all
    Range columns{};                           ///< of each phase's taps along the last axis: those that are in the set
    bool adds = false;                         ///< to what an earlier run of these phases began
    std::int64_t first_line = 0, lines = 1;    ///< of the job's
    std::array<Range, 2> rows{};               ///< of each line's taps along the second axis: those that are in the set

    std::int64_t height() const noexcept { return lines * phases; }  ///< rows of the GEMM for each channel
};

/// One phase of the first two axes (of pairs of lines: two of the second) with a chunk of the last axis's phases; the
/// same for all blocks of channels.
struct PhaseJob {
    std::int64_t phase_d = 0, phase_h = 0;
    std::int64_t first_phase = 0, phases = 1;           ///< of the last axis
    std::int64_t first_run = 0, runs = 0;               ///< indices into PhaseLayout::runs
    std::int64_t lines = 1;                             ///< written ones: of the second, the next says where it is
    std::int64_t second_phase_h = 0, second_shift = 0;  ///< its phase; 1 if it is the next point's, 0 if the same one's

    std::int64_t phase_h_of(std::int64_t line) const noexcept { return line == 0 ? phase_h : second_phase_h; }
};

/// A written phase of each axis.
using WrittenPhase = std::array<std::int64_t, Problem::kMaxRank>;

/// Taps of a written phase: of those along the second and the last axis, some.
struct TapSet {
    WrittenPhase phase{};
    Range rows{}, columns{};
    std::int64_t moved = 0;  ///< points along the second axis, from those that the job counts from
};

struct PhaseLayout {
    std::array<AxisTaps, Problem::kMaxRank> axes{};
    /// One for all sets of taps that read the same places: what all phases of a run share, and runs of different jobs
    /// may; but each pair of lines has its own.
    std::vector<TapSet> tap_sets{};
    std::int64_t taps = 0;  ///< of all sets
    std::vector<PhaseRun> runs{};
    std::vector<PhaseJob> jobs{};
    std::vector<packing::ReadPhase> read_phases{};  ///< the panel's planes for each read channel
    std::int64_t together = 1;                      ///< read phases in complete runs of the last axis (panel.h)
    bool joins_phases = false;                      ///< whose taps differ by one
    bool joins_lines = false;                       ///< jobs have two, where there are two
    std::int64_t channel_blocks = 1;                ///< of nearly equal width
    std::int64_t block_channels = 1;                ///< of the widest
    std::int64_t tile_rows = 1;                     ///< of the tallest tile
    std::vector<std::int64_t> weight_offsets{};  ///< of [job] in elements for each channel of a block; then the total

    PhaseTaps taps_of(const WrittenPhase& phase) const noexcept {
        return {axes[0].of(phase[0]), axes[1].of(phase[1]), axes[2].of(phase[2])};
    }
    PhaseTaps taps_in(const TapSet& set) const noexcept {
        PhaseTaps some = taps_of(set.phase);
        some.axes[1] =
            some.axes[1].subspan(static_cast<std::size_t>(set.rows.begin), static_cast<std::size_t>(set.rows.size()));
        some.axes[2] = some.axes[2].subspan(static_cast<std::size_t>(set.columns.begin),
                                            static_cast<std::size_t>(set.columns.size()));
        return some;
    }
    std::array<Range, Problem::kMaxRank> shifts() const noexcept {
        return {axes[0].shifts, axes[1].shifts, axes[2].shifts};
    }
    /// How many jobs there are for one group.
    std::int64_t job_count() const noexcept { return channel_blocks * static_cast<std::int64_t>(jobs.size()); }
    /// Packed elements of one group, and where those of one block of channels and one job begin.
    std::int64_t weight_elements(const Flow& flow) const noexcept {
        return weight_offsets.back() * flow.write_channels;
    }
    std::int64_t weight_offset(const Range& channels, std::int64_t job) const noexcept {
        return channels.begin * weight_offsets.back() + channels.size() * weight_offsets[static_cast<std::size_t>(job)];
    }
    /// The height of the tiles that `rows` rows are cut into: tile t of share(rows, tile_count(rows), t).
    std::int64_t tile_count(std::int64_t rows) const noexcept { return (rows + tile_rows - 1) / tile_rows; }
};

/// Whether all phases of the last axis read the same places but that the first has one tap more, as k3 s2 has.
bool has_tap_more(const FlowAxis& axis) noexcept;

/// Whether jobs may be single channels, for phase_rows.h: few steps are worth no tile, nor is a tile of one row. Of the
/// weights' geometry alone.
bool may_be_rowwise(const Flow& flow, int tile_rows);

/// Whether two written lines share places that they read, and rowwise jobs are pairs of them: where a tile has rows for
/// the phases of both. Of the weights' geometry alone.
bool may_join_lines(const Flow& flow, int tile_rows);

/// How many phases of the last axis a job takes, and how many channels: one if it is rowwise.
struct JobShape {
    std::int64_t phases = 1, channels = 1;
};
JobShape job_shape(const Flow& flow, int tile_rows, bool is_rowwise) noexcept;

PhaseLayout make_phase_layout(const Flow& flow, int tile_rows, bool is_rowwise);

/// From contiguous weights to the packed order above, all groups.
template <class T>
void pack_phase_weights(const PhaseLayout& layout, const Flow& flow, const T* weights, const kernels::KernelSet<T>& set,
                        T* packed) noexcept;

}  // namespace tconv::methods
