// PhaseJobs: one worker's way through the jobs of a block, the same whatever multiplies. The read channels come in
// *chunks* whose panel fits the cache; where there are several, the tiles of some jobs wait for the last one.
#pragma once

#include <algorithm>
#include <cstdint>

#include "methods/method.h"
#include "methods/phase/phase_blocks.h"
#include "methods/phase/phase_layout.h"
#include "methods/phase/phase_store.h"

namespace tconv::methods {

/// A job of a group, for one block of channels.
struct PhaseWork {
    const PhaseJob& job;
    std::int64_t number = 0;  ///< of the job in PhaseLayout::jobs
    std::int64_t channel_block = 0;
    Range channels{};  ///< of the group

    /// The index-th of a group's jobs.
    static PhaseWork make(const Flow& flow, const PhaseLayout& layout, std::int64_t index) noexcept {
        const auto kinds = static_cast<std::int64_t>(layout.jobs.size());
        const std::int64_t number = index % kinds, block = index / kinds;
        return {layout.jobs[static_cast<std::size_t>(number)], number, block,
                share(flow.write_channels, layout.channel_blocks, block)};
    }
};

/// What a worker's tiles and their waiting need.
struct PhaseTiles {
    std::int64_t elements = 0;      ///< of one tile
    std::int64_t lanes = 1;         ///< that a tile of any job has at least
    std::int64_t vector_lanes = 1;  ///< tiles are cut at multiples of it
    std::int64_t together = 1;      ///< vectors that are not cut apart: a tile's lanes are a multiple of these
    std::int64_t waiting = 1;       ///< tiles
    std::int64_t jobs_at_once = 1;  ///< whose tiles wait

    /// The `read_units` are read channels, or what stands for them in the blocks.
    static PhaseTiles make(const PhaseLayout& layout, const PhaseBlocks& blocks, std::int64_t read_units,
                           std::int64_t elements, std::int64_t lanes, std::int64_t together,
                           std::int64_t element_bytes) noexcept {
        constexpr std::int64_t kWaitingBytes = std::int64_t{1} << 20;
        PhaseTiles tiles{elements, lanes, blocks.vector_lanes, together};
        if (blocks.channels >= read_units) return tiles;
        const std::int64_t each = ceil_div(blocks.most_lanes, lanes);
        // Nothing is written where there are no channels to write; a tile has no elements then.
        const std::int64_t one = std::max<std::int64_t>(1, each * elements * element_bytes);
        tiles.jobs_at_once = std::clamp<std::int64_t>(kWaitingBytes / one, 1, layout.job_count());
        tiles.waiting = each * tiles.jobs_at_once;
        return tiles;
    }
};

/// Jobs [first, last) of one group and block. The multiplier has
///     fill(units)                                   packs a chunk of the block
///     most_lanes(work)                              of a tile of this job: a multiple of vector_lanes
///     compute(work, units, vectors, tile)           all rows of one tile; adds unless the chunk is the first
/// `spare`: see PhaseStore::put.
template <class T, class Multiplier>
void do_phase_jobs(const Flow& flow, const PhaseLayout& layout, const PhaseBlocks& blocks, std::int64_t read_units,
                   const PhaseTiles& tiles, const packing::PanelShape& block, std::int64_t group, const Range& jobs,
                   bool prefetches, const PhaseStore<T>& store, T* memory, T* spare, Multiplier& multiplier) noexcept {
    const std::int64_t chunks = std::max<std::int64_t>(1, ceil_div(read_units, blocks.channels));
    const std::int64_t slot_tiles = ceil_div(blocks.most_lanes, tiles.lanes);
    const auto do_job = [&](std::int64_t index, std::int64_t slot, const Range& units) {
        const PhaseWork work = PhaseWork::make(flow, layout, index);
        const PhaseJob& job = work.job;
        const Range lanes = lanes_of(flow, block, job);
        const std::int64_t widest = multiplier.most_lanes(work);
        const std::int64_t vectors = ceil_div(lanes.size(), tiles.vector_lanes);
        const std::int64_t pieces = ceil_div(vectors, tiles.together);
        const std::int64_t count = ceil_div(pieces * tiles.together * tiles.vector_lanes, widest);
        const std::int64_t first_channel = group * flow.write_channels;
        const PhaseTarget target(flow, {job.first_phase, job.first_phase + job.phases}, job.phase_d, job.phase_h,
                                 {first_channel + work.channels.begin, first_channel + work.channels.end});
        const bool is_last = units.end == read_units;
        for (std::int64_t t = 0; t < count; ++t) {
            const Range piece = share(pieces, count, t);
            const Range part{piece.begin * tiles.together, std::min(piece.end * tiles.together, vectors)};
            PhaseTile<T> tile;
            tile.rows = memory + (slot * slot_tiles + t) * tiles.elements;
            if (chunks == 1) tile.rows = memory;
            tile.pitch = widest;
            tile.first_lane = lanes.begin + part.begin * tiles.vector_lanes;
            tile.lanes = std::min(part.size() * tiles.vector_lanes, lanes.end - tile.first_lane);
            if (prefetches && is_last) store.prefetch(block, target, tile);
            multiplier.compute(work, units, part.size(), tile);
            if (is_last) store.put(block, target, tile, spare);
        }
    };
    for (std::int64_t job = jobs.begin; job < jobs.end;) {
        const std::int64_t end = chunks > 1 ? std::min(jobs.end, job + tiles.jobs_at_once) : jobs.end;
        for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
            const Range units = share(read_units, chunks, chunk);
            multiplier.fill(units);
            for (std::int64_t j = job; j < end; ++j) do_job(j, j - job, units);
        }
        job = end;
    }
}

