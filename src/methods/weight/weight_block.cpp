#include "methods/weight/weight_block.h"

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "methods/method.h"

namespace tconv::methods {
namespace {

Range intersect(Range a, Range b) noexcept { return {std::max(a.begin, b.begin), std::min(a.end, b.end)}; }

// The groups of an axis of the block, one after the other; returns how many there are. Both ends of the taps that reach
// a pixel fall from pixel to pixel, so the next group begins where either of them next falls below its value here.
std::int64_t group_pixels(const Axis& axis, Range pixels, Range taps, PixelGroup* groups) noexcept {
    const auto falls_at = [&](std::int64_t limit, std::int64_t tap) {
        return tap == taps.begin ? pixels.end : ceil_div(limit - (tap - 1) * axis.dilation, axis.stride);
    };
    std::int64_t count = 0;
    for (std::int64_t i = pixels.begin, next = i; i < pixels.end; i = next) {
        const Range reached = tap_range(axis, i);
        const std::int64_t begin = std::clamp(reached.begin, taps.begin, taps.end);
        const std::int64_t end = std::clamp(reached.end, begin, taps.end);
        const bool is_empty = begin == end;
        next =
            std::min({pixels.end, falls_at(axis.padding_begin, begin), falls_at(axis.fine + axis.padding_begin, end)});
        if (is_empty || next <= i) next = i + 1;
        groups[count++] = {static_cast<std::int32_t>(i - pixels.begin), static_cast<std::int32_t>(next - pixels.begin),
                           static_cast<std::int32_t>(begin - taps.begin), static_cast<std::int32_t>(end - taps.begin)};
    }
    return count;
}

template <class T>
void copy(const T* from, std::int64_t count, T* to) noexcept {
    for (std::int64_t i = 0; i < count; ++i) to[i] = from[i];
}

// to[x][0 ... count) = from[x * step + 0 ... count) for x < lines; tiles have four or eight rows mostly.
template <class T>
void copy_lines(const T* from, std::int64_t step, std::int64_t count, std::int64_t lines, T* to) noexcept {
    if (step == count) return copy(from, count * lines, to);
    const auto copy_each = [&](auto constant) {
        for (std::int64_t x = 0; x < lines; ++x)
            for (int i = 0; i < decltype(constant)::value; ++i)
                to[x * decltype(constant)::value + i] = from[x * step + i];
    };
    if (count == 8) return copy_each(std::integral_constant<int, 8>());
    if (count == 4) return copy_each(std::integral_constant<int, 4>());
    for (std::int64_t x = 0; x < lines; ++x) copy(from + x * step, count, to + x * count);
}

}  // namespace

// One block of one task: sizes, and how its planes are laid out.
template <class T>
struct WeightBlocks<T>::Frame {
    const WeightTask& task;
    const WeightBlock& block;
    std::int64_t samples = 0, pixels = 0;                  // all pixels
    std::array<std::int64_t, 3> size{}, extent{};          // pixels and positions of each axis
    std::array<std::int64_t, 3> pixel_step{}, tap_step{};  // in positions of the axis
    std::array<std::int64_t, 3> row{};                     // positions from one position of the axis to the next
    std::int64_t plane_positions = 0;
    std::array<std::int64_t, 3> group_count{};
    const PixelGroup* row_groups = nullptr;
    const PixelGroup* column_groups = nullptr;

    Frame(const Problem& problem, const WeightTiling& tiling, const WeightTask& its_task, const WeightBlock& its_block,
          const WeightMemory<T>& memory) noexcept
        : task(its_task), block(its_block), samples(its_block.samples.size()) {
        pixels = samples;
        for (std::size_t a = 0; a < 3; ++a) {
            const Axis& axis = problem.axes[a];
            size[a] = block.pixels[a].size();
            pixels *= size[a];
            extent[a] = tiling.extent(axis, a, size[a], task.taps[a].size());
            pixel_step[a] = tiling.is_dense[a] ? axis.stride : task.taps[a].size();
            tap_step[a] = tiling.is_dense[a] ? axis.dilation : 1;
            if (a > 0) group_count[a] = group_pixels(axis, block.pixels[a], task.taps[a], memory.groups[a]);
        }
        row = {extent[1] * extent[2], extent[2], 1};
        plane_positions = samples * extent[0] * row[0];
        row_groups = memory.groups[1];
        column_groups = memory.groups[2];
    }

