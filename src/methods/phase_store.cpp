#include "methods/phase_store.h"

#include <algorithm>

namespace tconv::methods {
namespace {

constexpr double kNoBias = -0.0;  // x + -0.0 is x for every x

// Points [begin, end) of one row of the box, as they lie in the tile and in the output.
struct Piece {
    std::int64_t lane = 0;  // of `begin`, from the tile's first
    std::int64_t begin = 0, end = 0;
    std::int64_t offset = 0;  // of the output's row: sample and first two axes
};

template <class T>
struct Putter {
    const PhaseStore<T>& store;
    const packing::PanelShape& block;
    const PhaseTile<T>& tile;

    const FlowAxis& w() const { return store.flow.axes[2]; }
    T* row(std::int64_t phase, std::int64_t channel) const {
        return tile.rows + (phase * tile.channels + channel) * tile.pitch;
    }
    std::int64_t written(std::int64_t point, std::int64_t phase) const {
        return w().write_stride * point + tile.first_phase + phase - w().write_origin;
    }
    // The points at which this phase of the chunk lies inside the written grid.
    Range inside(std::int64_t phase) const { return w().points(tile.first_phase + phase); }

    // Calls body(piece) for every stretch of the tile's lanes that lies in one row of the box and is written.
    template <class Body>
    void for_each_piece(const Body& body) const {
        const Range points{std::max(block.axes[2].first, inside(tile.phases - 1).begin),
                           std::min(block.axes[2].first + block.axes[2].count, inside(0).end)};
        const std::int64_t rows_h = block.axes[1].rows(), rows_d = block.axes[0].rows();
        std::int64_t lane = 0;
        while (lane < tile.lanes) {
            const std::int64_t row_index = (tile.first_lane + lane) / block.pitch;
            const std::int64_t column = (tile.first_lane + lane) % block.pitch;
            const std::int64_t here = std::min(block.pitch - column, tile.lanes - lane);
            Piece piece;
            piece.begin = std::max(points.begin, block.axes[2].first + column);
            piece.end = std::min(points.end, block.axes[2].first + column + here);
            piece.lane = lane + piece.begin - block.axes[2].first - column;
            const std::int64_t at[2] = {row_index / rows_h % rows_d, row_index % rows_h};
            const std::int64_t phase[2] = {tile.phase_d, tile.phase_h};
            bool is_written = piece.begin < piece.end && row_index < block.rows();
            piece.offset = (block.first_sample + row_index / rows_h / rows_d) * store.strides.sample;
            for (std::size_t i = 0; i < 2 && is_written; ++i) {
                const FlowAxis& axis = store.flow.axes[i];
                const std::int64_t index =
                    axis.write_stride * (block.axes[i].first + at[i]) + phase[i] - axis.write_origin;
                is_written = at[i] < block.axes[i].count && index >= 0 && index < axis.write_size;
                piece.offset += index * store.strides.axes[i];
            }
            if (is_written) body(piece);
            lane += here;
        }
    }

    // Calls whole(begin, end) for the points at which all phases are written, and single(point, phase) for the others.
    template <class Whole, class Single>
    void split(const Piece& piece, const Whole& whole, const Single& single) const {
        const std::int64_t begin = std::clamp(inside(0).begin, piece.begin, piece.end);
        const std::int64_t end = std::clamp(inside(tile.phases - 1).end, begin, piece.end);
        const auto one_by_one = [&](std::int64_t from, std::int64_t to) {
            for (std::int64_t q = from; q < to; ++q)
                for (std::int64_t r = 0; r < tile.phases; ++r)
                    if (const std::int64_t o = written(q, r); o >= 0 && o < w().write_size) single(q, r);
        };
        one_by_one(piece.begin, begin);
        if (begin < end) whole(begin, end);
        one_by_one(end, piece.end);
    }

    std::int64_t place(const Piece& piece, std::int64_t point, std::int64_t phase) const {
        return piece.offset + written(point, phase) * store.strides.axes[2];
    }

    T bias_of(std::int64_t channel) const {
        return store.bias != nullptr ? store.bias[tile.first_channel + channel] : T(kNoBias);
    }

