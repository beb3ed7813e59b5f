#include "methods/overlap/overlap_store.h"

#include <algorithm>
#include <cstring>

namespace tconv::methods {
namespace {

constexpr std::int64_t kPositions = 64;       // that are transposed at a time
constexpr std::int64_t kFillElements = 1024;  // the pattern that accumulators are filled with

// One line of positions, `step` apart in the output.
template <class T>
struct Line {
    const kernels::KernelSet<T>& set;
    const Activation& activation;
    std::int64_t channels, unit, step, channel_step;
    kernels::Stores stores;
    T* buffer;

    // Accumulators and output lie in the same order.
    void copy(const T* from, std::int64_t positions, const T* residual, T* output) const {
        if (channels == unit && step == unit) {
            set.finish(from, residual, positions * unit, activation, output, stores);
            return;
        }
        if (activation.kind == Activation::Kind::none && residual == nullptr)
            return set.copy(from, unit, positions, channels, output, step, stores);
        for (std::int64_t q = 0; q < positions; ++q) {
            set.finish(from, residual, channels, activation, output, kernels::Stores::cached);
            from += unit;
            output += step;
            if (residual != nullptr) residual += step;
        }
    }

    // `next` is the line after this one, or null.
    void transpose(const T* from, std::int64_t positions, const T* residual, T* output, const T* next) const {
        std::int64_t count = 0;
        for (std::int64_t q = 0; q < positions; q += count) {
            // Streamed are whole lines: what comes before the first is by itself.
            const auto lead =
                static_cast<std::int64_t>((~reinterpret_cast<std::uintptr_t>(output + q * step) + 1) % 64 / sizeof(T));
            const bool is_lead = stores == kernels::Stores::streaming && step == 1 && lead > 0;
            count = std::min(is_lead ? lead : kPositions, positions - q);
            const T* const soon = q + count < positions ? output + (q + count) * step : next;
            if (set.spreads_lines && activation.kind == Activation::Kind::none && residual == nullptr && step == 1) {
                for (std::int64_t f = 0; f < channels; ++f)
                    if (soon != nullptr && stores == kernels::Stores::cached) ask_for(soon + f * channel_step);
                set.spread(from + q * unit, unit, count, channels, T(-0.0), output + q, channel_step, stores);
                continue;
            }
            set.transpose(from + q * unit, unit, count, channels, buffer, kPositions);
            for (std::int64_t f = 0; f < channels; ++f) {
                const std::int64_t at = f * channel_step + q * step;
                const T* rest = residual == nullptr ? nullptr : residual + at;
                if (soon != nullptr && stores == kernels::Stores::cached) ask_for(soon + f * channel_step);
                finish(buffer + f * kPositions, count, rest, output + at);
            }
        }
    }

    // The lines of a channel's next positions, so that they are there when they are written.
    void ask_for(const T* next) const {
#if defined(__GNUC__)
        if (step != 1) return;
        for (std::int64_t q = 0; q < kPositions; q += 64 / static_cast<std::int64_t>(sizeof(T)))
            __builtin_prefetch(next + q, 1);
#else
        (void)next;
#endif
    }

    void finish(T* values, std::int64_t count, const T* residual, T* output) const {
        if (step == 1) {
            set.finish(values, residual, count, activation, output, stores);
            return;
        }
        T gathered[kPositions];
        if (residual != nullptr)
            for (std::int64_t q = 0; q < count; ++q) gathered[q] = residual[q * step];
        set.finish(values, residual == nullptr ? nullptr : gathered, count, activation, values,
                   kernels::Stores::cached);
        for (std::int64_t q = 0; q < count; ++q) output[q * step] = values[q];
    }

    void store(const T* from, std::int64_t positions, const T* residual, T* output, const T* next) const {
        if (channel_step == 1 || (channels == 1 && unit == 1 && step == 1))
            copy(from, positions, residual, output);
        else
            transpose(from, positions, residual, output, next);
    }
};

}  // namespace

std::int64_t store_buffer_elements(const OverlapTiling& tiling) noexcept { return tiling.unit * kPositions; }

template <class T>
void begin_accumulators(const T* bias, std::int64_t channels, std::int64_t unit, std::int64_t positions,
                        T* accumulators) {
    const std::int64_t all = positions * unit;
    if (bias == nullptr) {
        std::fill(accumulators, accumulators + all, T(0));
        return;
    }
    if (all == 0) return;
    std::copy(bias, bias + channels, accumulators);
    std::fill(accumulators + channels, accumulators + unit, T(0));
    // One position, then copies of what is there, of up to a page.
    for (std::int64_t done = unit; done < all;) {
        const std::int64_t pattern = std::min(done, std::max(unit, kFillElements / unit * unit));
        const std::int64_t count = std::min(pattern, all - done);
        std::memcpy(accumulators + done, accumulators, static_cast<std::size_t>(count) * sizeof(T));
        done += count;
    }
}

template <class T>
void store_accumulators(const kernels::KernelSet<T>& set, const Activation& activation, const OverlapOutput<T>& to,
                        T* accumulators, T* buffer) {
    const SideStrides& write = to.write;
    // Without a residual, all at once where they lie.
    constexpr Activation kNone{};
    const bool is_done = to.residual == nullptr && activation.kind != Activation::Kind::none;
    if (is_done)
        set.finish(accumulators, nullptr, to.sizes[0] * to.strides[0], activation, accumulators,
                   kernels::Stores::cached);
    const Line<T> line{
        set, is_done ? kNone : activation, to.channels, to.unit, write.axes[2], write.channel, to.stores, buffer};
    // Rows that follow each other without a gap on both sides are one line.
    std::int64_t positions = to.sizes[3], rows = to.sizes[2], planes = to.sizes[1];
    if (rows == 1 || (write.axes[1] == positions * write.axes[2] && to.strides[2] == positions * to.unit)) {
        positions *= rows;
        rows = 1;
        if (planes == 1 || (write.axes[0] == positions * write.axes[2] && to.strides[1] == positions * to.unit)) {
            positions *= planes;
            planes = 1;
        }
    }
    for (std::int64_t n = 0; n < to.sizes[0]; ++n) {
        for (std::int64_t i = 0; i < planes; ++i) {
            for (std::int64_t j = 0; j < rows; ++j) {
                const std::int64_t at = n * write.sample + i * write.axes[0] + j * write.axes[1];
                line.store(accumulators + n * to.strides[0] + i * to.strides[1] + j * to.strides[2], positions,
                           to.residual == nullptr ? nullptr : to.residual + at, to.output + at,
                           j + 1 < rows ? to.output + at + write.axes[1] : nullptr);
            }
        }
    }
}

template void begin_accumulators(const float*, std::int64_t, std::int64_t, std::int64_t, float*);
template void begin_accumulators(const double*, std::int64_t, std::int64_t, std::int64_t, double*);
template void store_accumulators(const kernels::KernelSet<float>&, const Activation&, const OverlapOutput<float>&,
                                 float*, float*);
template void store_accumulators(const kernels::KernelSet<double>&, const Activation&, const OverlapOutput<double>&,
                                 double*, double*);

}  // namespace tconv::methods
