#include "methods/phase/phase_rows.h"

#include <algorithm>

#include "methods/method.h"
#include "methods/phase/phase_store.h"

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
    return layout.block_channels == 1 && std::all_of(layout.jobs.begin(), layout.jobs.end(), [&](const PhaseJob& job) {
               return job.runs == 1 || (job.runs == 2 && layout.runs[static_cast<std::size_t>(job.first_run) + 1].adds);
           });
}

template <class T>
void PhaseRows<T>::run(const packing::PanelShape& block, const Range& jobs, const T* panel, const std::int32_t* table,
                       const T* weights, std::int64_t first_channel) const noexcept {
    constexpr std::int64_t kCachedElements = (24 << 10) / static_cast<std::int64_t>(sizeof(T));
    const FlowAxis& w = flow.axes[2];
    const packing::PanelAxis& points = block.axes[2];
    const std::int64_t phases = w.write_stride;
    const std::int64_t most_steps = std::max<std::int64_t>(1, flow.read_channels * layout.runs.front().taps);
    // The panel's part is read for each job, and lines of wide rows are written by several.
    const std::int64_t cached = std::max(most_steps, phases > kernels::kMostRowPhases ? phases : 1);
    const std::int64_t stretch = std::max<std::int64_t>(kCachedElements / cached, set.widest_lanes());
    const auto per_channel = static_cast<std::int64_t>(layout.jobs.size());
    const std::int64_t last_lane = block.end - block.reach();
    const Range written{std::max(points.first, w.points(phases - 1).begin),
                        std::min(points.first + points.count, w.points(0).end)};
    // Jobs are [channel][phases of the first two axes]: of the first and the last channel, some may be others' work.
    const Range channels{jobs.begin / per_channel, jobs.end / per_channel};
    const std::int64_t skipped = jobs.begin % per_channel, more = jobs.end % per_channel;

    // All jobs on one stretch; those of one phase of the first two axes write the same row of every channel.
    const auto write = [&](const Stretch& at) {
        // The row begins and ends within a point, where its first or last phases lie outside.
        const std::int64_t begin = std::max<std::int64_t>(0, at.begin * phases - w.write_origin);
        const std::int64_t first = begin - (at.begin * phases - w.write_origin);
        const std::int64_t count = std::min(at.end * phases - w.write_origin, w.write_size) - begin;
        const T* const vectors = panel + at.lane + at.begin;
        for (std::int64_t p = 0; p < per_channel; ++p) {
            const PhaseJob& job = layout.jobs[static_cast<std::size_t>(p)];
            std::int64_t offset = 0;
            if (!find_written_row(flow, strides, block, at.row, job.phase_d, job.phase_h, offset)) continue;
            const PhaseRun& taps = layout.runs[static_cast<std::size_t>(job.first_run)];
            const std::int64_t steps = taps.taps * flow.read_channels;
            const std::int32_t* const offsets = table + taps.taps_before * flow.read_channels;
            // Where the job has a second run, that is what its first phase has more.
            const PhaseRun& last = layout.runs[static_cast<std::size_t>(job.first_run + job.runs - 1)];
            const std::int64_t of_first = last.adds ? last.taps * flow.read_channels : 0;
            const std::int32_t* const first_offsets = table + last.taps_before * flow.read_channels;
            const std::int64_t end = channels.end + (p < more ? 1 : 0);
            for (std::int64_t channel = channels.begin + (p < skipped ? 1 : 0); channel < end; ++channel) {
                T* const to = output + (first_channel + channel) * strides.channel + offset + begin;
                const T* const stream = weights + layout.weight_offset({channel, channel + 1}, p);
                const T add = bias != nullptr ? bias[first_channel + channel] : T(-0.0);
                if (phases <= kernels::kMostRowPhases)
                    set.row[phases - 1](steps, stream, vectors, offsets, of_first, first_offsets, first, count, add, to,
                                        stores);
                else
                    write_points(job, steps, stream, vectors, offsets, {first, first + count}, add, to - first);
                if (activation.kind != Activation::Kind::none)
                    set.finish(to, nullptr, count, activation, to, kernels::Stores::cached);
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
            // No stretch of a point or two at the end.
            at.end = end - at.begin < stretch + set.lanes ? end : at.begin + stretch;
            write(at);
        }
        if (++at.row.h == rows_h) {
            at.row.h = 0;
            if (++at.row.d == rows_d) at.row.d = 0, ++at.row.sample;
        }
    }
}

// Elements [begin, end) of a row, counted from its first point's first phase, as far as they are the job's phases.
template <class T>
void PhaseRows<T>::write_points(const PhaseJob& job, std::int64_t steps, const T* stream, const T* vectors,
                                const std::int32_t* offsets, const Range& elements, T add, T* row) const noexcept {
    const std::int64_t phases = flow.axes[2].write_stride, tiles = layout.tile_count(job.phases);
    for (std::int64_t tile = 0; tile < tiles; ++tile) {
        const Range part = share(job.phases, tiles, tile);
        const std::int64_t rows = part.size();
        T* const to = row + job.first_phase + part.begin;
        // The elements, counted from the tile's first row; points of which some or all rows are among them.
        const Range inside{elements.begin - job.first_phase - part.begin, elements.end - job.first_phase - part.begin};
        const Range some{std::max<std::int64_t>(0, ceil_div(inside.begin - rows + 1, phases)),
                         ceil_div(inside.end, phases)};
        Range all{std::max<std::int64_t>(0, ceil_div(inside.begin, phases)), floor_div(inside.end - rows, phases) + 1};
        if (all.begin < all.end)
            set.points(steps, rows, stream, vectors + all.begin, offsets, all.size(), add, to + all.begin * phases,
                       phases);
        else
            all = {some.end, some.end};
        for (std::int64_t q = some.begin; q < some.end; ++q) {
            if (q == all.begin) q = all.end;
            if (q >= some.end) break;
            T sums[kernels::kMostRows];
            set.points(steps, rows, stream, vectors + q, offsets, 1, add, sums, rows);
            const std::int64_t end = std::min(rows, inside.end - q * phases);
            for (std::int64_t r = std::max<std::int64_t>(0, inside.begin - q * phases); r < end; ++r)
                to[q * phases + r] = sums[r];
        }
        stream += rows * steps;
    }
}

template struct PhaseRows<float>;
template struct PhaseRows<double>;

}  // namespace tconv::methods
