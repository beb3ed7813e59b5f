#include "methods/phase/phase_store.h"

#include <algorithm>

namespace tconv::methods {
namespace {

constexpr double kNoBias = -0.0;  // x + -0.0 is x for every x

inline void prefetch_for_write(const void* address) {
#if defined(__GNUC__)
    __builtin_prefetch(address, 1);
#else
    (void)address;
#endif
}

// Points [begin, end) of one row of the box; at [all_begin, all_end) every phase is written.
struct Piece {
    std::int64_t begin = 0, all_begin = 0, all_end = 0, end = 0;
    std::int64_t lane = 0;    // of point 0, counted from the tile's first: point q lies at lane + q
    std::int64_t offset = 0;  // of point 0's first phase in the output of channel 0
};

template <class T>
struct Putter {
    const PhaseStore<T>& store;
    const packing::PanelShape& block;
    const PhaseTarget& target;
    const PhaseTile<T>& tile;
    const std::int64_t unit = store.strides.axes[2];
    const std::int64_t step = store.flow.axes[2].write_stride * unit;  // from one point to the next

    T* row(std::int64_t phase, std::int64_t channel) const {
        return tile.rows + (phase * target.channels + channel) * tile.pitch;
    }

    // Calls body(piece) for every stretch of the tile's lanes that lies in one row of the box and is written.
    template <class Body>
    void for_each_piece(const Body& body) const {
        const packing::PanelAxis& w = block.axes[2];
        const Range points{std::max(w.first, target.some.begin), std::min(w.first + w.count, target.some.end)};
        const std::int64_t rows_h = block.axes[1].rows(), rows_d = block.axes[0].rows();
        const std::int64_t row = tile.first_lane / block.pitch;
        BoxRow at{0, 0, row};
        if (at.h >= rows_h) at.d = at.h / rows_h, at.h %= rows_h;
        if (at.d >= rows_d) at.sample = at.d / rows_d, at.d %= rows_d;
        const std::int64_t origin = target.first_phase - store.flow.axes[2].write_origin;
        // The place of the box's first column in this row, counted from the tile's first lane.
        for (std::int64_t lane = row * block.pitch - tile.first_lane; lane < tile.lanes; lane += block.pitch) {
            Piece piece;
            piece.lane = lane - w.first;
            piece.begin = std::max(points.begin, -piece.lane);
            piece.end = std::min(points.end, tile.lanes - piece.lane);
            if (piece.begin < piece.end &&
                find_written_row(store.flow, store.strides, block, at, target.phase_d, target.phase_h, piece.offset)) {
                piece.all_begin = std::clamp(target.all.begin, piece.begin, piece.end);
                piece.all_end = std::clamp(target.all.end, piece.all_begin, piece.end);
                piece.offset += origin * unit;
                body(piece);
            }
            if (++at.h == rows_h) {
                at.h = 0;
                if (++at.d == rows_d) at.d = 0, ++at.sample;
            }
        }
    }

    // Calls body(point, phase) for what is written at points where some phases are not.
    template <class Body>
    void for_each_single(const Piece& piece, const Body& body) const {
        const FlowAxis& w = store.flow.axes[2];
        for (std::int64_t q = piece.begin; q < piece.end; ++q) {
            if (q == piece.all_begin) q = piece.all_end;
            if (q == piece.end) break;
            for (std::int64_t r = 0; r < target.phases; ++r) {
                const std::int64_t written = w.write_stride * q + target.first_phase + r - w.write_origin;
                if (written >= 0 && written < w.write_size) body(q, r);
            }
        }
    }

    T bias_of(std::int64_t channel) const {
        return store.bias != nullptr ? store.bias[target.first_channel + channel] : T(kNoBias);
    }

    // Bias, residual and activation, on the tile itself.
    void finish_channel(std::int64_t channel, T* spare) const {
        const bool has_residual = store.residual != nullptr;
        if (has_residual) {
            const T* const from = store.residual + (target.first_channel + channel) * store.strides.channel;
            for_each_piece([&](const Piece& piece) {
                const auto single = [&](std::int64_t q, std::int64_t r) {
                    spare[r * tile.pitch + piece.lane + q] = from[piece.offset + q * step + r * unit];
                };
                for_each_single(piece, single);
                if (unit == 1 && piece.all_begin < piece.all_end) {
                    store.set.deinterleave(from + piece.offset + piece.all_begin * step, step, target.phases,
                                           piece.all_end - piece.all_begin, spare + piece.lane + piece.all_begin,
                                           tile.pitch);
                } else {
                    for (std::int64_t q = piece.all_begin; q < piece.all_end; ++q)
                        for (std::int64_t r = 0; r < target.phases; ++r) single(q, r);
                }
            });
        }
        for (std::int64_t r = 0; r < target.phases; ++r) {
            T* const values = row(r, channel);
            if (store.bias != nullptr)
                store.set.store(values, 0, 1, 0, tile.lanes, bias_of(channel), values, kernels::Stores::cached);
            store.set.finish(values, has_residual ? spare + r * tile.pitch : nullptr, tile.lanes, store.activation,
                             values, kernels::Stores::cached);
        }
    }

