#include "methods/phase_rows.h"

#include <algorithm>

namespace tconv::methods {
namespace {

// A stretch of points in one row of the box.
struct Stretch {
    std::int64_t sample = 0, d = 0, h = 0;  // of the box
    std::int64_t lane = 0;                  // of point 0 in the row, counted from the panel's first element
    std::int64_t begin = 0, end = 0;        // points
};

template <class T>
struct RowWriter {
    const PhaseRows<T>& rows;
    const packing::PanelShape& block;
    const std::int64_t phases = rows.flow.axes[2].write_stride;
    // Points at which all phases are written. At the others the row begins or ends within a point.
    const Range all{rows.flow.axes[2].points(0).begin, rows.flow.axes[2].points(phases - 1).end};

    bool find_row(const PhaseJob& job, const Stretch& at, std::int64_t& offset) const {
        const std::int64_t place[2] = {at.d, at.h}, phase[2] = {job.phase_d, job.phase_h};
        offset = (block.first_sample + at.sample) * rows.strides.sample;
        for (std::size_t i = 0; i < 2; ++i) {
            const FlowAxis& axis = rows.flow.axes[i];
            const std::int64_t index =
                axis.write_stride * (block.axes[i].first + place[i]) + phase[i] - axis.write_origin;
            if (place[i] >= block.axes[i].count || index < 0 || index >= axis.write_size) return false;
            offset += index * rows.strides.axes[i];
        }
        return true;
    }

    // `to` is where the row begins. The points before and behind those with all phases go through a small buffer.
    void write(const Stretch& at, std::int64_t steps, const T* weights, const T* panel, const std::int32_t* offsets,
               T bias, T* to) const {
        const FlowAxis& w = rows.flow.axes[2];
        const auto kernel = rows.set.row[phases - 1];
        const std::int64_t begin = std::clamp(all.begin, at.begin, at.end), end = std::clamp(all.end, begin, at.end);
        if (begin < end)
            kernel(steps, weights, panel + at.lane + begin, offsets, end - begin, bias,
                   to + begin * phases - w.write_origin);
        for (std::int64_t q = at.begin; q < at.end; ++q) {
            if (q == begin) q = end;
            if (q == at.end) break;
            T one[kernels::kMostRowPhases];
            kernel(steps, weights, panel + at.lane + q, offsets, 1, bias, one);
            for (std::int64_t r = 0; r < phases; ++r) {
                const std::int64_t index = q * phases + r - w.write_origin;
                if (index >= 0 && index < w.write_size) to[index] = one[r];
            }
        }
        if (rows.activation.kind == Activation::Kind::none) return;
        const std::int64_t first = std::max<std::int64_t>(0, at.begin * phases - w.write_origin);
        const std::int64_t last = std::min(w.write_size, at.end * phases - w.write_origin);
        if (first < last) rows.set.finish(to + first, nullptr, last - first, rows.activation, to + first);
    }
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
    const RowWriter<T> writer{*this, block};
    const packing::PanelAxis& w = block.axes[2];
    const std::int64_t most_steps = std::max<std::int64_t>(1, flow.read_channels * layout.runs.front().taps);
    const std::int64_t stretch = std::max<std::int64_t>(kCachedElements / most_steps, set.widest_lanes());
    const auto per_channel = static_cast<std::int64_t>(layout.jobs.size());
    const std::int64_t last_lane = block.end - block.reach();
    const Range written{std::max(w.first, flow.axes[2].points(flow.axes[2].write_stride - 1).begin),
                        std::min(w.first + w.count, flow.axes[2].points(0).end)};
    for (std::int64_t row = block.begin / block.pitch; row < block.rows() && row * block.pitch < last_lane; ++row) {
        const std::int64_t outer = row / block.axes[1].rows();
        Stretch at{outer / block.axes[0].rows(), outer % block.axes[0].rows(), row % block.axes[1].rows()};
        if (at.h >= block.axes[1].count || at.d >= block.axes[0].count) continue;
        const std::int64_t lane = row * block.pitch - w.first;  // of point 0, in the box
        at.lane = lane - block.begin;
        const std::int64_t begin = std::max(written.begin, block.begin - lane);
        const std::int64_t end = std::min(written.end, last_lane - lane);
        for (at.begin = begin; at.begin < end; at.begin = at.end) {
            at.end = std::min(end, at.begin + stretch);
            for (std::int64_t j = jobs.begin; j < jobs.end; ++j) {
                const PhaseJob& job = layout.jobs[static_cast<std::size_t>(j % per_channel)];
                const std::int64_t channel = j / per_channel;
                std::int64_t offset = 0;
                if (!writer.find_row(job, at, offset)) continue;
                const PhaseRun& tap_run = layout.runs[static_cast<std::size_t>(job.first_run)];
                const std::int32_t* offsets = table;
                for (std::int64_t i = 0; i < tap_run.tap_set; ++i)
                    offsets += static_cast<std::int64_t>(layout.tap_sets[static_cast<std::size_t>(i)].taps.size()) *
                               flow.read_channels;
                writer.write(at, tap_run.taps * flow.read_channels,
                             weights + layout.weight_offset({channel, channel + 1}, j % per_channel), panel, offsets,
                             bias != nullptr ? bias[first_channel + channel] : T(-0.0),
                             output + (first_channel + channel) * strides.channel + offset);
            }
        }
    }
}

template struct PhaseRows<float>;
template struct PhaseRows<double>;

}  // namespace tconv::methods