/// The same where a written line is whole vectors, not interleaved with others, and nothing but bias comes after the
/// sums: every tile is a part of one line of each channel, and computed where it belongs.
template <class T, class Multiplier>
void do_phase_jobs_in_place(const Flow& flow, const PhaseLayout& layout, const packing::PanelShape& block,
                            std::int64_t group, const Range& jobs, bool prefetches, const PhaseStore<T>& store,
                            Multiplier& multiplier) noexcept {
    const std::int64_t vector_lanes = store.set.lanes, vectors = flow.axes[2].write_size / vector_lanes;
    const std::int64_t rows_h = block.axes[1].rows(), rows_d = block.axes[0].rows();
    const Range read{0, flow.read_channels};
    multiplier.fill(read);
    for (std::int64_t index = jobs.begin; index < jobs.end; ++index) {
        const PhaseWork work = PhaseWork::make(flow, layout, index);
        const std::int64_t first_channel = group * flow.write_channels + work.channels.begin;
        const std::int64_t count = ceil_div(vectors, multiplier.most_lanes(work) / vector_lanes);
        for (std::int64_t row = 0; row < block.rows(); ++row) {
            std::int64_t at = 0;
            if (!find_written_row(flow, store.strides, block,
                                  {row / rows_h / rows_d, row / rows_h % rows_d, row % rows_h}, work.job.phase_d,
                                  work.job.phase_h, at))
                continue;
            const std::int64_t lane = row * block.pitch + flow.axes[2].write_origin - block.axes[2].first;
            for (std::int64_t t = 0; t < count; ++t) {
                const Range part = share(vectors, count, t);
                PhaseTile<T> tile;
                tile.pitch = store.strides.channel;
                tile.rows = store.output + first_channel * tile.pitch + at + part.begin * vector_lanes;
                tile.first_lane = lane + part.begin * vector_lanes;
                tile.lanes = part.size() * vector_lanes;
                if (prefetches) store.prefetch_rows(tile, work.channels.size());
                multiplier.compute(work, read, part.size(), tile);
                for (std::int64_t c = 0; c < work.channels.size() && store.bias != nullptr; ++c) {
                    T* const line = tile.rows + c * tile.pitch;
                    store.set.store(line, 0, 1, 0, tile.lanes, store.bias[first_channel + c], line,
                                    kernels::Stores::cached);
                }
            }
        }
    }
}

}  // namespace tconv::methods
