#include "packing/panel.h"

#include <algorithm>
#include <cstring>

namespace tconv::packing {
namespace {

// What one row of a plane holds: columns [begin, end) from the input, the others are zeros.
struct Columns {
    std::int64_t begin = 0, end = 0;
    std::int64_t source = 0;  // read index of column `begin`
};

Columns columns_of(const FlowAxis& flow, const PanelAxis& axis, std::int64_t phase) {
    // Column u is read index stride * (first + least + u) + phase - origin.
    const std::int64_t zero = flow.read_stride * (axis.first + axis.least) + phase - flow.read_origin;
    Columns columns;
    columns.begin = std::clamp(ceil_div(-zero, flow.read_stride), std::int64_t{0}, axis.rows());
    columns.end = std::clamp(ceil_div(flow.read_size - zero, flow.read_stride), columns.begin, axis.rows());
    columns.source = zero + flow.read_stride * columns.begin;
    return columns;
}

template <class T>
void zero_fill(T* to, std::int64_t count) {
    if (count > 0) std::memset(to, 0, static_cast<std::size_t>(count) * sizeof(T));
}

// The input's row under one row of the box; false where it lies outside, so that the row is zeros.
bool find_row(const PanelShape& shape, const Flow& flow, const SideStrides& strides, std::int64_t row,
              const ReadPhase& phase, std::int64_t& offset) {
    const std::int64_t rows_h = shape.axes[1].rows();
    const std::int64_t at[2] = {row / rows_h % shape.axes[0].rows(), row % rows_h};
    const std::int64_t sample = row / rows_h / shape.axes[0].rows();
    offset = (shape.first_sample + sample) * strides.sample;
    for (std::size_t i = 0; i < 2; ++i) {
        const FlowAxis& axis = flow.axes[i];
        const std::int64_t index =
            axis.read_stride * (shape.axes[i].first + shape.axes[i].least + at[i]) + phase[i] - axis.read_origin;
        if (index < 0 || index >= axis.read_size) return false;
        offset += index * strides.axes[i];
    }
    return true;
}

inline void prefetch(const void* address) {
#if defined(__GNUC__)
    __builtin_prefetch(address);
#else
    (void)address;
#endif
}

template <class T>
struct Filler {
    static constexpr std::int64_t kLineElements = 64 / static_cast<std::int64_t>(sizeof(T));

    const PanelShape& shape;
    const Flow& flow;
    const SideStrides& strides;
    const T* input;
    std::int64_t channels;
    std::span<const ReadPhase> phases;
    const kernels::KernelSet<T>& set;
    T* planes;

    const FlowAxis& w() const { return flow.axes[2]; }
    // Where element 0 of a plane would be, were it in the panel.
    T* plane(std::int64_t channel, std::int64_t phase) const {
        return planes + (channel * static_cast<std::int64_t>(phases.size()) + phase) * shape.plane_stride - shape.begin;
    }

    // The rows that have elements in the panel.
    Range rows() const { return {shape.begin / shape.pitch, std::min(shape.rows(), ceil_div(shape.end, shape.pitch))}; }
    // The columns of a row that are written as its own: those it shares with the next row are that row's.
    Range row_columns(std::int64_t row) const {
        const std::int64_t count = row + 1 == shape.rows() ? shape.axes[2].rows() : shape.pitch;
        return {std::max<std::int64_t>(0, shape.begin - row * shape.pitch),
                std::min(count, shape.end - row * shape.pitch)};
    }

    // Contiguous along the last axis, one phase: a copy, or every read_stride-th.
    void fill_plane(std::int64_t channel, std::int64_t phase) const {
        const ReadPhase& read = phases[static_cast<std::size_t>(phase)];
        const Columns columns = columns_of(w(), shape.axes[2], read[2]);
        const T* const from = input + channel * strides.channel + columns.source * strides.axes[2];
        T* const first = plane(channel, phase);
        const std::int64_t step = w().read_stride * strides.axes[2];
        for (std::int64_t row = rows().begin; row < rows().end; ++row) {
            T* const to = first + row * shape.pitch;
            const Range own = row_columns(row);
            const std::int64_t begin = std::max(columns.begin, own.begin), end = std::min(columns.end, own.end);
            std::int64_t offset = 0;
            if (end <= begin || !find_row(shape, flow, strides, row, read, offset)) {
                zero_fill(to + own.begin, own.size());
                continue;
            }
            const T* const source = from + offset + (begin - columns.begin) * step;
            zero_fill(to + own.begin, begin - own.begin);
            // Every channel is a new stream for the hardware: it is asked for two channels ahead.
            if (step == 1 && channel + 2 < channels)
                for (std::int64_t i = 0; i < end - begin; i += kLineElements)
                    prefetch(source + 2 * strides.channel + i);
            if (step == 1)
                std::memcpy(to + begin, source, static_cast<std::size_t>(end - begin) * sizeof(T));
            else
                set.deinterleave(source, step, 1, end - begin, to + begin, 1);
            zero_fill(to + end, own.end - end);
        }
    }

