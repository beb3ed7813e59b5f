#include "methods/phase_rows.h"

#include <algorithm>

#include "methods/phase_store.h"

namespace tconv::methods {
namespace {

// A stretch of points in one row of the box.
struct Stretch {
    BoxRow row{};
    std::int64_t lane = 0;            // of point 0 in the row, counted from the panel's first element
    std::int64_t begin = 0, end = 0;  // points
};

}  // namespace

template <class T>
bool PhaseRows<T>::serves(const PhaseLayout& layout) noexcept {
    return layout.block_channels == 1 &&
           std::all_of(layout.jobs.begin(), layout.jobs.end(), [](const PhaseJob& job) { return job.runs == 1; });
}

template <class T>
void PhaseRows<T>::run(const packing::PanelShape& block, const Range& jobs, const T* panel, const std::int32_t* table,
                       const T* weights, std::int64_t first_channel) const noexcept {
    constexpr std::int64_t kCachedElements = (24 << 10) / static_cast<std::int64_t>(sizeof(T));
    const FlowAxis& w = flow.axes[2];
    const packing::PanelAxis& points = block.axes[2];
    const std::int64_t phases = w.write_stride;
    const auto kernel = set.row[phases - 1];
    const std::int64_t most_steps = std::max<std::int64_t>(1, flow.read_channels * layout.runs.front().taps);
    const std::int64_t stretch = std::max<std::int64_t>(kCachedElements / most_steps, set.widest_lanes());
    const auto per_channel = static_cast<std::int64_t>(layout.jobs.size());
    const std::int64_t last_lane = block.end - block.reach();
    const Range written{std::max(points.first, w.points(phases - 1).begin),
                        std::min(points.first + points.count, w.points(0).end)};

    // All jobs on one stretch; those of one phase of the first two axes write the same row of every channel.
    const auto write = [&](const Stretch& at) {
        // The row begins and ends within a point, where its first or last phases lie outside.
        const std::int64_t first = at.begin * phases - w.write_origin;
        const Range elements{std::max<std::int64_t>(0, -first),
                             std::min(at.end * phases - w.write_origin, w.write_size) - first};
        const T* const vectors = panel + at.lane + at.begin;
        for (std::int64_t p = 0; p < per_channel; ++p) {
            const PhaseJob& job = layout.jobs[static_cast<std::size_t>(p)];
            std::int64_t offset = 0;
            if (!find_written_row(flow, strides, block, at.row, job.phase_d, job.phase_h, offset)) continue;
            const PhaseRun& taps = layout.runs[static_cast<std::size_t>(job.first_run)];
            const std::int64_t steps = taps.taps * flow.read_channels;
            const std::int32_t* const offsets = table + taps.taps_before * flow.read_channels;
            for (std::int64_t channel = ceil_div(jobs.begin - p, per_channel);
                 channel < ceil_div(jobs.end - p, per_channel); ++channel) {
                T* const to = output + (first_channel + channel) * strides.channel + offset + first;
                kernel(steps, weights + layout.weight_offset({channel, channel + 1}, p), vectors, offsets,
                       elements.begin, elements.end, bias != nullptr ? bias[first_channel + channel] : T(-0.0), to);
                if (activation.kind != Activation::Kind::none)
                    set.finish(to + elements.begin, nullptr, elements.size(), activation, to + elements.begin);
            }
        }
    };

    const std::int64_t rows_h = block.axes[1].rows(), rows_d = block.axes[0].rows();
    const std::int64_t first_row = block.begin / block.pitch;
    Stretch at{{first_row / rows_h / rows_d, first_row / rows_h % rows_d, first_row % rows_h}};
    for (std::int64_t row = first_row; row < block.rows() && row * block.pitch < last_lane; ++row) {
        const std::int64_t lane = row * block.pitch - points.first;  // of point 0, in the box
        at.lane = lane - block.begin;
        const std::int64_t end = std::min(written.end, last_lane - lane);
        for (at.begin = std::max(written.begin, block.begin - lane); at.begin < end; at.begin = at.end) {
            at.end = std::min(end, at.begin + stretch);
            write(at);
        }
        if (++at.row.h == rows_h) {
            at.row.h = 0;
            if (++at.row.d == rows_d) at.row.d = 0, ++at.row.sample;
        }
    }
}

template struct PhaseRows<float>;
template struct PhaseRows<double>;

}  // namespace tconv::methods
