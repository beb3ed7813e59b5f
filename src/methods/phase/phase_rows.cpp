#include "methods/phase/phase_rows.h"

#include <algorithm>

#include "methods/method.h"
#include "methods/phase/phase_store.h"

namespace tconv::methods {
namespace {

using kernels::RowTask;

// Of a pair of rows that are neighbours, those that a block has.
constexpr int kFirstRow = 1, kSecondRow = 2, kBothRows = 3;
constexpr std::int64_t kScratchPoints = 512;  // of a stretch that is written in two steps

}  // namespace

template <class T>
bool PhaseRows<T>::serves(const PhaseLayout& layout) noexcept {
    return layout.joins_lines ||
           (layout.block_channels == 1 && std::all_of(layout.jobs.begin(), layout.jobs.end(), [&](const PhaseJob& job) {
                return job.runs == 1 ||
                       (job.runs == 2 && layout.runs[static_cast<std::size_t>(job.first_run) + 1].adds);
            }));
}

template <class T>
std::int64_t PhaseRows<T>::scratch_elements(const Flow& flow, const kernels::KernelSet<T>& set) noexcept {
    return kernels::kMostLines * (kScratchPoints + 2 * set.widest_lanes()) * flow.axes[2].write_stride;
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
    std::int64_t stretch = std::max<std::int64_t>(kCachedElements / cached, set.widest_lanes());
    const bool are_many_steps = has_many_steps(flow, layout);
    if (are_many_steps) stretch = std::max(stretch, points.count);
    if (scratch != nullptr) stretch = std::min(stretch, std::max<std::int64_t>(kScratchPoints, set.widest_lanes()));
    const auto per_channel = static_cast<std::int64_t>(layout.jobs.size());
    const std::int64_t last_lane = block.end - block.reach();
    const Range written{std::max(points.first, w.points(phases - 1).begin),
                        std::min(points.first + points.count, w.points(0).end)};
    // Jobs are [channel][phases of the first two axes]: of the first and the last channel, some may be others' work.
    const Range channels{jobs.begin / per_channel, jobs.end / per_channel};
    const std::int64_t skipped = jobs.begin % per_channel, more = jobs.end % per_channel;

    for (const PhaseJob& job : layout.jobs)
        for (std::int64_t r = job.first_run; r < job.first_run + job.runs; ++r) {
            const PhaseRun& run = layout.runs[static_cast<std::size_t>(r)];
            row_runs[r] = {run.taps * flow.read_channels, table + run.taps_before * flow.read_channels,
                           static_cast<int>(run.first_line), static_cast<int>(run.lines), run.phases < job.phases};
        }
    // What the first-level cache does not hold from one job to the next is asked for some steps before it is needed.
    constexpr std::int64_t kSteps = 8;
    const std::int64_t taps = std::max<std::int64_t>(1, layout.runs.front().taps);
    const std::int64_t read = flow.read_channels * static_cast<std::int64_t>(layout.read_phases.size()) *
                              (layout.axes[0].shifts.size() * layout.axes[1].shifts.size() * stretch) *
                              static_cast<std::int64_t>(sizeof(T));
    const std::int64_t steps_ahead =
        read > cpu_facts().l1d_bytes / 2
            ? ceil_div(kSteps, taps) * static_cast<std::int64_t>(layout.read_phases.size()) * block.plane_stride
            : 0;
    const bool finishes = scratch != nullptr || activation.kind != Activation::Kind::none;

    const std::int64_t rows_h = block.axes[1].rows(), rows_d = block.axes[0].rows();
    const std::int64_t first_row = block.begin / block.pitch;
    // Pairs of neighbours begin at even points, wherever blocks do, so that no sum depends on the block.
    const bool are_neighbours = layout.jobs.front().second_shift != 0;
    const std::int64_t rows_together = are_neighbours ? 2 : 1;
    const auto part_of = [&](std::int64_t row) {
        const std::int64_t lane = row * block.pitch - points.first;  // of point 0, in the box
        return Range{std::max(written.begin, block.begin - lane), std::min(written.end, last_lane - lane)};
    };
    // A job that is alone takes rows, or pairs of them, one after the other: so many from this one on are whole and
    // have all lines.
    const bool is_alone = per_channel == 1 && jobs.size() == 1 && !finishes && phases <= kernels::kMostRowPhases;
    const auto rows_alike = [&](std::int64_t row, std::int64_t h) {
        const PhaseJob& job = layout.jobs.front();
        const FlowAxis& axis = flow.axes[1];
        const std::int64_t point = block.axes[1].first + h, last = job.lines - 1;
        const std::int64_t index = axis.write_stride * point + job.phase_h - axis.write_origin;
        const std::int64_t last_index =
            axis.write_stride * (point + last * job.second_shift) + job.phase_h_of(last) - axis.write_origin;
        const std::int64_t last_row = floor_div(last_lane - written.end + points.first, block.pitch);
        if (index < 0) return std::int64_t{1};
        const std::int64_t room = std::min({ceil_div(block.axes[1].count - h - last * job.second_shift, rows_together),
                                            ceil_div(axis.write_size - last_index, rows_together * axis.write_stride),
                                            ceil_div(last_row + 1 - row - last * job.second_shift, rows_together)});
        return std::max<std::int64_t>(1, room);
    };

    // All jobs on one stretch, for the lines of those rows that are wanted; jobs of one phase of the first two axes
    // write the same lines of every channel.
    const auto write = [&](std::int64_t sample, std::int64_t d, std::int64_t h, int wanted, std::int64_t repeats,
                           const T* vectors, std::int64_t first_point, std::int64_t end_point) {
        // A line begins and ends within a point, where its first or last phases lie outside.
        const std::int64_t begin = std::max<std::int64_t>(0, first_point * phases - w.write_origin);
        const std::int64_t count = std::min(end_point * phases - w.write_origin, w.write_size) - begin;
        RowTask<T> task;
        task.first = begin - (first_point * phases - w.write_origin);
        task.count = count;
        task.vectors = vectors + first_point;
        task.repeats = repeats;
        task.vector_step = rows_together * block.pitch;
        task.output_step = rows_together * flow.axes[1].write_stride * strides.axes[1];
        // What comes before the first whole line is a block of its own, too much to pay for many steps.
        task.has_many_steps = are_many_steps;
        task.stores = are_many_steps ? kernels::Stores::cached : stores;
        for (std::int64_t p = 0; p < per_channel; ++p) {
            const PhaseJob& job = layout.jobs[static_cast<std::size_t>(p)];
            std::int64_t first_offset = 0, second_offset = 0;
            const bool has_first =
                (wanted & kFirstRow) != 0 &&
                find_written_row(flow, strides, block, {sample, d, h}, job.phase_d, job.phase_h, first_offset);
            const bool has_second = job.lines == 2 && (job.second_shift == 0 || (wanted & kSecondRow) != 0) &&
                                    find_written_row(flow, strides, block, {sample, d, h + job.second_shift},
                                                     job.phase_d, job.second_phase_h, second_offset);
            if (!has_first && !has_second) continue;
            task.runs = row_runs + job.first_run;
            task.run_count = job.runs;
            const std::int64_t end = channels.end + (p < more ? 1 : 0);
            for (std::int64_t channel = channels.begin + (p < skipped ? 1 : 0); channel < end; ++channel) {
                const std::int64_t first = (first_channel + channel) * strides.channel;
                task.ahead = steps_ahead;
                if (asks_ahead && p == 0 && channel == channels.begin) task.ahead = end_point - first_point;
                task.stream = weights + layout.weight_offset({channel, channel + 1}, p);
                task.bias = bias != nullptr ? bias[first_channel + channel] : T(-0.0);
                const std::int64_t at = first + begin * strides.axes[2];
                T* const line = !has_first ? nullptr : scratch != nullptr ? scratch : output + at + first_offset;
                T* const second = !has_second          ? nullptr
                                  : scratch != nullptr ? scratch + count
                                                       : output + at + second_offset;
                if (phases <= kernels::kMostRowPhases)
                    set.row[job.lines - 1][phases - 1](task, line, second);
                else
                    write_points(job, task.runs->steps, task.stream, task.vectors, task.runs->offsets,
                                 {task.first, task.first + count}, task.bias, line - task.first);
                if (!finishes) continue;
                if (has_first) finish_line(line, count, at + first_offset);
                if (has_second) finish_line(second, count, at + second_offset);
            }
        }
    };

    // Numbers, not structures: parts of one that are written and then read as a whole would wait for all streamed
    // lines.
    std::int64_t sample = first_row / rows_h / rows_d, d = first_row / rows_h % rows_d, h = first_row % rows_h;
    for (std::int64_t row = first_row; row < block.rows() && row * block.pitch < last_lane;) {
        const Range part = part_of(row);
        const bool is_second = are_neighbours && (block.axes[1].first + h) % 2 != 0;
        const bool is_pair =
            are_neighbours && !is_second && h + 1 < rows_h && row + 1 < block.rows() && part_of(row + 1) == part;
        const bool is_short = part.size() < stretch + set.lanes;  // one stretch
        const std::int64_t repeats =
            is_alone && is_short && part == written && is_pair == are_neighbours ? rows_alike(row, h) : 1;
        const std::int64_t from = is_second ? row - 1 : row;
        const T* const vectors = panel + (from * block.pitch - points.first - block.begin);
        for (std::int64_t begin = part.begin, end = begin; begin < part.end; begin = end) {
            // No stretch of a point or two at the end.
            end = part.end - begin < stretch + set.lanes ? part.end : begin + stretch;
            write(sample, d, is_second ? h - 1 : h,
                  is_second ? kSecondRow
                  : is_pair ? kBothRows
                            : kFirstRow,
                  repeats, vectors, begin, end);
        }
        const std::int64_t done = is_pair ? 2 * repeats : repeats;
        row += done;
        h += done;
        if (h == rows_h) {
            h = 0;
            if (++d == rows_d) d = 0, ++sample;
        }
    }
}

// What comes after the sums of a line, whose output begins at element `at`.
template <class T>
void PhaseRows<T>::finish_line(const T* line, std::int64_t count, std::int64_t at) const noexcept {
    const std::int64_t step = strides.axes[2];
    if (step == 1)
        return set.finish(line, residual != nullptr ? residual + at : nullptr, count, activation, output + at,
                          kernels::Stores::cached);
    for (std::int64_t i = 0; i < count; ++i)
        set.finish(line + i, residual != nullptr ? residual + at + i * step : nullptr, 1, activation,
                   output + at + i * step, kernels::Stores::cached);
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