    void put_channels(bool with_bias) const {
        T* const output = store.output + target.first_channel * store.strides.channel;
        const std::int64_t row_pitch = target.channels * tile.pitch;
        const FlowAxis& w = store.flow.axes[2];
        const bool is_dense = unit == 1 && target.phases == w.write_stride && target.phases <= kernels::kMostRowPhases;
        for_each_piece([&](const Piece& piece) {
            if (is_dense) {
                // The piece's part of the row, which may begin and end within a point.
                const std::int64_t first = step * piece.begin - w.write_origin;
                const Range part{std::max<std::int64_t>(0, first),
                                 std::min(w.write_size, step * piece.end - w.write_origin)};
                T* to = output + piece.offset + w.write_origin + part.begin;
                for (std::int64_t channel = 0; channel < target.channels; ++channel, to += store.strides.channel)
                    store.set.store(row(0, channel) + piece.lane + piece.begin, row_pitch, target.phases,
                                    part.begin - first, part.size(), with_bias ? bias_of(channel) : T(kNoBias), to,
                                    store.stores);
                return;
            }
            const std::int64_t whole = piece.all_end - piece.all_begin, lane = piece.lane + piece.all_begin;
            T* to = output + piece.offset;
            for (std::int64_t channel = 0; channel < target.channels; ++channel, to += store.strides.channel) {
                const T bias = with_bias ? bias_of(channel) : T(kNoBias);
                for_each_single(piece, [&](std::int64_t q, std::int64_t r) {
                    to[q * step + r * unit] = row(r, channel)[piece.lane + q] + bias;
                });
                if (whole == 0) continue;
                if (unit == 1) {
                    store.set.spread(row(0, channel) + lane, row_pitch, target.phases, whole, bias,
                                     to + piece.all_begin * step, step, store.stores);
                    continue;
                }
                for (std::int64_t r = 0; r < target.phases; ++r)
                    store.set.spread(row(r, channel) + lane, 0, 1, whole, bias, to + piece.all_begin * step + r * unit,
                                     step, kernels::Stores::cached);
            }
        });
    }

    void prefetch_channels() const {
        constexpr std::int64_t kLine = 64 / static_cast<std::int64_t>(sizeof(T));
        for_each_piece([&](const Piece& piece) {
            const T* from = store.output + target.first_channel * store.strides.channel + piece.offset;
            for (std::int64_t channel = 0; channel < target.channels; ++channel, from += store.strides.channel)
                for (std::int64_t i = piece.begin * step; i < piece.end * step; i += kLine)
                    prefetch_for_write(from + i);
        });
    }

    // Channels are neighbours in the output: a transposition for each phase.
    void put_channels_together() const {
        T* const output = store.output + target.first_channel;
        for_each_piece([&](const Piece& piece) {
            for_each_single(piece, [&](std::int64_t q, std::int64_t r) {
                for (std::int64_t channel = 0; channel < target.channels; ++channel)
                    output[piece.offset + q * step + r * unit + channel] = row(r, channel)[piece.lane + q];
            });
            if (piece.all_begin == piece.all_end) return;
            for (std::int64_t r = 0; r < target.phases; ++r)
                store.set.spread(row(r, 0) + piece.lane + piece.all_begin, tile.pitch, target.channels,
                                 piece.all_end - piece.all_begin, T(kNoBias),
                                 output + piece.offset + piece.all_begin * step + r * unit, step, store.stores);
        });
    }
};

}  // namespace

Range lanes_of(const Flow& flow, const packing::PanelShape& block, const PhaseJob& job) noexcept {
    std::int64_t begin = 0, end = block.samples - 1;
    const std::int64_t phase[2] = {job.phase_d, job.phase_h};
    for (std::size_t i = 0; i < 2; ++i) {
        const packing::PanelAxis& axis = block.axes[i];
        const Range points = flow.axes[i].points(phase[i]);
        const std::int64_t first = std::max(points.begin, axis.first),
                           last = std::min(points.end, axis.first + axis.count);
        if (first >= last) return {0, 0};
        begin = begin * axis.rows() + first - axis.first;
        end = end * axis.rows() + last - 1 - axis.first;
    }
    return {std::max(begin * block.pitch, block.begin),
            std::min(end * block.pitch + block.axes[2].count, block.end - block.reach())};
}

PhaseTarget::PhaseTarget(const Flow& flow, const Range& phases_w, std::int64_t d, std::int64_t h,
                         const Range& channel) noexcept
    : first_phase(phases_w.begin),
      phases(phases_w.size()),
      phase_d(d),
      phase_h(h),
      first_channel(channel.begin),
      channels(channel.size()) {
    // A later phase's points begin and end no later than an earlier phase's.
    const Range lowest = flow.axes[2].points(phases_w.begin), highest = flow.axes[2].points(phases_w.end - 1);
    some = {highest.begin, lowest.end};
    all = {lowest.begin, highest.end};
}

template <class T>
void PhaseStore<T>::put(const packing::PanelShape& block, const PhaseTarget& target, const PhaseTile<T>& tile,
                        T* spare) const noexcept {
    const Putter<T> putter{*this, block, target, tile};
    const bool channels_last = strides.channel == 1 && strides.axes[2] != 1;
    const bool finishes = residual != nullptr || activation.kind != Activation::Kind::none || channels_last;
    if (finishes)
        for (std::int64_t channel = 0; channel < target.channels; ++channel) putter.finish_channel(channel, spare);
    channels_last ? putter.put_channels_together() : putter.put_channels(!finishes);
}

template <class T>
void PhaseStore<T>::prefetch(const packing::PanelShape& block, const PhaseTarget& target,
                             const PhaseTile<T>& tile) const noexcept {
    Putter<T>{*this, block, target, tile}.prefetch_channels();
}

template <class T>
void PhaseStore<T>::prefetch_rows(const PhaseTile<T>& tile, std::int64_t channels) const noexcept {
    constexpr std::int64_t kLine = 64 / static_cast<std::int64_t>(sizeof(T));
    for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t i = 0; i < tile.lanes; i += kLine) prefetch_for_write(tile.rows + c * tile.pitch + i);
}

template struct PhaseStore<float>;
template struct PhaseStore<double>;

}  // namespace tconv::methods