    // Bias, residual and activation, on the tile itself.
    void finish_channel(std::int64_t channel, T* spare) const {
        const T* const residual = store.residual == nullptr
                                      ? nullptr
                                      : store.residual + (tile.first_channel + channel) * store.strides.channel;
        const std::int64_t step = w().write_stride * store.strides.axes[2];
        if (residual != nullptr) {
            for_each_piece([&](const Piece& piece) {
                const auto lane = [&](std::int64_t q) { return piece.lane + q - piece.begin; };
                const auto single = [&](std::int64_t q, std::int64_t r) {
                    spare[r * tile.pitch + lane(q)] = residual[place(piece, q, r)];
                };
                const auto whole = [&](std::int64_t begin, std::int64_t end) {
                    if (store.strides.axes[2] == 1)
                        return store.set.deinterleave(residual + place(piece, begin, 0), step, tile.phases, end - begin,
                                                      spare + lane(begin), tile.pitch);
                    for (std::int64_t q = begin; q < end; ++q)
                        for (std::int64_t r = 0; r < tile.phases; ++r) single(q, r);
                };
                split(piece, whole, single);
            });
        }
        for (std::int64_t r = 0; r < tile.phases; ++r) {
            T* const values = row(r, channel);
            if (store.bias != nullptr) store.set.store(values, 0, 1, tile.lanes, bias_of(channel), values, 1);
            store.set.finish(values, residual == nullptr ? nullptr : spare + r * tile.pitch, tile.lanes,
                             store.activation, values);
        }
    }

    void put_channel(std::int64_t channel, T bias) const {
        T* const to = store.output + (tile.first_channel + channel) * store.strides.channel;
        const std::int64_t row_pitch = tile.channels * tile.pitch;
        for_each_piece([&](const Piece& piece) {
            const auto lane = [&](std::int64_t q) { return piece.lane + q - piece.begin; };
            split(
                piece,
                [&](std::int64_t begin, std::int64_t end) {
                    if (store.strides.axes[2] == 1)
                        return store.set.store(row(0, channel) + lane(begin), row_pitch, tile.phases, end - begin, bias,
                                               to + place(piece, begin, 0), w().write_stride);
                    for (std::int64_t r = 0; r < tile.phases; ++r)
                        store.set.store(row(r, channel) + lane(begin), 0, 1, end - begin, bias,
                                        to + place(piece, begin, r), w().write_stride * store.strides.axes[2]);
                },
                [&](std::int64_t q, std::int64_t r) { to[place(piece, q, r)] = row(r, channel)[lane(q)] + bias; });
        });
    }

    // Channels are neighbours in the output: a transposition for each phase.
    void put_channels_together() const {
        T* const to = store.output + tile.first_channel;
        for_each_piece([&](const Piece& piece) {
            for (std::int64_t r = 0; r < tile.phases; ++r) {
                const std::int64_t begin = std::max(piece.begin, inside(r).begin);
                const std::int64_t end = std::min(piece.end, inside(r).end);
                if (begin < end)
                    store.set.transpose(row(r, 0) + piece.lane + begin - piece.begin, tile.pitch, tile.channels,
                                        end - begin, to + place(piece, begin, r),
                                        w().write_stride * store.strides.axes[2]);
            }
        });
    }
};

}  // namespace

template <class T>
void PhaseStore<T>::put(const packing::PanelShape& block, const PhaseTile<T>& tile, T* spare) const noexcept {
    const Putter<T> putter{*this, block, tile};
    const bool channels_last = strides.channel == 1 && strides.axes[2] != 1;
    const bool finishes = residual != nullptr || activation.kind != Activation::Kind::none || channels_last;
    for (std::int64_t channel = 0; channel < tile.channels; ++channel) {
        if (finishes) putter.finish_channel(channel, spare);
        if (!channels_last) putter.put_channel(channel, finishes ? T(kNoBias) : putter.bias_of(channel));
    }
    if (channels_last) putter.put_channels_together();
}

template struct PhaseStore<float>;
template struct PhaseStore<double>;

}  // namespace tconv::methods
