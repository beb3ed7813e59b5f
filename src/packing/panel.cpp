#include "packing/panel.h"

#include <algorithm>
#include <cstring>

namespace tconv::packing {
namespace {

// What a plane holds of one axis: rows (of the last axis: columns) [begin, end) lie in the input, the others are zeros.
struct Inside {
    std::int64_t begin = 0, end = 0;
    std::int64_t source = 0;  // read index of row `begin`

    bool contains(std::int64_t row) const { return row >= begin && row < end; }
};

Inside inside_of(const FlowAxis& flow, const PanelAxis& axis, std::int64_t phase) {
    // Row u is read index stride * (first + least + u) + phase - origin.
    const std::int64_t zero = flow.read_stride * (axis.first + axis.least) + phase - flow.read_origin;
    Inside inside;
    inside.begin = std::clamp(ceil_div(-zero, flow.read_stride), std::int64_t{0}, axis.rows());
    inside.end = std::clamp(ceil_div(flow.read_size - zero, flow.read_stride), inside.begin, axis.rows());
    inside.source = zero + flow.read_stride * inside.begin;
    return inside;
}

struct Window {
    Inside d{}, h{}, w{};
};

Window window_of(const PanelShape& shape, const Flow& flow, const ReadPhase& phase) {
    return {inside_of(flow.axes[0], shape.axes[0], phase[0]), inside_of(flow.axes[1], shape.axes[1], phase[1]),
            inside_of(flow.axes[2], shape.axes[2], phase[2])};
}

// Rows are often short, and calls would take longer than what they do.
template <class T>
inline void zero_fill(T* to, std::int64_t count) {
    constexpr std::int64_t kShort = 8;
    if (count > kShort)
        std::memset(to, 0, static_cast<std::size_t>(count) * sizeof(T));
    else
        for (std::int64_t i = 0; i < count; ++i) to[i] = T(0);
}

template <class T>
struct Filler {
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

    // Calls body(row, count, own, is_inside, offset) for every row that has elements in the panel, and `count` - 1
    // others that follow it and are as it is. `own`: the columns that are written as its own; those it shares with the
    // next row are that row's. `offset`: of the input's row, if inside.
    template <class Body>
    void for_each_stretch(const Window& window, const Body& body) const {
        const std::int64_t rows_d = shape.axes[0].rows(), rows_h = shape.axes[1].rows();
        const Range rows{shape.begin / shape.pitch, std::min(shape.rows(), ceil_div(shape.end, shape.pitch))};
        std::int64_t h = rows.begin, d = 0, sample = shape.first_sample;
        if (h >= rows_h) d = h / rows_h, h %= rows_h;
        if (d >= rows_d) sample += d / rows_d, d %= rows_d;
        for (std::int64_t row = rows.begin; row < rows.end;) {
            const bool is_inside = window.d.contains(d) && window.h.contains(h);
            Range own{0, shape.pitch};
            std::int64_t count = 1;
            if (row == rows.begin || row + 1 == rows.end) {
                const std::int64_t width = row + 1 == shape.rows() ? shape.axes[2].rows() : shape.pitch;
                own.begin = std::max<std::int64_t>(0, shape.begin - row * shape.pitch);
                own.end = std::min(width, shape.end - row * shape.pitch);
            } else {
                const std::int64_t end = is_inside                                    ? window.h.end
                                         : h < window.h.begin && window.d.contains(d) ? window.h.begin
                                                                                      : rows_h;
                count = std::min(end - h, rows.end - 1 - row);
            }
            const std::int64_t offset =
                sample * strides.sample +
                (window.d.source + (d - window.d.begin) * flow.axes[0].read_stride) * strides.axes[0] +
                (window.h.source + (h - window.h.begin) * flow.axes[1].read_stride) * strides.axes[1];
            body(row, count, own, is_inside, offset);
            row += count;
            h += count;
            if (h == rows_h) {
                h = 0;
                if (++d == rows_d) d = 0, ++sample;
            }
        }
    }

    // The same, row by row: body(row, own, is_inside, offset).
    template <class Body>
    void for_each_row(const Window& window, const Body& body) const {
        const std::int64_t next = flow.axes[1].read_stride * strides.axes[1];
        for_each_stretch(
            window, [&](std::int64_t row, std::int64_t count, const Range& own, bool is_inside, std::int64_t offset) {
                for (std::int64_t i = 0; i < count; ++i) body(row + i, own, is_inside, offset + i * next);
            });
    }

