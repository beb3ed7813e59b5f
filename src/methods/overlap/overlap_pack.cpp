#include "methods/overlap/overlap_pack.h"

#include <algorithm>
#include <array>

#include "methods/method.h"

namespace tconv::methods {
namespace {

constexpr std::size_t kLast = OverlapTiling::kLast;

// What is transposed at a time, on the stack: panels may lie a power of two apart, where writing to several of them in
// turns would throw their lines out of the cache again and again.
constexpr std::int64_t kBufferElements = 2048, kFewPanels = 4;

// One channel block of one group: [channel][output channel][tap] becomes [tap][channel][width].
template <class T>
void pack_channel_block(const OverlapTiling& tiling, const kernels::KernelSet<T>& set, std::int64_t channel_block,
                        const T* weights, T* packed) {
    const std::int64_t taps = tiling.tap_rows() * tiling.axes[kLast].kernel;
    const Range lanes = tiling.channel_lanes(channel_block);
    const std::int64_t width = lanes.size(), valid = tiling.channels(channel_block);
    const std::int64_t panel = tiling.read_channels * width;
    const std::int64_t most =
        std::min<std::int64_t>(kBufferElements / width, 64 / static_cast<std::int64_t>(sizeof(T)));
    T buffer[kBufferElements];
    for (std::int64_t tap = 0; tap < taps; tap += most) {
        const std::int64_t count = std::min(most, taps - tap);
        const T* from = weights + lanes.begin * taps + tap;
        T* to = packed + tap * panel;
        for (std::int64_t c = 0; c < tiling.read_channels; ++c) {
            // Few panels are written in turns, many one after the other.
            const bool are_few = count <= kFewPanels;
            set.transpose(from, taps, valid, count, are_few ? to : buffer, are_few ? panel : width);
            for (std::int64_t t = 0; t < count; ++t) {
                T* const row = to + t * panel;
                if (!are_few) std::copy(buffer + t * width, buffer + t * width + valid, row);
                std::fill(row + valid, row + width, T(0));
            }
            from += tiling.write_channels * taps;
            to += width;
        }
    }
}

// One group whose rows of taps are joined: [channel][output channel][row of taps][tap] becomes
// [row of taps][step][channel][lanes of (tap, output channel)]. Some taps at a time, a cache line of the source, become
// neighbouring lanes, which go to one step after the other.
template <class T>
void pack_joined(const OverlapTiling& tiling, const kernels::KernelSet<T>& set, const T* weights, T* packed) {
    const std::int64_t taps = tiling.axes[kLast].kernel, tap_rows = tiling.tap_rows(), outs = tiling.write_channels;
    const std::int64_t row_elements = tiling.read_channels * tiling.lane_vectors() * tiling.shape.lanes;
    std::int64_t most = std::min<std::int64_t>(kBufferElements / outs, 64 / static_cast<std::int64_t>(sizeof(T)));
    if (outs == 1) most = taps;  // which are neighbours as they are
    T buffer[kBufferElements];
    for (std::int64_t c = 0; c < tiling.read_channels; ++c) {
        for (std::int64_t row = 0; row < tap_rows; ++row) {
            const T* const from = weights + (c * outs * tap_rows + row) * taps;
            std::int64_t piece = 0;
            OverlapStep step = tiling.step(0, 0);
            for (std::int64_t tap = 0; tap < taps; tap += most) {
                const std::int64_t count = std::min(most, taps - tap);
                if (outs > 1) set.transpose(from + tap, tap_rows * taps, outs, count, buffer, outs);
                const T* const lanes = outs > 1 ? buffer : from;
                const std::int64_t begin = tap * outs, end = begin + count * outs;
                for (std::int64_t lane = begin; lane < end;) {
                    if (lane == step.origin + step.width) step = tiling.step(0, ++piece);
                    const std::int64_t stop = std::min(end, step.origin + step.width);
                    T* const to = packed + row * row_elements + tiling.read_channels * step.origin + c * step.width;
                    std::copy(lanes + (lane - begin), lanes + (stop - begin), to + (lane - step.origin));
                    if (stop == taps * outs) std::fill(to + step.valid, to + step.width, T(0));
                    lane = stop;
                }
            }
        }
    }
}

// A run as tiles: first some of one row more.
struct Cut {
    std::int64_t pixels, tiles, rows, longer_tiles;
    Cut(std::int64_t all_pixels, std::int64_t most_rows)
        : pixels(all_pixels), tiles(ceil_div(pixels, most_rows)), rows(pixels / tiles), longer_tiles(pixels % tiles) {}
    // Calls visit(first row, rows) for every tile.
    template <class Visit>
    void for_each(const Visit& visit) const {
        std::int64_t row = 0;
        for (std::int64_t t = 0; t < tiles; ++t) {
            const std::int64_t count = rows + (t < longer_tiles ? 1 : 0);
            visit(row, count);
            row += count;
        }
    }
};

// Planes are far from each other, so each channel's line is asked for some channels ahead.
constexpr std::int64_t kAhead = 8;

template <class T>
void ask_for(const T* from, std::int64_t count) {
#if defined(__GNUC__)
    for (std::int64_t i = 0; i < count; i += 64 / static_cast<std::int64_t>(sizeof(T))) __builtin_prefetch(from + i);
#else
    (void)from, (void)count;
#endif
}

// `count` times kRows neighbours of each of some channels, which lie side by side: so many tiles (or channels, one by
// one). Of several channels together they are a whole cache line: tiles may lie a multiple of 4 KiB apart, where lines
// that are written in parts are thrown out of the first-level cache in between.
template <int kRows, class T>
void copy_rows(const T* from, std::int64_t channel_stride, std::int64_t channels, std::int64_t from_step,
               std::int64_t count, T* to, std::int64_t to_step) {
    for (std::int64_t i = 0; i < count; ++i) {
        for (std::int64_t c = 0; c < channels; ++c)
            for (int r = 0; r < kRows; ++r) to[c * kRows + r] = from[c * channel_stride + r];
        from += from_step;
        to += to_step;
    }
}

template <class T>
using CopyRows = void (*)(const T*, std::int64_t, std::int64_t, std::int64_t, std::int64_t, T*, std::int64_t);

template <class T, int... kCounts>
constexpr std::array<CopyRows<T>, sizeof...(kCounts)> copies(std::integer_sequence<int, kCounts...>) {
    return {copy_rows<kCounts + 1, T>...};
}

template <class T>
constexpr auto kCopyRows = copies<T>(std::make_integer_sequence<int, kernels::kMostRows>());

// Where the rows of a tile lie side by side, or the channels do, or nothing does.
template <class T>
void pack_run(const kernels::KernelSet<T>& set, const Cut& cut, const T* from, std::int64_t pixel_stride,
              std::int64_t channel_stride, std::int64_t channels, T* to) {
    if (channel_stride == 1) {
        cut.for_each([&](std::int64_t row, std::int64_t rows) {
            for (std::int64_t next = row + rows; next < std::min(row + 2 * rows, cut.pixels); ++next)
                ask_for(from + next * pixel_stride, channels);
            set.transpose(from + row * pixel_stride, pixel_stride, rows, channels, to + row * channels, rows);
        });
        return;
    }
    if (pixel_stride == 1) {
        const std::int64_t rows = cut.rows, longer = cut.rows + 1;
        const auto copy = kCopyRows<T>[static_cast<std::size_t>(rows - 1)];
        if (cut.tiles == 1) return copy(from, 0, 1, channel_stride, channels, to, rows);
        const auto copy_longer = kCopyRows<T>[static_cast<std::size_t>(cut.longer_tiles > 0 ? rows : 0)];
        const std::int64_t longer_rows = cut.longer_tiles * longer;
        const std::int64_t together = std::max<std::int64_t>(1, 64 / static_cast<std::int64_t>(sizeof(T)) / rows);
        for (std::int64_t c = 0; c < channels; c += together) {
            const std::int64_t some = std::min(together, channels - c);
            const T* const source = from + c * channel_stride;
            for (std::int64_t k = c + kAhead; k < std::min(c + kAhead + some, channels); ++k)
                ask_for(from + k * channel_stride, cut.pixels);
            copy_longer(source, channel_stride, some, longer, cut.longer_tiles, to + c * longer, longer * channels);
            copy(source + longer_rows, channel_stride, some, rows, cut.tiles - cut.longer_tiles,
                 to + longer_rows * channels + c * rows, rows * channels);
        }
        return;
    }
    cut.for_each([&](std::int64_t row, std::int64_t rows) {
        const T* const source = from + row * pixel_stride;
        T* const target = to + row * channels;
        for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t r = 0; r < rows; ++r)
                target[c * rows + r] = source[c * channel_stride + r * pixel_stride];
    });
}

}  // namespace

template <class T>
void pack_overlap_weights(const OverlapTiling& tiling, const kernels::KernelSet<T>& set, const T* weights, T* packed) {
    if (tiling.group_elements() == 0) return;
    const std::int64_t taps = tiling.tap_rows() * tiling.axes[kLast].kernel;
    for (std::int64_t g = 0; g < tiling.groups; ++g) {
        const T* from = weights + g * tiling.read_channels * tiling.write_channels * taps;
        T* to = packed + g * tiling.group_elements();
        if (tiling.joins_taps) {
            pack_joined(tiling, set, from, to);
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
        if (run.empty()) continue;
        const Cut cut(run.size(), tiling.tile_rows);
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
                            const T* const plane = from + c * strides.channel;
                            cut.for_each([&](std::int64_t row, std::int64_t rows) {
                                set.transpose(plane + row * pitch[row_axis], pitch[row_axis], rows, last.size(),
                                              stream + row * channels + c * rows, run.size() * channels);
                            });
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