    // Contiguous along the last axis, all read_stride phases of it at once, from phase `first` on.
    void fill_planes_together(std::int64_t channel, std::int64_t first) const {
        const std::int64_t stride = w().read_stride;
        const ReadPhase& read = phases[static_cast<std::size_t>(first)];
        // Columns that all phases have; the few others one by one.
        Columns all = columns_of(w(), shape.axes[2], stride - 1);
        const Columns lowest = columns_of(w(), shape.axes[2], 0);
        all.begin = std::max(all.begin, lowest.begin);
        all.end = std::max(all.begin, std::min(all.end, lowest.end));
        const std::int64_t zero = stride * (shape.axes[2].first + shape.axes[2].least) - w().read_origin;
        const T* const from = input + channel * strides.channel;
        T* const first_plane = plane(channel, first);
        for (std::int64_t row = rows().begin; row < rows().end; ++row) {
            T* const to = first_plane + row * shape.pitch;
            const Range own = row_columns(row);
            std::int64_t offset = 0;
            if (!find_row(shape, flow, strides, row, read, offset)) {
                for (std::int64_t r = 0; r < stride; ++r)
                    zero_fill(to + r * shape.plane_stride + own.begin, own.size());
                continue;
            }
            const std::int64_t begin = std::clamp(all.begin, own.begin, own.end);
            const std::int64_t end = std::clamp(all.end, begin, own.end);
            const auto one = [&](std::int64_t column) {
                for (std::int64_t r = 0; r < stride; ++r) {
                    const std::int64_t index = zero + stride * column + r;
                    to[r * shape.plane_stride + column] =
                        index >= 0 && index < w().read_size ? from[offset + index] : T(0);
                }
            };
            for (std::int64_t column = own.begin; column < begin; ++column) one(column);
            if (end > begin)
                set.deinterleave(from + offset + zero + stride * begin, stride, stride, end - begin, to + begin,
                                 shape.plane_stride);
            for (std::int64_t column = end; column < own.end; ++column) one(column);
        }
    }

    // Channels contiguous: a transposition of [columns][channels] for every row and phase.
    void fill_from_channels_last() const {
        const std::int64_t planes_per_channel = static_cast<std::int64_t>(phases.size());
        for (std::int64_t phase = 0; phase < planes_per_channel; ++phase) {
            const ReadPhase& read = phases[static_cast<std::size_t>(phase)];
            const Columns columns = columns_of(w(), shape.axes[2], read[2]);
            T* const first = plane(0, phase);
            const std::int64_t next = planes_per_channel * shape.plane_stride;
            const std::int64_t step = w().read_stride * strides.axes[2];
            for (std::int64_t row = rows().begin; row < rows().end; ++row) {
                T* const to = first + row * shape.pitch;
                const Range own = row_columns(row);
                std::int64_t begin = std::max(columns.begin, own.begin), end = std::min(columns.end, own.end);
                std::int64_t offset = 0;
                const bool is_inside = begin < end && find_row(shape, flow, strides, row, read, offset);
                if (!is_inside) begin = end = own.end;
                for (std::int64_t c = 0; c < channels; ++c) {
                    zero_fill(to + c * next + own.begin, begin - own.begin);
                    zero_fill(to + c * next + end, own.end - end);
                }
                if (is_inside)
                    set.transpose(input + offset + columns.source * strides.axes[2] + (begin - columns.begin) * step,
                                  step, end - begin, channels, to + begin, next);
            }
        }
    }
};

}  // namespace

std::int64_t PanelShape::shared_columns(const FlowAxis& flow, const PanelAxis& axis) noexcept {
    // What any read phase has inside the grid begins with the last phase and ends with the first.
    const std::int64_t zero = flow.read_stride * (axis.first + axis.least) - flow.read_origin;
    const std::int64_t left = ceil_div(1 - flow.read_stride - zero, flow.read_stride);
    const std::int64_t right = axis.rows() - ceil_div(flow.read_size - zero, flow.read_stride);
    if (left + right >= axis.rows() || left >= axis.rows() || right >= axis.rows()) return axis.most - axis.least;
    return std::clamp(std::min(left, right), std::int64_t{0}, axis.most - axis.least);
}

template <class T>
void fill_panel(const PanelShape& shape, const Flow& flow, const SideStrides& strides, const T* input,
                std::int64_t channels, std::span<const ReadPhase> phases, std::int64_t w_phases,
                const kernels::KernelSet<T>& set, T* planes) noexcept {
    const Filler<T> filler{shape, flow, strides, input, channels, phases, set, planes};
    if (strides.axes[2] != 1 && strides.channel == 1) return filler.fill_from_channels_last();
    const bool together = w_phases > 1 && strides.axes[2] == 1;
    const std::int64_t count = static_cast<std::int64_t>(phases.size());
    for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t phase = 0; phase < count; phase += together ? w_phases : 1)
            together ? filler.fill_planes_together(c, phase) : filler.fill_plane(c, phase);
}

template void fill_panel(const PanelShape&, const Flow&, const SideStrides&, const float*, std::int64_t,
                         std::span<const ReadPhase>, std::int64_t, const kernels::KernelSet<float>&, float*) noexcept;
template void fill_panel(const PanelShape&, const Flow&, const SideStrides&, const double*, std::int64_t,
                         std::span<const ReadPhase>, std::int64_t, const kernels::KernelSet<double>&, double*) noexcept;

}  // namespace tconv::packing
