#include "methods/phase/phase_blocks.h"

#include <algorithm>

#include "methods/method.h"

namespace tconv::methods {
namespace {

// A panel axis that begins at the hull's first point and has `count` points.
packing::PanelAxis axis_of(const Range& hull, const Range& shifts, std::int64_t count) {
    return {hull.begin, count, shifts.begin, shifts.end - 1};
}

std::int64_t balanced(std::int64_t size, std::int64_t most) {
    return ceil_div(size, ceil_div(size, std::clamp<std::int64_t>(most, 1, size)));
}

}  // namespace

Range hull_of(const FlowAxis& axis) noexcept {
    return {axis.points(axis.write_stride - 1).begin,
            std::max(axis.points(0).end, axis.points(axis.write_stride - 1).end)};
}

std::int64_t panel_bytes() noexcept {
    return std::clamp(cpu_facts().l2_bytes / 2, std::int64_t{128} << 10, std::int64_t{1} << 20);
}

packing::PanelShape PhaseBlocks::block(const Flow& flow, std::int64_t index) const noexcept {
    packing::PanelShape shape;
    const std::int64_t cut = index % cuts;
    index /= cuts;
    for (std::size_t i = shape.axes.size(); i-- > 0;) {
        const Range points = share(hull[i].size(), parts[i], index % parts[i]);
        index /= parts[i];
        shape.axes[i] = {hull[i].begin + points.begin, points.size(), shifts[i].begin, shifts[i].end - 1};
    }
    const Range all = share(flow.batch, sample_parts, index);
    shape.first_sample = all.begin;
    shape.samples = all.size();
    shape.pitch = shape.axes[2].rows() - packing::PanelShape::shared_columns(flow.axes[2], shape.axes[2]);
    shape.plane_stride = plane_stride;
    const std::int64_t lanes = shape.plane_elements() - shape.reach();
    const Range part = share(ceil_div(lanes, vector_lanes), cuts, cut);
    shape.begin = part.begin * vector_lanes;
    shape.end = std::min(part.end * vector_lanes, lanes) + shape.reach();
    return shape;
}

namespace {

PhaseBlocks cut_blocks(const Flow& flow, const std::array<Range, Problem::kMaxRank>& shifts, std::int64_t planes,
                       std::int64_t most_taps, std::int64_t element_bytes, const BlockLimits& limits) noexcept {
    PhaseBlocks blocks;
    blocks.shifts = shifts;
    std::array<std::int64_t, 3> reach{};
    for (std::size_t i = 0; i < reach.size(); ++i) {
        blocks.hull[i] = hull_of(flow.axes[i]);
        reach[i] = shifts[i].size() - 1;
    }
    // Chunks of channels: the table of steps stays small, and a panel of a few tiles fits.
    const std::int64_t halo = (1 + reach[0]) * (1 + reach[1]);
    const std::int64_t row = std::min(blocks.hull[2].size(), limits.tile_lanes) + reach[2];
    // Narrow rows share a tile, and its plane is a stretch of several.
    const std::int64_t stretch =
        reach[0] == 0 ? std::min(blocks.hull[1].size() * row, limits.tile_lanes) + reach[1] * row + reach[2] : 0;
    const std::int64_t plane = std::max(halo * row, stretch);
    std::int64_t channels = std::max<std::int64_t>(1, flow.read_channels);
    channels = std::min(channels, std::max<std::int64_t>(1, limits.most_steps / std::max<std::int64_t>(1, most_taps)));
    channels = std::min(channels, std::max<std::int64_t>(1, limits.panel_elements / (planes * plane)));
    if (limits.whole_channels) channels = std::max<std::int64_t>(1, flow.read_channels);
    blocks.channels = balanced(std::max<std::int64_t>(1, flow.read_channels), channels);

    const std::int64_t room = limits.panel_elements / (planes * blocks.channels);  // elements of a plane
    std::array<std::int64_t, 3> counts{1, 1, 1};
    counts[2] = blocks.hull[2].size();
    if (const std::int64_t most = room / halo - reach[2]; most < counts[2])
        counts[2] = balanced(counts[2], std::max(most / limits.tile_lanes, std::int64_t{1}) * limits.tile_lanes);
    // Tiles wait for the last chunk of channels, so that all of a block's are kept.
    const bool is_chunked = blocks.channels < flow.read_channels;
    const std::int64_t waiting = std::max(limits.waiting_lanes, limits.tile_lanes);
    if (is_chunked && counts[2] > waiting)
        counts[2] = balanced(counts[2], waiting / limits.tile_lanes * limits.tile_lanes);
    const std::int64_t pitch = counts[2] + reach[2];
    const std::int64_t most_rows = room / ((1 + reach[0]) * pitch) - reach[1];
    counts[1] = balanced(blocks.hull[1].size(), is_chunked ? std::min(most_rows, waiting / pitch) : most_rows);
    // With whole rows, a stretch of lanes need not end with a row: no vector is wasted on ends.
    const bool is_cut =
        !limits.whole_rows && counts[2] == blocks.hull[2].size() && counts[1] < blocks.hull[1].size() && reach[0] == 0;
    if (is_cut) counts[1] = blocks.hull[1].size();
    if (!is_cut && !is_chunked && counts[1] == blocks.hull[1].size() && counts[2] == blocks.hull[2].size()) {
        const std::int64_t slice = (counts[1] + reach[1]) * pitch;
        counts[0] = balanced(blocks.hull[0].size(), room / slice - reach[0]);
        if (counts[0] == blocks.hull[0].size() && flow.batch > 0)
            blocks.samples = balanced(flow.batch, room / (slice * (counts[0] + reach[0])));
    }
    for (std::size_t i = 0; i < counts.size(); ++i) blocks.parts[i] = ceil_div(blocks.hull[i].size(), counts[i]);
    blocks.sample_parts = flow.batch == 0 ? 0 : ceil_div(flow.batch, blocks.samples);
    blocks.vector_lanes = limits.vector_lanes;

    // The largest plane: rows share at most what they share in a block of their own.
    packing::PanelShape largest;
    for (std::size_t i = 0; i < counts.size(); ++i) largest.axes[i] = axis_of(blocks.hull[i], shifts[i], counts[i]);
    largest.samples = blocks.samples;
    largest.pitch = largest.axes[2].rows();
    if (blocks.parts[2] == 1) largest.pitch -= packing::PanelShape::shared_columns(flow.axes[2], largest.axes[2]);
    blocks.largest_lanes = largest.plane_elements();
    if (is_cut) {
        const std::int64_t vectors = ceil_div(blocks.largest_lanes - largest.reach(), limits.vector_lanes);
        const std::int64_t least = ceil_div(limits.tile_lanes, limits.vector_lanes);
        const std::int64_t fitting = std::min(room - largest.reach(), is_chunked ? waiting : room);
        const std::int64_t most = std::max(fitting / limits.vector_lanes, least);
        blocks.cuts = ceil_div(vectors, most);
        blocks.largest_lanes = ceil_div(vectors, blocks.cuts) * limits.vector_lanes + largest.reach();
    }
    blocks.most_lanes = blocks.largest_lanes - largest.reach();
    const std::int64_t line = 64 / element_bytes, page = 2048 / element_bytes;
    blocks.plane_stride = ceil_div(blocks.largest_lanes, line) * line;
    if (blocks.plane_stride % page == 0) blocks.plane_stride += line;
    return blocks;
}

}  // namespace

PhaseBlocks choose_blocks(const Flow& flow, const std::array<Range, Problem::kMaxRank>& shifts, std::int64_t planes,
                          std::int64_t most_taps, std::int64_t element_bytes, const BlockLimits& limits) noexcept {
    const PhaseBlocks blocks = cut_blocks(flow, shifts, planes, most_taps, element_bytes, limits);
    const std::int64_t wanted = ceil_div(limits.workers, std::max<std::int64_t>(1, flow.groups));
    const std::int64_t panel = planes * blocks.channels * blocks.plane_stride;
    if (blocks.count() == 0 || blocks.count() >= wanted || panel < 2 * limits.weights) return blocks;
    const std::int64_t reach = blocks.largest_lanes - blocks.most_lanes;
    for (std::int64_t parts = ceil_div(wanted, blocks.count()); parts > 1; parts /= 2) {
        BlockLimits smaller = limits;
        smaller.panel_elements =
            planes * blocks.channels * (ceil_div(blocks.most_lanes, parts) + limits.vector_lanes + reach);
        const PhaseBlocks more = cut_blocks(flow, shifts, planes, most_taps, element_bytes, smaller);
        if (more.channels == blocks.channels) return more;
    }
    return blocks;
}

}  // namespace tconv::methods
