#include <algorithm>
#include <cstring>

#include "methods/method.h"
#include "methods/phase/phase_layout.h"

namespace tconv::methods {
namespace {

// A phase of a run, and what its channel pairs' weights are called.
struct RunOf {
    const PhaseLayout& layout;
    const Flow& flow;
    const PhaseJob& job;
    const PhaseRun& run;

    // Taps [begin, begin + count) of a row of the run, which is a phase of a line: visit(index within a channel pair's
    // taps).
    template <class Visit>
    void for_each_tap(std::int64_t row, std::int64_t begin, std::int64_t count, const Visit& visit) const noexcept {
        const std::int64_t rows = flow.axes[1].kernel, columns = flow.axes[2].kernel;
        const std::int64_t line = run.first_line + row / run.phases, phase = row % run.phases;
        const WrittenPhase written{job.phase_d, job.phase_h_of(line), job.first_phase + run.first_phase + phase};
        layout.taps_in({written, run.rows[static_cast<std::size_t>(line)], run.columns})
            .for_each(begin, count, [&](const AxisTap& d, const AxisTap& h, const AxisTap& w) {
                visit((d.tap * rows + h.tap) * columns + w.tap);
            });
    }
};

// One tile's weights for some read channels: to[(c * taps + t) * rows + r]. Row r is row r / channels of the run's
// lines and phases, and channel r % channels of the job. They are found once, as stretches of neighbours: phases of a
// large stride read neighbouring taps.
template <class T>
struct TilePacker {
    static constexpr std::int64_t kMostOffsets = 1024, kMostLength = 16;

    const RunOf& of;
    std::int64_t first_channel, channels;  // of the job
    Range rows;                            // of the run

    // Of each group, from the first one's weights and packed elements on.
    void pack(const T* weights, const Range& read_channels, std::int64_t groups, T* to) const noexcept {
        const std::int64_t height = rows.size(), per_channel = of.run.taps * height;
        const std::int64_t most_taps = std::max<std::int64_t>(1, kMostOffsets / height);
        std::int64_t offsets[kMostOffsets];
        for (std::int64_t tap = 0; tap < of.run.taps; tap += most_taps) {
            const std::int64_t taps = std::min(most_taps, of.run.taps - tap), count = taps * height;
            find_offsets(tap, taps, offsets);
            const std::int64_t length = stretch_of(offsets, count);
            const auto copy_channels = length == 16  ? &TilePacker::copy<16>
                                       : length == 8 ? &TilePacker::copy<8>
                                       : length == 4 ? &TilePacker::copy<4>
                                                     : &TilePacker::copy<1>;
            const T* from = weights + read_channels.begin * of.flow.weight_read_stride;
            T* at = to + read_channels.begin * per_channel + tap * height;
            for (std::int64_t group = 0; group < groups; ++group) {
                (this->*copy_channels)(offsets, count, from, read_channels.size(), at);
                from += of.flow.weight_group_stride;
                at += of.layout.weight_elements(of.flow);
            }
        }
    }

    template <int kLength>
    void copy(const std::int64_t* offsets, std::int64_t count, const T* from, std::int64_t read_channels,
              T* to) const noexcept {
        for (std::int64_t c = 0; c < read_channels; ++c) {
            for (std::int64_t i = 0; i < count; i += kLength)
                std::memcpy(to + i, from + offsets[i], kLength * sizeof(T));
            from += of.flow.weight_read_stride;
            to += of.run.taps * rows.size();
        }
    }

    // The longest of 16, 8, 4, 1 such that all stretches of that many are neighbours.
    static std::int64_t stretch_of(const std::int64_t* offsets, std::int64_t count) noexcept {
        std::int64_t length = kMostLength;
        while (length > 1 && count % length != 0) length /= 2;
        for (std::int64_t i = 1; i < count && length > 1; ++i)
            while (i % length != 0 && offsets[i] != offsets[i - 1] + 1) length /= 2;
        return length == 2 ? 1 : length;
    }

