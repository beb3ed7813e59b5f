// PhaseBlocks: how the phase GEMM cuts the grid of points into blocks whose panel stays in the second-level cache, and
// the read channels into chunks where even one tile's panel would be too large.
#pragma once

#include <array>
#include <cstdint>

#include "geometry/flow.h"
#include "packing/panel.h"

namespace tconv::methods {

/// The points of all written phases of an axis.
Range hull_of(const FlowAxis& axis) noexcept;

struct PhaseBlocks {
    std::array<Range, Problem::kMaxRank> hull{};          ///< points
    std::array<Range, Problem::kMaxRank> shifts{};        ///< [least, most + 1) of the taps
    std::array<std::int64_t, Problem::kMaxRank> parts{};  ///< of each axis, nearly equal
    std::int64_t cuts = 1;                                ///< of the lanes of a box, at whole vectors
    std::int64_t samples = 1;                             ///< in a box
    std::int64_t sample_parts = 1;
    std::int64_t channels = 1;       ///< read channels in a chunk
    std::int64_t plane_stride = 0;   ///< elements; no multiple of 2 KiB
    std::int64_t largest_lanes = 0;  ///< elements of a plane that any block's panel holds
    std::int64_t most_lanes = 0;     ///< lanes that any block computes: fewer, by the reach of the taps
    std::int64_t vector_lanes = 1;

    std::int64_t count() const noexcept { return sample_parts * parts[0] * parts[1] * parts[2] * cuts; }
    /// The index-th block; its lanes are those from `begin` on whose taps stay below `end`.
    packing::PanelShape block(const Flow& flow, std::int64_t index) const noexcept;
};

/// What the choice depends on besides the flow.
struct BlockLimits {
    std::int64_t panel_elements = 0;  ///< the panel should have no more
    std::int64_t vector_lanes = 1;    ///< blocks are cut at multiples of it
    std::int64_t tile_lanes = 1;      ///< a block should have no fewer
    std::int64_t waiting_lanes = 1;   ///< where channels come in chunks, a block's lanes should be no more
    std::int64_t most_steps = 1;      ///< taps of a run times channels of a chunk should be no more
    std::int64_t workers = 1;         ///< there should be a block for each, for nobody to pack what others pack, too
    std::int64_t weights = 0;     ///< of a group, that each block reads: panels of twice as much are cut for workers
    bool whole_channels = false;  ///< all read channels must be in a panel
    bool whole_rows = false;      ///< a block should have no parts of rows
};

/// What a panel should have at most: half of the second-level cache; the other half is for packed weights, tiles and
/// output.
std::int64_t panel_bytes() noexcept;

/// `planes`: of one read channel; `most_taps`: of one run.
PhaseBlocks choose_blocks(const Flow& flow, const std::array<Range, Problem::kMaxRank>& shifts, std::int64_t planes,
                          std::int64_t most_taps, std::int64_t element_bytes, const BlockLimits& limits) noexcept;

}  // namespace tconv::methods
