#include "methods/overlap_pack.h"

#include <algorithm>
#include <array>

#include "methods/method.h"

namespace tconv::methods {
namespace {

constexpr std::size_t kLast = OverlapTiling::kLast;

// One channel block of one group: [channel][output channel][tap] becomes [tap][channel][width]. Taps go by
// a cache line of the source, so that what is written are few streams.
template <class T>
void pack_channel_block(const OverlapTiling& tiling, const kernels::KernelSet<T>& set, std::int64_t channel_block,
                        const T* weights, T* packed) {
    const std::int64_t taps = tiling.tap_rows() * tiling.axes[kLast].kernel;
    const Range lanes = tiling.channel_lanes(channel_block);
    const std::int64_t width = lanes.size(), valid = tiling.channels(channel_block);
    const std::int64_t panel = tiling.read_channels * width;
    constexpr std::int64_t kTaps = 64 / static_cast<std::int64_t>(sizeof(T));
    for (std::int64_t tap = 0; tap < taps; tap += kTaps) {
        const std::int64_t count = std::min(kTaps, taps - tap);
        const T* from = weights + lanes.begin * taps + tap;
        T* to = packed + tap * panel;
        for (std::int64_t c = 0; c < tiling.read_channels; ++c) {
            set.transpose(from, taps, valid, count, to, panel);
            if (valid < width)
                for (std::int64_t t = 0; t < count; ++t)
                    std::fill(to + t * panel + valid, to + t * panel + width, T(0));
            from += tiling.write_channels * taps;
            to += width;
        }
    }
}

// One group whose rows of taps are joined: [channel][output channel][row of taps][tap] becomes
// [row of taps][step][channel][lanes of (tap, output channel)].
template <class T>
void pack_joined(const OverlapTiling& tiling, const T* weights, T* packed) {
    const std::int64_t taps = tiling.axes[kLast].kernel, tap_rows = tiling.tap_rows(), outs = tiling.write_channels;
    const std::int64_t row_lanes = tiling.lane_vectors() * tiling.shape.lanes;
    for (std::int64_t c = 0; c < tiling.read_channels; ++c) {
        for (std::int64_t row = 0; row < tap_rows; ++row) {
            const T* from = weights + (c * outs * tap_rows + row) * taps;
            for (std::int64_t piece = 0; piece < tiling.pieces; ++piece) {
                const OverlapStep step = tiling.step(0, piece);
                T* to = packed + tiling.read_channels * (row * row_lanes + step.origin) + c * step.width;
                std::int64_t tap = step.first_tap, f = step.origin - tap * outs;
                for (std::int64_t l = 0; l < step.valid; ++l) {
                    to[l] = from[f * tap_rows * taps + tap];
                    if (++f == outs) f = 0, ++tap;
                }
                std::fill(to + step.valid, to + step.width, T(0));
            }
        }
    }
}

// `rows` neighbours of every channel, where neighbours lie side by side.
template <int kRows, class T>
void copy_rows(const T* from, std::int64_t channel_stride, std::int64_t channels, T* to) {
    for (std::int64_t c = 0; c < channels; ++c) {
        for (int r = 0; r < kRows; ++r) to[r] = from[r];
        from += channel_stride;
        to += kRows;
    }
}

template <class T>
using CopyRows = void (*)(const T*, std::int64_t, std::int64_t, T*);

template <class T, int... kCounts>
constexpr std::array<CopyRows<T>, sizeof...(kCounts)> copies(std::integer_sequence<int, kCounts...>) {
    return {copy_rows<kCounts + 1, T>...};
}

template <class T>
constexpr auto kCopyRows = copies<T>(std::make_integer_sequence<int, kernels::kMostRows>());

struct Cut {
    std::int64_t pixels, tiles;
    Range tile(std::int64_t index) const { return share(pixels, tiles, index); }
};

// Where the rows of a tile lie side by side, or the channels do, or nothing does.
template <class T>
void pack_run(const kernels::KernelSet<T>& set, const Cut& cut, const T* from, std::int64_t pixel_stride,
              std::int64_t channel_stride, std::int64_t channels, T* to) {
    constexpr std::int64_t kChannels = 32;  // of which lines that are read for one tile are still there for the next
    if (channel_stride == 1) {
        for (std::int64_t t = 0; t < cut.tiles; ++t) {
            const Range tile = cut.tile(t);
            set.transpose(from + tile.begin * pixel_stride, pixel_stride, tile.size(), channels,
                          to + tile.begin * channels, tile.size());
        }
        return;
    }
    for (std::int64_t c = 0; c < channels; c += kChannels) {
        const std::int64_t count = std::min(kChannels, channels - c);
        for (std::int64_t t = 0; t < cut.tiles; ++t) {
            const Range tile = cut.tile(t);
            const std::int64_t rows = tile.size();
            const T* source = from + tile.begin * pixel_stride + c * channel_stride;
            T* target = to + tile.begin * channels + c * rows;
            if (pixel_stride == 1) {
                kCopyRows<T>[static_cast<std::size_t>(rows - 1)](source, channel_stride, count, target);
                continue;
            }
            for (std::int64_t i = 0; i < count; ++i)
                for (std::int64_t r = 0; r < rows; ++r)
                    target[i * rows + r] = source[i * channel_stride + r * pixel_stride];
        }
    }
}

}  // namespace

template <class T>
void pack_overlap_weights(const OverlapTiling& tiling, const kernels::KernelSet<T>& set, const T* weights, T* packed) {
    const std::int64_t taps = tiling.tap_rows() * tiling.axes[kLast].kernel;
    for (std::int64_t g = 0; g < tiling.groups; ++g) {
        const T* from = weights + g * tiling.read_channels * tiling.write_channels * taps;
        T* to = packed + g * tiling.group_elements();
        if (tiling.joins_taps) {
            pack_joined(tiling, from, to);
            continue;
        }
        for (std::int64_t b = 0; b < tiling.channel_blocks; ++b)
            pack_channel_block(tiling, set, b, from, to + tiling.block_elements(b));
    }
}

template <class T>
void pack_overlap_pixels(const OverlapTiling& tiling, const kernels::KernelSet<T>& set, const PackedPixels& what,
                         const SideStrides& strides, const T* input, T* stream) {
    const OverlapTiling::PerAxis<std::int64_t> pitch{strides.sample, strides.axes[0], strides.axes[1], strides.axes[2]};
    const std::size_t row_axis = tiling.row_axis;
    const std::int64_t channels = what.channels;
    for (std::int64_t run_index = 0; run_index < what.run_count; ++run_index) {
        const Range run = what.runs[static_cast<std::size_t>(run_index)];
        const Cut cut{run.size(), ceil_div(run.size(), tiling.shape.rows)};
        OverlapTiling::PerAxis<Range> at = what.pixels;
        at[row_axis] = {run.begin, run.begin + 1};
        // Rows across short maps: the last axis's pixels are neighbours, so channels are transposed one by one.
        const bool across = row_axis != kLast && pitch[kLast] == 1 && strides.channel != 1 && at[kLast].size() > 1;
        const Range last = at[kLast];
        if (across) at[kLast].end = last.begin + 1;
        for (std::int64_t n = at[0].begin; n < at[0].end; ++n) {
            for (std::int64_t i = at[1].begin; i < at[1].end; ++i) {
                for (std::int64_t j = at[2].begin; j < at[2].end; ++j) {
                    for (std::int64_t k = at[3].begin; k < at[3].end; ++k) {
                        const T* from = input + n * pitch[0] + i * pitch[1] + j * pitch[2] + k * pitch[3];
                        if (!across) {
                            pack_run(set, cut, from, pitch[row_axis], strides.channel, channels, stream);
                            stream += run.size() * channels;
                            continue;
                        }
                        for (std::int64_t c = 0; c < channels; ++c) {
                            for (std::int64_t t = 0; t < cut.tiles; ++t) {
                                const Range tile = cut.tile(t);
                                set.transpose(from + c * strides.channel + tile.begin * pitch[row_axis],
                                              pitch[row_axis], tile.size(), last.size(),
                                              stream + tile.begin * channels + c * tile.size(), run.size() * channels);
                            }
                        }
                        stream += last.size() * run.size() * channels;
                    }
                }
            }
        }
    }
}

template void pack_overlap_weights(const OverlapTiling&, const kernels::KernelSet<float>&, const float*, float*);
template void pack_overlap_weights(const OverlapTiling&, const kernels::KernelSet<double>&, const double*, double*);
template void pack_overlap_pixels(const OverlapTiling&, const kernels::KernelSet<float>&, const PackedPixels&,
                                  const SideStrides&, const float*, float*);
template void pack_overlap_pixels(const OverlapTiling&, const kernels::KernelSet<double>&, const PackedPixels&,
                                  const SideStrides&, const double*, double*);

}  // namespace tconv::methods
