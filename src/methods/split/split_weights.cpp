#include "methods/split/split_weights.h"

#include <algorithm>
#include <cstring>

#include "methods/method.h"

namespace tconv::methods {
namespace {

// Puts some taps of one written channel, transposed to [tap][read channel] of one group, into their rows.
struct RowWriter {
    const PhaseLayout& layout;
    const Flow& flow;
    const SplitWeights& order;
    const kernels::SplitSet& set;
    bool splits;
    std::uint16_t* block;  // of the channel block
    std::int64_t channel = 0, channels = 0, depth_group = 0;

    void write(const float* transposed, const Range& taps) const noexcept {
        const std::int64_t tap_rows = flow.axes[1].kernel, tap_columns = flow.axes[2].kernel;
        for (const PhaseJob& job : layout.jobs)
            for (std::int64_t r = job.first_run; r < job.first_run + job.runs; ++r) {
                const PhaseRun& run = layout.runs[static_cast<std::size_t>(r)];
                for (std::int64_t phase = 0; phase < run.phases; ++phase) {
                    const std::int64_t row = phase * channels + channel;
                    std::uint16_t* step = block + order.run_offsets[static_cast<std::size_t>(r)] +
                                          row / order.rows * order.row_tile_elements(run) +
                                          depth_group * run.taps * order.step_elements();
                    const std::int64_t at = row % order.rows * order.depth;
                    layout.taps_of({job.phase_d, job.phase_h, job.first_phase + run.first_phase + phase})
                        .for_each(0, run.taps, [&](const AxisTap& d, const AxisTap& h, const AxisTap& w) {
                            const std::int64_t tap = (d.tap * tap_rows + h.tap) * tap_columns + w.tap - taps.begin;
                            if (tap >= 0 && tap < taps.size()) put(transposed + tap * order.depth, step, at);
                            step += order.step_elements();
                        });
                }
            }
    }

    // One row's read channels.
    void put(const float* values, std::uint16_t* step, std::int64_t at) const noexcept {
        const std::int64_t part = order.rows * order.depth;
        if (splits)
            set.split_weights(values, order.depth, step + at, step + part + at, step + 2 * part + at);
        else
            std::memcpy(reinterpret_cast<float*>(step) + at, values,
                        static_cast<std::size_t>(order.depth) * sizeof(float));
    }
};

std::uint32_t greatest_magnitude(const float* values, std::int64_t count) noexcept {
    std::uint32_t greatest = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        std::uint32_t bits;
        std::memcpy(&bits, values + i, sizeof bits);
        greatest = std::max(greatest, bits & 0x7fffffffu);
    }
    return greatest;
}

}  // namespace

SplitWeights::SplitWeights(const Flow& flow, const PhaseLayout& layout, const kernels::SplitSet& set)
    : rows(set.rows), depth(set.depth), depth_groups(ceil_div(flow.read_channels, set.depth)) {
    for (const PhaseRun& run : layout.runs) {
        run_offsets.push_back(block_elements);
        block_elements += row_tiles(layout, run) * row_tile_elements(run);
    }
    group_elements = layout.channel_blocks * block_elements;
}

std::int64_t SplitWeights::row_tiles(const PhaseLayout& layout, const PhaseRun& run) const noexcept {
    return ceil_div(run.phases * layout.block_channels, rows);
}

void pack_split_weights(const Flow& flow, const PhaseLayout& layout, const SplitWeights& order, const float* weights,
                        const kernels::KernelSet<float>& set, void* packed) noexcept {
    constexpr std::int64_t kMostElements = 8192;
    alignas(64) float transposed[kMostElements];
    auto* const first = reinterpret_cast<std::uint16_t*>(static_cast<std::byte*>(packed) + SplitWeights::kHeaderBytes);
    std::memset(packed, 0,
                static_cast<std::size_t>(SplitWeights::kHeaderBytes + 2 * flow.groups * order.group_elements));
    const std::int64_t count = flow.groups * flow.read_channels * flow.write_channels * flow.taps;
    const bool splits = kernels::may_split(greatest_magnitude(weights, count));
    *static_cast<unsigned char*>(packed) = splits ? 1 : 0;
    const std::int64_t at_once = std::min(flow.taps, kMostElements / order.depth);
    // Read channels outside, so that the lines of the weights' array that they lie in are still in the cache for the
    // other taps and channels.
    for (std::int64_t group = 0; group < flow.groups; ++group)
        for (std::int64_t g = 0; g < order.depth_groups; ++g) {
            const std::int64_t read = g * order.depth, read_channels = std::min(order.depth, flow.read_channels - read);
            if (read_channels < order.depth) std::fill_n(transposed, at_once * order.depth, 0.0f);
            for (std::int64_t b = 0; b < layout.channel_blocks; ++b) {
                const Range channels = share(flow.write_channels, layout.channel_blocks, b);
                std::uint16_t* const block = first + group * order.group_elements + b * order.block_elements;
                for (std::int64_t c = channels.begin; c < channels.end; ++c) {
                    const float* const from = weights + group * flow.weight_group_stride +
                                              read * flow.weight_read_stride + c * flow.weight_write_stride;
                    const RowWriter writer{layout,          flow, order, *set.split, splits, block, c - channels.begin,
                                           channels.size(), g};
                    for (std::int64_t tap = 0; tap < flow.taps; tap += at_once) {
                        const Range taps{tap, std::min(flow.taps, tap + at_once)};
                        set.transpose(from + tap, flow.weight_read_stride, read_channels, taps.size(), transposed,
                                      order.depth);
                        writer.write(transposed, taps);
                    }
                }
            }
        }
}

}  // namespace tconv::methods