    // Where the weights of taps [tap, tap + taps) lie, from the first weight of a read channel on.
    void find_offsets(std::int64_t tap, std::int64_t taps, std::int64_t* offsets) const noexcept {
        const std::int64_t height = rows.size();
        for (std::int64_t row = rows.begin; row < rows.end;) {
            const std::int64_t channel = row % channels, count = std::min(channels - channel, rows.end - row);
            std::int64_t* at = offsets + row - rows.begin;
            of.for_each_tap(row / channels, tap, taps, [&](std::int64_t index) {
                const std::int64_t first = (first_channel + channel) * of.flow.weight_write_stride + index;
                for (std::int64_t i = 0; i < count; ++i) at[i] = first + i * of.flow.weight_write_stride;
                at += height;
            });
            row += count;
        }
    }
};

// All tiles of a block of so many channels, for kernels of not too many taps: a few read channels' weights are
// transposed to [read channel][tap][channel] in the first-level cache, and go from there to the tiles in stretches of
// channels.
template <class T>
class BlockPacker {
public:
    static constexpr std::int64_t kMostElements = 4096, kMostCopies = 512;

    static bool serves(const Flow& flow, std::int64_t channels) noexcept {
        return channels >= 4 && flow.taps * 4 <= kMostCopies && flow.taps * channels * 2 <= kMostElements;
    }

    BlockPacker(const PhaseLayout& layout, const Flow& flow, std::int64_t channels,
                const kernels::KernelSet<T>& set) noexcept
        : flow_(flow), channels_(channels), set_(set) {
        for (std::size_t j = 0; j < layout.jobs.size(); ++j) {
            std::int64_t to = layout.weight_offset({0, channels}, static_cast<std::int64_t>(j));
            const PhaseJob& job = layout.jobs[j];
            for (std::int64_t r = job.first_run; r < job.first_run + job.runs; ++r) {
                const PhaseRun& run = layout.runs[static_cast<std::size_t>(r)];
                const std::int64_t rows = run.height() * channels, tiles = layout.tile_count(rows);
                for (std::int64_t tile = 0; tile < tiles; ++tile) {
                    const Range part = share(rows, tiles, tile);
                    add_tile({layout, flow, job, run}, part, to);
                    to += part.size() * run.taps * flow.read_channels;
                }
            }
        }
    }

    // From the weights of the block's first channel to the block's first packed element.
    void pack(const T* weights, const Range& read_channels, T* to) const noexcept {
        const std::int64_t each = flow_.taps * channels_, at_once = kMostElements / each;
        T transposed[kMostElements];
        for (std::int64_t c = read_channels.begin; c < read_channels.end; c += at_once) {
            const std::int64_t count = std::min(at_once, read_channels.end - c);
            for (std::int64_t i = 0; i < count; ++i)
                set_.transpose(weights + (c + i) * flow_.weight_read_stride, flow_.weight_write_stride, channels_,
                               flow_.taps, transposed + i * each, channels_);
            for (std::int64_t n = 0; n < copies_count_; ++n) {
                const Copy& copy = copies_[n];
                const T* from = transposed + copy.from;
                T* at = to + copy.to + c * copy.step;
                if (copy.count == 8) {
                    for (std::int64_t i = 0; i < count; ++i, from += each, at += copy.step)
                        std::memcpy(at, from, 8 * sizeof(T));
                } else {
                    for (std::int64_t i = 0; i < count; ++i, from += each, at += copy.step)
                        for (std::int64_t k = 0; k < copy.count; ++k) at[k] = from[k];
                }
            }
        }
    }

private:
    struct Copy {
        std::int64_t from, to, step, count;
    };

    // A tile's rows fall into stretches of one phase; each is a copy for each tap.
    void add_tile(const RunOf& of, const Range& rows, std::int64_t to) noexcept {
        for (std::int64_t row = rows.begin; row < rows.end;) {
            const std::int64_t phase = row / channels_, channel = row % channels_;
            const std::int64_t count = std::min(channels_ - channel, rows.end - row);
            std::int64_t at = to + row - rows.begin;
            of.for_each_tap(phase, 0, of.run.taps, [&](std::int64_t index) {
                copies_[copies_count_++] = {index * channels_ + channel, at, of.run.taps * rows.size(), count};
                at += rows.size();
            });
            row += count;
        }
    }