    // Contiguous along the last axis, one phase: a copy, or every read_stride-th.
    void fill_plane(std::int64_t channel, std::int64_t phase, const Window& window) const {
        const T* const from = input + channel * strides.channel + window.w.source * strides.axes[2];
        T* const first = plane(channel, phase);
        const std::int64_t step = w().read_stride * strides.axes[2];
        const std::int64_t next = flow.axes[1].read_stride * strides.axes[1];
        for_each_stretch(
            window, [&](std::int64_t row, std::int64_t rows, const Range& own, bool is_inside, std::int64_t offset) {
                T* const to = first + row * shape.pitch;
                const std::int64_t begin = std::max(window.w.begin, own.begin), end = std::min(window.w.end, own.end);
                // Rows are neighbours, if there are several.
                if (end <= begin || !is_inside) return zero_fill(to + own.begin, (rows - 1) * shape.pitch + own.size());
                const T* const source = from + offset + (begin - window.w.begin) * step;
                // Every channel is a new stream for the hardware: it is asked for two channels ahead.
                if (step == 1)
                    return set.pad(source, next, rows, begin - own.begin, end - begin, own.end - end,
                                   2 * strides.channel, to + own.begin);
                for (std::int64_t i = 0; i < rows; ++i) {
                    T* const line = to + i * shape.pitch;
                    zero_fill(line + own.begin, begin - own.begin);
                    set.deinterleave(source + i * next, step, 1, end - begin, line + begin, 1);
                    zero_fill(line + end, own.end - end);
                }
            });
    }

    // Contiguous along the last axis, all read_stride phases of it at once, from phase `first` on.
    void fill_planes_together(std::int64_t channel, std::int64_t first) const {
        const std::int64_t stride = w().read_stride;
        const ReadPhase& read = phases[static_cast<std::size_t>(first)];
        // Columns that all phases have; the few others one by one.
        const Window window = window_of(shape, flow, read);
        Inside all = inside_of(w(), shape.axes[2], stride - 1);
        all.begin = std::max(all.begin, window.w.begin);
        all.end = std::max(all.begin, std::min(all.end, window.w.end));
        const std::int64_t zero = stride * (shape.axes[2].first + shape.axes[2].least) - w().read_origin;
        const T* const from = input + channel * strides.channel;
        T* const first_plane = plane(channel, first);
        for_each_row(window, [&](std::int64_t row, const Range& own, bool is_inside, std::int64_t offset) {
            T* const to = first_plane + row * shape.pitch;
            if (!is_inside) {
                for (std::int64_t r = 0; r < stride; ++r)
                    zero_fill(to + r * shape.plane_stride + own.begin, own.size());
                return;
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
        });
    }

    // Channels contiguous: a transposition of [columns][channels] for every row and phase.
    void fill_from_channels_last() const {
        const std::int64_t planes_per_channel = static_cast<std::int64_t>(phases.size());
        for (std::int64_t phase = 0; phase < planes_per_channel; ++phase) {
            const Window window = window_of(shape, flow, phases[static_cast<std::size_t>(phase)]);
            T* const first = plane(0, phase);
            const std::int64_t next = planes_per_channel * shape.plane_stride;
            const std::int64_t step = w().read_stride * strides.axes[2];
            for_each_row(window, [&](std::int64_t row, const Range& own, bool is_inside, std::int64_t offset) {
                T* const to = first + row * shape.pitch;
                std::int64_t begin = std::max(window.w.begin, own.begin), end = std::min(window.w.end, own.end);
                is_inside = is_inside && begin < end;
                if (!is_inside) begin = end = own.end;
                for (std::int64_t c = 0; c < channels; ++c) {
                    zero_fill(to + c * next + own.begin, begin - own.begin);
                    zero_fill(to + c * next + end, own.end - end);
                }
                if (is_inside)
                    set.transpose(input + offset + window.w.source * strides.axes[2] + (begin - window.w.begin) * step,
                                  step, end - begin, channels, to + begin, next);
            });
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
    Window window = window_of(shape, flow, phases.front());
    for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t phase = 0; phase < count; phase += together ? w_phases : 1) {
            if (count > 1 && !together) window = window_of(shape, flow, phases[static_cast<std::size_t>(phase)]);
            together ? filler.fill_planes_together(c, phase) : filler.fill_plane(c, phase, window);
        }
}

template void fill_panel(const PanelShape&, const Flow&, const SideStrides&, const float*, std::int64_t,
                         std::span<const ReadPhase>, std::int64_t, const kernels::KernelSet<float>&, float*) noexcept;
template void fill_panel(const PanelShape&, const Flow&, const SideStrides&, const double*, std::int64_t,
                         std::span<const ReadPhase>, std::int64_t, const kernels::KernelSet<double>&, double*) noexcept;

}  // namespace tconv::packing