    // The first packed pixel of a pair of groups.
    std::int64_t first_pixel(const PixelGroup& columns, const PixelGroup& rows) const noexcept {
        return samples * size[0] * (size[1] * columns.begin + (columns.end - columns.begin) * rows.begin);
    }

    // The fine index of a position of an axis; it may lie outside.
    std::int64_t fine_index(const Problem& problem, const WeightTiling& tiling, std::size_t a,
                            std::int64_t position) const noexcept {
        const Axis& axis = problem.axes[a];
        std::int64_t pixel = block.pixels[a].begin, tap = task.taps[a].begin, rest = position;
        if (!tiling.is_dense[a]) {
            pixel += position / pixel_step[a];
            tap += position % pixel_step[a];
            rest = 0;
        }
        return pixel * axis.stride + tap * axis.dilation - axis.padding_begin + rest;
    }
};

template <class T>
std::int64_t WeightMemory<T>::lay_out(const Problem& problem, const WeightTiling& tiling, std::byte* bytes,
                                      WeightMemory& memory) noexcept {
    std::int64_t used = 0;
    const auto take = [&]<class Element>(Element*& pointer, std::int64_t count) {
        pointer = bytes == nullptr ? nullptr : reinterpret_cast<Element*>(bytes + used);
        used += (count * static_cast<std::int64_t>(sizeof(Element)) + 63) / 64 * 64;
    };
    const std::int64_t pixels = tiling.most_pixels();
    // A tile of mixed taps may read beyond its run.
    const std::int64_t beyond = tiling.lanes * tiling.most_vectors;
    take(memory.panel, tiling.planes * tiling.plane_elements(problem) + beyond);
    take(memory.stream, pixels * tiling.channels);
    take(memory.lines, pixels * tiling.rows);
    take(memory.scratch, tiling.rows * beyond);
    take(memory.offsets, pixels);
    take(memory.groups[1], tiling.pixels[1]);
    take(memory.groups[2], tiling.pixels[2]);
    take(memory.stretches, kMostStretches);
    take(memory.accumulator, tiling.parts > 1 ? 0 : tiling.accumulator_elements());
    return used;
}

template <class T>
void WeightBlocks<T>::add(const WeightTask& task, const WeightBlock& block, const T* coarse, const T* fine,
                          const WeightMemory<T>& memory, T* accumulator) const noexcept {
    const Frame frame(problem_, tiling_, task, block, memory);
    pack_offsets(frame, memory);
    pack_stream(frame, coarse, memory);
    const std::int64_t plane_elements = frame.plane_positions * tiling_.pitch;
    for (std::int64_t p = 0; p < task.planes.size(); ++p)
        pack_plane(frame, task.planes.begin + p, fine, memory.panel + p * plane_elements);
    T* const end = memory.panel + task.planes.size() * plane_elements;
    std::fill(end, end + tiling_.lanes * tiling_.most_vectors, T(0));
    for (std::int64_t p = 0; p < task.planes.size(); ++p)
        multiply_plane(frame, memory.panel + p * plane_elements, memory,
                       accumulator + p * tiling_.channels * tiling_.channel_pitch());
}

template <class T>
void WeightBlocks<T>::pack_offsets(const Frame& frame, const WeightMemory<T>& memory) const noexcept {
    std::int32_t* to = memory.offsets;
    const std::int64_t step = frame.pixel_step[2] * tiling_.pitch;
    for (std::int64_t column = 0; column < frame.group_count[2]; ++column)
        for (std::int64_t row = 0; row < frame.group_count[1]; ++row) {
            const PixelGroup& columns = frame.column_groups[column];
            const PixelGroup& rows = frame.row_groups[row];
            for (std::int64_t i0 = 0; i0 < frame.size[0]; ++i0)
                for (std::int64_t n = 0; n < frame.samples; ++n)
                    for (std::int64_t i1 = rows.begin; i1 < rows.end; ++i1) {
                        const std::int64_t outer = (n * frame.extent[0] + i0 * frame.pixel_step[0]) * frame.row[0];
                        std::int64_t at = (outer + i1 * frame.pixel_step[1] * frame.row[1]) * tiling_.pitch;
                        at += columns.begin * step;
                        for (std::int64_t i2 = columns.begin; i2 < columns.end; ++i2, at += step)
                            *to++ = static_cast<std::int32_t>(at);
                    }
        }
}

template <class T>
void WeightBlocks<T>::pack_stream(const Frame& frame, const T* coarse, const WeightMemory<T>& memory) const noexcept {
    const std::int64_t first = frame.task.super_group * tiling_.coarse + frame.task.channels.begin;
    const T* const from = coarse + frame.block.samples.begin * coarse_strides_.sample +
                          frame.block.pixels[0].begin * coarse_strides_.axes[0] +
                          frame.block.pixels[1].begin * coarse_strides_.axes[1] +
                          frame.block.pixels[2].begin * coarse_strides_.axes[2] + first * coarse_strides_.channel;
    for (std::int64_t c = 0; c < frame.task.channels.size(); c += tiling_.rows) {
        const std::int64_t rows = std::min(tiling_.rows, frame.task.channels.size() - c);
        pack_rows(frame, from + c * coarse_strides_.channel, rows, memory, memory.stream + c * frame.pixels);
    }
}

// All the block's pixels of a tile's rows.
template <class T>
void WeightBlocks<T>::pack_rows(const Frame& frame, const T* from, std::int64_t rows, const WeightMemory<T>& memory,
                                T* to) const noexcept {
    const SideStrides& strides = coarse_strides_;
    const std::int64_t map = frame.size[1] * frame.size[2];
    const bool has_one_group = frame.group_count[1] == 1 && frame.group_count[2] == 1;
    for (std::int64_t i0 = 0; i0 < frame.size[0]; ++i0)
        for (std::int64_t n = 0; n < frame.samples; ++n) {
            const T* const source = from + i0 * strides.axes[0] + n * strides.sample;
            const std::int64_t index = i0 * frame.samples + n;
            T* const lines = has_one_group ? to + index * map * rows : memory.lines;
            if (strides.channel == 1 || rows == 1) {
                for (std::int64_t i1 = 0; i1 < frame.size[1]; ++i1)
                    copy_lines(source + i1 * strides.axes[1], strides.axes[2], rows, frame.size[2],
                               lines + i1 * frame.size[2] * rows);
            } else if (frame.size[2] == strides.axes[1]) {
                set_.transpose(source, strides.channel, rows, map, lines, rows);
            } else {
                for (std::int64_t i1 = 0; i1 < frame.size[1]; ++i1)
                    set_.transpose(source + i1 * strides.axes[1], strides.channel, rows, frame.size[2],
                                   lines + i1 * frame.size[2] * rows, rows);
            }
            if (has_one_group) continue;
            for (std::int64_t column = 0; column < frame.group_count[2]; ++column)
                for (std::int64_t row = 0; row < frame.group_count[1]; ++row) {
                    const PixelGroup& columns = frame.column_groups[column];
                    const PixelGroup& group = frame.row_groups[row];
                    const std::int64_t width = columns.end - columns.begin;
                    T* target =
                        to + (frame.first_pixel(columns, group) + index * (group.end - group.begin) * width) * rows;
                    for (std::int64_t i1 = group.begin; i1 < group.end; ++i1, target += width * rows)
                        copy(lines + (i1 * frame.size[2] + columns.begin) * rows, width * rows, target);
                }
        }
}

template <class T>
void WeightBlocks<T>::pack_plane(const Frame& frame, std::int64_t plane, const T* fine, T* to) const noexcept {
    const std::int64_t first = plane * tiling_.pitch, count = std::min(tiling_.pitch, tiling_.fine - first);
    const T* const from = fine + frame.block.samples.begin * fine_strides_.sample +
                          (frame.task.super_group * tiling_.fine + first) * fine_strides_.channel;
    for (std::int64_t n = 0; n < frame.samples; ++n)
        for (std::int64_t x0 = 0; x0 < frame.extent[0]; ++x0) {
            const std::int64_t o0 = frame.fine_index(problem_, tiling_, 0, x0);
            if (o0 < 0 || o0 >= problem_.axes[0].fine) continue;
            for (std::int64_t x1 = 0; x1 < frame.extent[1]; ++x1) {
                const std::int64_t o1 = frame.fine_index(problem_, tiling_, 1, x1);
                if (o1 < 0 || o1 >= problem_.axes[1].fine) continue;
                const T* const source =
                    from + n * fine_strides_.sample + o0 * fine_strides_.axes[0] + o1 * fine_strides_.axes[1];
                T* const line = to + ((n * frame.extent[0] + x0) * frame.row[0] + x1 * frame.row[1]) * tiling_.pitch;
                if (tiling_.is_dense[2])
                    pack_dense_line(frame, source, count, line);
                else
                    pack_apart_line(frame, source, count, line);
            }
        }
}

// Positions outside of the frame are read where taps are mixed (their lanes are not added), and lanes beyond the last
// channel always are; zeros in them cost no time, as some other numbers might.
template <class T>
void WeightBlocks<T>::pack_dense_line(const Frame& frame, const T* from, std::int64_t count, T* to) const noexcept {
    const std::int64_t first = frame.fine_index(problem_, tiling_, 2, 0), pitch = tiling_.pitch;
    const std::int64_t step = fine_strides_.axes[2];
    const std::int64_t begin = std::clamp<std::int64_t>(-first, 0, frame.extent[2]);
    const std::int64_t end = std::clamp<std::int64_t>(problem_.axes[2].fine - first, begin, frame.extent[2]);
    if (tiling_.mixes_taps) {
        std::fill(to, to + begin * pitch, T(0));
        std::fill(to + end * pitch, to + frame.extent[2] * pitch, T(0));
    }
    if (begin == end) return;
    const T* const source = from + (first + begin) * step;
    if (fine_strides_.channel != 1 && count > 1) {
        set_.transpose(source, fine_strides_.channel, count, end - begin, to + begin * pitch, pitch);
    } else if (step == pitch && count == pitch) {
        std::copy(source, source + (end - begin) * pitch, to + begin * pitch);
    } else if (count == pitch) {
        copy_lines(source, step, count, end - begin, to + begin * pitch);
    } else {
        for (std::int64_t x = 0; x < end - begin; ++x) copy(source + x * step, count, to + (begin + x) * pitch);
    }
    if (count == pitch) return;
    for (std::int64_t x = begin; x < end; ++x) std::fill(to + x * pitch + count, to + (x + 1) * pitch, T(0));
}

template <class T>
void WeightBlocks<T>::pack_apart_line(const Frame& frame, const T* from, std::int64_t count, T* to) const noexcept {
    const Axis& axis = problem_.axes[2];
    const std::int64_t taps = frame.task.taps[2].size(), pitch = tiling_.pitch;
    const std::int64_t step = fine_strides_.axes[2], channel = fine_strides_.channel;
    const bool taps_are_a_run = (channel == 1 || count == 1) && axis.dilation * step == pitch && count == pitch;
    const std::int64_t tap_step = axis.dilation * step;
    for (std::int64_t column = 0; column < frame.group_count[2]; ++column) {
        const PixelGroup& group = frame.column_groups[column];
        const std::int64_t begin = group.tap_begin, end = group.tap_end;
        for (std::int64_t i = group.begin; i < group.end; ++i, to += taps * pitch) {
            std::fill(to, to + begin * pitch, T(0));
            std::fill(to + end * pitch, to + taps * pitch, T(0));
            if (begin == end) continue;
            const T* const source = from + frame.fine_index(problem_, tiling_, 2, i * taps + begin) * step;
            T* const target = to + begin * pitch;
            if (taps_are_a_run) {
                std::copy(source, source + (end - begin) * pitch, target);
                continue;
            }
            for (std::int64_t j = 0; j < end - begin; ++j) {
                for (std::int64_t f = 0; f < count; ++f) target[j * pitch + f] = source[j * tap_step + f * channel];
                std::fill(target + j * pitch + count, target + (j + 1) * pitch, T(0));
            }
        }
    }
}

template <class T>
void WeightBlocks<T>::multiply_plane(const Frame& frame, const T* plane, const WeightMemory<T>& memory,
                                     T* accumulator) const noexcept {
    const std::int64_t taps = frame.task.taps[2].size(), pitch = tiling_.pitch;
    LaneTiles tiles{taps, taps * tiling_.vectors, tiling_.vectors};
    if (tiling_.mixes_taps) tiles = tiling_.tiles_of(taps * pitch);
    for (std::int64_t j0 = 0; j0 < frame.task.taps[0].size(); ++j0) {
        const Range outer =
            intersect(coarse_range(problem_.axes[0], frame.task.taps[0].begin + j0), frame.block.pixels[0]);
        if (outer.empty()) continue;
        const std::int64_t outer_begin = outer.begin - frame.block.pixels[0].begin;
        for (std::int64_t j1 = 0; j1 < frame.task.taps[1].size(); ++j1) {
            const std::int64_t line =
                (j0 * frame.tap_step[0] * frame.row[0] + j1 * frame.tap_step[1] * frame.row[1]) * pitch;
            T* const sums = accumulator + (j0 * tiling_.taps[1] + j1) * tiling_.row_pitch();
            for (std::int64_t t = 0; t < tiles.count; ++t) {
                const Range vectors = share(tiles.vectors, tiles.count, t);
                const std::int64_t first = vectors.begin * tiling_.lanes, width = vectors.size() * tiling_.lanes;
                const Range tile_taps{first / pitch, std::min(taps, (first + width - 1) / pitch + 1)};
                const T* const from = plane + line + (tiling_.mixes_taps ? first : t * frame.tap_step[2] * pitch);
                PixelStretch* stretch = memory.stretches;
                for (std::int64_t column = 0; column < frame.group_count[2]; ++column) {
                    const PixelGroup& columns = frame.column_groups[column];
                    const Range reached = intersect({columns.tap_begin, columns.tap_end}, tile_taps);
                    if (reached.empty()) continue;
                    const bool all = reached == tile_taps;
                    const std::int64_t lane_begin = all ? 0 : std::max<std::int64_t>(0, reached.begin * pitch - first);
                    const std::int64_t lane_end = all ? width : std::min(width, reached.end * pitch - first);
                    for (std::int64_t row = 0; row < frame.group_count[1]; ++row) {
                        const PixelGroup& rows = frame.row_groups[row];
                        if (j1 < rows.tap_begin || j1 >= rows.tap_end) continue;
                        const std::int64_t each =
                            frame.samples * (rows.end - rows.begin) * (columns.end - columns.begin);
                        const std::int64_t begin = frame.first_pixel(columns, rows) + outer_begin * each;
                        const std::int64_t count = outer.size() * each;
                        if (stretch != memory.stretches && stretch[-1].begin + stretch[-1].count == begin &&
                            stretch[-1].lane_begin == lane_begin && stretch[-1].lane_end == lane_end) {
                            stretch[-1].count += count;
                            continue;
                        }
                        if (stretch == memory.stretches + kMostStretches) {
                            multiply_tile(frame, from, vectors.size(), stretch, memory, sums + first);
                            stretch = memory.stretches;
                        }
                        *stretch++ = {begin, count, lane_begin, lane_end};
                    }
                }
                multiply_tile(frame, from, vectors.size(), stretch, memory, sums + first);
            }
        }
    }
}

// All the task's channels of one run of lanes.
template <class T>
void WeightBlocks<T>::multiply_tile(const Frame& frame, const T* vectors, std::int64_t vector_count,
                                    const PixelStretch* end, const WeightMemory<T>& memory,
                                    T* accumulator) const noexcept {
    const std::int64_t width = vector_count * tiling_.lanes, pitch = tiling_.channel_pitch();
    for (std::int64_t c = 0; c < frame.task.channels.size(); c += tiling_.rows) {
        const std::int64_t rows = std::min(tiling_.rows, frame.task.channels.size() - c);
        const auto kernel = set_.tile[rows - 1][vector_count - 1];
        const T* const stream = memory.stream + c * frame.pixels;
        T* const sums = accumulator + c * pitch;
        for (const PixelStretch* s = memory.stretches; s != end; ++s) {
            const bool is_whole = s->lane_begin == 0 && s->lane_end == width;
            T* const tile = is_whole ? sums : memory.scratch;
            kernel(s->count, stream + s->begin * rows, vectors, memory.offsets + s->begin, 0, tile,
                   is_whole ? pitch : width, is_whole);
            if (is_whole) continue;
            for (std::int64_t r = 0; r < rows; ++r)
                for (std::int64_t l = s->lane_begin; l < s->lane_end; ++l) sums[r * pitch + l] += tile[r * width + l];
        }
    }
}

template struct WeightMemory<float>;
template struct WeightMemory<double>;
template class WeightBlocks<float>;
template class WeightBlocks<double>;

}  // namespace tconv::methods
