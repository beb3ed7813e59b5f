#include "methods/overlap/overlap_worker.h"

#include <algorithm>

#include "methods/overlap/overlap_store.h"

namespace tconv::methods {
namespace {

constexpr Activation kSumOnly{};

// While a chunk of weights is used, the next one is asked for, some lines after each tile: as many as bring all of it
// in time, but no more than the CPU waits for at once. (Zen 5, ic2048 oc256 i8x6 k4 s2 p1, whose weights come from
// memory: 4.0 -> 3.4 ms with chunks of 128; 2026-11.) Nothing is read, so the lines may lie behind the last weight.
struct Ahead {
    static constexpr std::int64_t kMostLines = 32, kLineBytes = 64;
    const char* at;
    std::int64_t lines;

    Ahead(const void* next, std::int64_t bytes, std::int64_t tiles)
        : at(static_cast<const char*>(next)), lines(std::min(kMostLines, ceil_div(bytes, kLineBytes * tiles))) {}
    void ask() {
#if defined(__GNUC__)
        for (std::int64_t i = 0; i < lines; ++i) __builtin_prefetch(at + i * kLineBytes, 0, 2);
        at += lines * kLineBytes;
#endif
    }
};

}  // namespace

template <class T>
void OverlapWorker<T>::run(std::int64_t item) noexcept {
    const std::int64_t channel_block = item % tiling_.channel_blocks;
    item /= tiling_.channel_blocks;
    OverlapTiling::PerAxis<std::int64_t> box{};
    for (std::size_t a = OverlapTiling::kAxes; a-- > 1;) {
        box[a] = item % tiling_.blocks[a];
        item /= tiling_.blocks[a];
    }
    const std::int64_t group = item % tiling_.groups;
    box[0] = item / tiling_.groups;
    for (std::size_t a = 0; a < OverlapTiling::kAxes; ++a) positions_[a] = tiling_.positions(a, box[a]);

    const std::int64_t first_channel = group * tiling_.write_channels + tiling_.first_channel(channel_block);
    const T* bias = static_cast<const T*>(call_.bias);
    // Where one product is all that a position gets, its first sums are stored, not added to zeros. (An activation
    // reads what no position has, too.)
    begins_with_sums_ = tiling_.has_one_tap_each() && bias == nullptr && tiling_.read_channels > 0 &&
                        plan_.activation.kind == Activation::Kind::none;
    if (!begins_with_sums_)
        begin_accumulators(bias == nullptr ? nullptr : bias + first_channel, tiling_.channels(channel_block),
                           tiling_.unit, positions_[0].size() * tiling_.strides()[0] / tiling_.unit,
                           workspace_ + plan_.accumulators);
    const T* weights =
        static_cast<const T*>(call_.packed) + group * tiling_.group_elements() + tiling_.block_elements(channel_block);
    for (std::int64_t c = 0; c < tiling_.read_channels; c += tiling_.depth) {
        const Range channels{c, std::min(c + tiling_.depth, tiling_.read_channels)};
        read(box, group, channels);
        multiply(weights, channel_block, channels);
    }
    store(group, channel_block);
}

template <class T>
void OverlapWorker<T>::read(const OverlapTiling::PerAxis<std::int64_t>& box, std::int64_t group,
                            Range channels) noexcept {
    if (box == packed_box_ && group == packed_group_ && channels.begin == packed_from_) return;
    packed_box_ = box;
    packed_group_ = group;
    packed_from_ = channels.begin;
    packed_ = pixels_of_box(tiling_, positions_);
    packed_.channels = channels.size();
    const T* input =
        static_cast<const T*>(call_.input) + (group * tiling_.read_channels + channels.begin) * plan_.read.channel;
    pack_overlap_pixels(tiling_, set_, packed_, plan_.read, input, workspace_);
}

template <class T>
void OverlapWorker<T>::multiply(const T* weights, std::int64_t channel_block, Range channels) noexcept {
    const std::int64_t chunks = ceil_div(channels.size(), tiling_.chunk), steps = tiling_.steps();
    const std::int64_t row = tiling_.row_lanes(channel_block) * tiling_.read_channels;
    PanelWalker walker(tiling_, packed_, positions_);
    for (std::int64_t k = 0; k < steps; ++k) {
        const OverlapStep step = tiling_.step(channel_block, k);
        if (!walker.take_step(step)) continue;
        const T* const first = weights + step.packed_before * tiling_.read_channels + channels.begin * step.width;
        const std::int32_t* const offsets = plan_.offsets[step.width == tiling_.widest() ? 0 : 1].data();
        for (std::int64_t i = 0; i < tiling_.axes[1].kernel; ++i) {
            if (!walker.take_tap(1, i)) continue;
            for (std::int64_t j = 0; j < tiling_.axes[2].kernel; ++j) {
                if (!walker.take_tap(2, j)) continue;
                const PanelWalk walk = walker.walk();
                const std::int64_t tap_row = i * tiling_.axes[2].kernel + j;
                const T* const panel = first + tap_row * row;
                const T* const next_panel =
                    tap_row + 1 < tiling_.tap_rows() ? panel + row : first + tiling_.read_channels * step.width;
                for (std::int64_t part = 0; part < chunks; ++part) {
                    const Range some = share(channels.size(), chunks, part);
                    const T* const next = part + 1 < chunks ? panel + some.end * step.width : next_panel;
                    multiply_panel(walk, {panel + some.begin * step.width, offsets, step.width, step.valid, some.begin,
                                          some.size(), next, begins_with_sums_ && channels.begin + some.begin == 0});
                }
            }
        }
    }
}

template <class T>
void OverlapWorker<T>::multiply_panel(const PanelWalk& walk, const Chunk& chunk) noexcept {
    T* const accumulators = workspace_ + plan_.accumulators;
    const std::size_t vector_index = static_cast<std::size_t>(chunk.width / tiling_.shape.lanes - 1);
    const std::int64_t lines = walk.loops[0].count * walk.loops[1].count * walk.loops[2].count;
    Ahead ahead(chunk.next, chunk.steps * chunk.width * static_cast<std::int64_t>(sizeof(T)),
                lines * walk.tiles.size());
    const std::int64_t longer_rows = std::min(walk.tiles.begin, walk.longer_tiles);
    const std::int64_t first_row = walk.tiles.begin * walk.rows + longer_rows;
    for (std::int64_t a = 0; a < walk.loops[0].count; ++a) {
        for (std::int64_t b = 0; b < walk.loops[1].count; ++b) {
            for (std::int64_t c = 0; c < walk.loops[2].count; ++c) {
                const std::int64_t at = walk.first + a * walk.loops[0].accumulators + b * walk.loops[1].accumulators +
                                        c * walk.loops[2].accumulators;
                const std::int64_t pixel =
                    walk.run_begin + a * walk.loops[0].pixels + b * walk.loops[1].pixels + c * walk.loops[2].pixels;
                const T* const stream = workspace_ + pixel * packed_.channels;
                const bool is_whole_column = c >= walk.whole_columns.begin && c < walk.whole_columns.end;
                std::int64_t row = first_row;
                for (std::int64_t tile = walk.tiles.begin; tile < walk.tiles.end; ++tile) {
                    const std::int64_t rows = walk.rows + (tile < walk.longer_tiles ? 1 : 0);
                    const T* const from = stream + row * packed_.channels + chunk.from * rows;
                    const auto kernel = set_.tile[rows - 1][vector_index];
                    if (is_whole_column && row >= walk.whole_rows.begin && row + rows <= walk.whole_rows.end) {
                        T* const to = accumulators + at + (row - walk.kept_rows.begin) * walk.row_pitch;
                        kernel(chunk.steps, from, chunk.weights, chunk.offsets, 0, to, walk.row_pitch, !chunk.begins);
                    } else {
                        kernel(chunk.steps, from, chunk.weights, chunk.offsets, 0, workspace_ + plan_.scratch,
                               chunk.width, false);
                        add_partly(walk, chunk, {row, row + rows}, at, walk.start + c * walk.column_shift);
                    }
                    row += rows;
                    ahead.ask();
                }
            }
        }
    }
}

// Adds of the tile in `scratch` what lies inside the box, or puts it there.
template <class T>
void OverlapWorker<T>::add_partly(const PanelWalk& walk, const Chunk& chunk, Range rows, std::int64_t at,
                                  std::int64_t start) noexcept {
    const std::int64_t begin = std::max(rows.begin, walk.kept_rows.begin), end = std::min(rows.end, walk.kept_rows.end);
    for (std::int64_t row = begin; row < end; ++row) {
        const std::int64_t index = row - walk.kept_rows.begin, row_start = start + index * walk.row_shift;
        const std::int64_t low = std::max<std::int64_t>(0, -row_start);
        const std::int64_t high = std::min(chunk.valid, walk.line - row_start);
        T* const to = workspace_ + plan_.accumulators + at + index * walk.row_pitch + low;
        const T* const sums = workspace_ + plan_.scratch + (row - rows.begin) * chunk.width + low;
        set_.finish(sums, chunk.begins ? nullptr : to, high - low, kSumOnly, to, kernels::Stores::cached);
    }
}

template <class T>
void OverlapWorker<T>::store(std::int64_t group, std::int64_t channel_block) noexcept {
    const std::int64_t channel = group * tiling_.write_channels + tiling_.first_channel(channel_block);
    std::int64_t at = channel * plan_.write.channel + positions_[0].begin * plan_.write.sample;
    OverlapOutput<T> output;
    for (std::size_t a = 0; a < OverlapTiling::kAxes; ++a) {
        output.sizes[a] = positions_[a].size();
        if (a > 0) at += positions_[a].begin * plan_.write.axes[a - 1];
    }
    output.strides = tiling_.strides();
    output.channels = tiling_.channels(channel_block);
    output.unit = tiling_.unit;
    output.write = plan_.write;
    output.stores = plan_.stores.of_planes(call_.output);
    output.output = static_cast<T*>(call_.output) + at;
    if (call_.residual != nullptr) output.residual = static_cast<const T*>(call_.residual) + at;
    store_accumulators(set_, plan_.activation, output, workspace_ + plan_.accumulators, workspace_ + plan_.buffer);
}

template class OverlapWorker<float>;
template class OverlapWorker<double>;

}  // namespace tconv::methods
