#include "methods/overlap/overlap_tiling.h"

#include <algorithm>

#include "methods/method.h"

namespace tconv::methods {

std::int64_t OverlapTiling::lane_vectors() const noexcept {
    return ceil_div(write_channels * (joins_taps ? axes[kLast].kernel : 1), shape.lanes);
}

Range OverlapTiling::channel_lanes(std::int64_t channel_block) const noexcept {
    const Range vectors = share(lane_vectors(), channel_blocks, channel_block);
    return {vectors.begin * shape.lanes, vectors.end * shape.lanes};
}

std::int64_t OverlapTiling::first_channel(std::int64_t channel_block) const noexcept {
    return joins_taps ? 0 : channel_lanes(channel_block).begin;
}

std::int64_t OverlapTiling::channels(std::int64_t channel_block) const noexcept {
    if (joins_taps) return write_channels;
    const Range lanes = channel_lanes(channel_block);
    return std::min(lanes.end, write_channels) - lanes.begin;
}

std::int64_t OverlapTiling::block_elements(std::int64_t channel_block) const noexcept {
    return first_channel(channel_block) * tap_rows() * axes[kLast].kernel * read_channels;
}

std::int64_t OverlapTiling::row_lanes(std::int64_t channel_block) const noexcept {
    return joins_taps ? lane_vectors() * shape.lanes : axes[kLast].kernel * channel_lanes(channel_block).size();
}

OverlapStep OverlapTiling::step(std::int64_t channel_block, std::int64_t index) const noexcept {
    if (!joins_taps) {
        const std::int64_t width = channel_lanes(channel_block).size();
        return {index, index, index * axes[kLast].dilation * unit, width, width, index * width};
    }
    const Range vectors = share(lane_vectors(), pieces, index);
    const std::int64_t begin = vectors.begin * shape.lanes;
    const std::int64_t end = std::min(vectors.end * shape.lanes, axes[kLast].kernel * write_channels);
    return {
        begin / write_channels, (end - 1) / write_channels, begin, vectors.size() * shape.lanes, end - begin, begin};
}

std::int64_t OverlapTiling::widest() const noexcept {
    return joins_taps ? share(lane_vectors(), pieces, 0).size() * shape.lanes : channel_lanes(0).size();
}

std::int64_t OverlapTiling::group_elements() const noexcept {
    return tap_rows() * (joins_taps ? 1 : axes[kLast].kernel) * read_channels * lane_vectors() * shape.lanes;
}

OverlapTiling::PerAxis<std::int64_t> OverlapTiling::strides() const noexcept {
    PerAxis<std::int64_t> result{};
    std::int64_t step = unit;
    for (std::size_t a = kAxes; a-- > 0;) {
        result[a] = step;
        step *= block[a];
    }
    return result;
}

std::int64_t OverlapTiling::accumulators() const noexcept { return strides()[0] * block[0]; }

std::int64_t OverlapTiling::stream_elements() const noexcept {
    std::int64_t pixels = run_pixels;
    for (std::size_t a = 0; a < kAxes; ++a)
        if (a != row_axis) pixels *= reach[a];
    return pixels * depth;
}

Range OverlapTiling::positions(std::size_t axis, std::int64_t index) const noexcept {
    const std::int64_t begin = index * block[axis];
    return {begin, std::min(begin + block[axis], axes[axis].fine)};
}

bool OverlapTiling::has_one_tap_each() const noexcept {
    return std::all_of(axes.begin() + 1, axes.end(), [](const Axis& axis) {
        return axis.kernel == axis.stride && (axis.dilation == 1 || axis.kernel == 1) && axis.padding_begin == 0 &&
               axis.fine <= axis.coarse * axis.stride;
    });
}

std::int64_t OverlapTiling::items() const noexcept {
    if (axes[kSamples].fine == 0 || write_channels == 0) return 0;
    return blocks[0] * blocks[1] * blocks[2] * blocks[3] * groups * channel_blocks;
}

Range pixels_meeting(const Axis& axis, std::int64_t first_tap, std::int64_t last_tap, Range fine) noexcept {
    const std::int64_t from = fine.begin + axis.padding_begin - last_tap * axis.dilation;
    const std::int64_t to = fine.end + axis.padding_begin - first_tap * axis.dilation;
    const Range range{std::max<std::int64_t>(0, ceil_div(from, axis.stride)),
                      std::min(axis.coarse, ceil_div(to, axis.stride))};
    return range.empty() ? Range{} : range;
}

}  // namespace tconv::methods