    const Flow& flow_;
    std::int64_t channels_;
    const kernels::KernelSet<T>& set_;
    Copy copies_[kMostCopies];
    std::int64_t copies_count_ = 0;
};

// One by one, for any kernel.
template <class T>
void pack_tiles(const PhaseLayout& layout, const Flow& flow, const Range& channels, const T* weights,
                const Range& read_channels, std::int64_t groups, T* packed) noexcept {
    for (std::size_t j = 0; j < layout.jobs.size(); ++j) {
        const PhaseJob& job = layout.jobs[j];
        T* to = packed + layout.weight_offset(channels, static_cast<std::int64_t>(j));
        for (std::int64_t r = job.first_run; r < job.first_run + job.runs; ++r) {
            const PhaseRun& run = layout.runs[static_cast<std::size_t>(r)];
            const RunOf of{layout, flow, job, run};
            const std::int64_t rows = run.height() * channels.size(), tiles = layout.tile_count(rows);
            for (std::int64_t tile = 0; tile < tiles; ++tile) {
                const Range part = share(rows, tiles, tile);
                TilePacker<T>{of, channels.begin, channels.size(), part}.pack(weights, read_channels, groups, to);
                to += part.size() * run.taps * flow.read_channels;
            }
        }
    }
}

}  // namespace

template <class T>
void pack_phase_weights(const PhaseLayout& layout, const Flow& flow, const T* weights, const kernels::KernelSet<T>& set,
                        T* packed) noexcept {
    if (layout.weight_elements(flow) == 0) return;
    // Read channels outside: as many as the second-level cache holds the weights of, for all tiles to read there.
    constexpr std::int64_t kCachedBytes = 256 << 10;
    const std::int64_t each = flow.write_channels * flow.taps * static_cast<std::int64_t>(sizeof(T));
    const std::int64_t at_once = std::clamp<std::int64_t>(kCachedBytes / std::max<std::int64_t>(1, each), 4, 128);
    const std::int64_t wide = layout.block_channels, narrow = std::max<std::int64_t>(1, wide - 1);
    const bool by_blocks = BlockPacker<T>::serves(flow, narrow) && BlockPacker<T>::serves(flow, wide);
    const BlockPacker<T> wide_blocks(layout, flow, by_blocks ? wide : 0, set);
    const BlockPacker<T> narrow_blocks(layout, flow, by_blocks ? narrow : 0, set);
    // Small groups' tiles are alike, and found once for several.
    const std::int64_t of_group = each * std::max<std::int64_t>(1, std::min(at_once, flow.read_channels));
    const std::int64_t together = by_blocks ? 1 : std::clamp<std::int64_t>(kCachedBytes / of_group, 1, flow.groups);
    for (std::int64_t group = 0; group < flow.groups; group += together) {
        const T* const from = weights + group * flow.weight_group_stride;
        T* const to = packed + group * layout.weight_elements(flow);
        for (std::int64_t c = 0; c < flow.read_channels; c += at_once) {
            const Range read{c, std::min(c + at_once, flow.read_channels)};
            for (std::int64_t block = 0; block < layout.channel_blocks; ++block) {
                const Range channels = share(flow.write_channels, layout.channel_blocks, block);
                if (channels.empty()) continue;
                if (by_blocks)
                    (channels.size() == wide ? wide_blocks : narrow_blocks)
                        .pack(from + channels.begin * flow.weight_write_stride, read,
                              to + channels.begin * layout.weight_offsets.back());
                else
                    pack_tiles(layout, flow, channels, from, read, std::min(together, flow.groups - group), to);
            }
        }
    }
}

template void pack_phase_weights(const PhaseLayout&, const Flow&, const float*, const kernels::KernelSet<float>&,
                                 float*) noexcept;
template void pack_phase_weights(const PhaseLayout&, const Flow&, const double*, const kernels::KernelSet<double>&,
                                 double*) noexcept;

}  // namespace tconv::methods
