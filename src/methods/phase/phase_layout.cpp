#include "methods/phase/phase_layout.h"

#include <algorithm>

#include "methods/method.h"

namespace tconv::methods {
namespace {

// Two written lines that read the same places with `common` of their taps, one behind the other.
struct LinePair {
    std::int64_t second = 0, shift = 0;      // the second's phase, and whether it is the next point's
    std::array<std::int64_t, 2> first_of{};  // of each line's taps, the first that is common
    std::int64_t common = 0;
};

LinePair pair_of(const FlowAxis& axis, const AxisTaps& taps, std::int64_t phase) {
    const bool is_next = axis.write_stride == 1;
    LinePair pair{is_next ? phase : phase + 1, is_next ? 1 : 0};
    if (pair.second >= axis.write_stride) return pair;
    const auto a = taps.of(phase), b = taps.of(pair.second);
    const auto are_same = [&](std::size_t i, std::size_t j) {
        return a[i].plane == b[j].plane && a[i].shift == b[j].shift + pair.shift;
    };
    const auto common_from = [&](std::size_t i, std::size_t j) {
        std::int64_t count = 0;
        for (; i < a.size() && j < b.size() && are_same(i, j); ++i, ++j) ++count;
        return count;
    };
    const auto try_from = [&](std::size_t i, std::size_t j) {
        if (pair.common > 0) return;
        pair.first_of = {static_cast<std::int64_t>(i), static_cast<std::int64_t>(j)};
        pair.common = common_from(i, j);
    };
    for (std::size_t i = 0; i < a.size(); ++i) try_from(i, 0);
    for (std::size_t j = 1; j < b.size(); ++j) try_from(0, j);
    return pair;
}

class Builder {
public:
    Builder(const Flow& flow, int tile_rows, bool is_rowwise)
        : flow_(flow), shape_(job_shape(flow, tile_rows, is_rowwise)) {
        layout_.tile_rows = tile_rows;
        layout_.joins_phases = is_rowwise && has_tap_more(flow.axes[2]);
        layout_.joins_lines = is_rowwise && may_join_lines(flow, tile_rows);
        auto& axes = layout_.axes;
        for (std::size_t i = 0; i < axes.size(); ++i) axes[i] = taps_of(flow.axes[i]);
        known_.assign(static_cast<std::size_t>(axes[0].kind_count * axes[1].kind_count * axes[2].kind_count), -1);
        for (const std::int64_t d : axes[0].read_phases)
            for (const std::int64_t h : axes[1].read_phases)
                for (const std::int64_t w : axes[2].read_phases) layout_.read_phases.push_back({d, h, w});
        if (axes[2].planes() == flow.axes[2].read_stride) layout_.together = flow.axes[2].read_stride;
    }

    PhaseLayout build() {
        const std::int64_t chunks = ceil_div(flow_.axes[2].write_stride, shape_.phases);
        for (std::int64_t d = 0; d < flow_.axes[0].write_stride; ++d)
            for (std::int64_t h = 0; h < flow_.axes[1].write_stride; ++h) {
                const LinePair pair = layout_.joins_lines ? pair_of(flow_.axes[1], layout_.axes[1], h) : LinePair{};
                if (pair.common > 0) {
                    add_pair(d, h, pair);
                    if (pair.shift == 0) ++h;
                    continue;
                }
                for (std::int64_t chunk = 0; chunk < chunks; ++chunk)
                    add_job(d, h, share(flow_.axes[2].write_stride, chunks, chunk));
            }
        layout_.channel_blocks = std::max<std::int64_t>(1, ceil_div(flow_.write_channels, shape_.channels));
        layout_.block_channels = ceil_div(flow_.write_channels, layout_.channel_blocks);
        std::int64_t offset = 0;
        for (const PhaseJob& job : layout_.jobs) {
            layout_.weight_offsets.push_back(offset);
            for (std::int64_t r = job.first_run; r < job.first_run + job.runs; ++r) {
                const PhaseRun& run = layout_.runs[static_cast<std::size_t>(r)];
                offset += run.height() * run.taps * flow_.read_channels;
            }
        }
        layout_.weight_offsets.push_back(offset);
        return std::move(layout_);
    }

private:
    void add_job(std::int64_t d, std::int64_t h, const Range& phases) {
        PhaseJob job{d, h, phases.begin, phases.size(), static_cast<std::int64_t>(layout_.runs.size())};
        const Range rows{0, taps(1, h)};
        if (layout_.joins_phases) {
            add_joined({{d, h, 0}, rows, {}, 0});
        } else {
            for (std::int64_t w = phases.begin; w < phases.end; ++w) {
                if (w > phases.begin && kind_of(2, w - 1) == kind_of(2, w)) {
                    ++layout_.runs.back().phases;
                    continue;
                }
                add_run({{d, h, w}, rows, {0, taps(2, w)}, 0}, 1, false);
                layout_.runs.back().first_phase = w - phases.begin;
            }
        }
        job.runs = static_cast<std::int64_t>(layout_.runs.size()) - job.first_run;
        layout_.jobs.push_back(job);
    }

    // Two lines: what both read, then what each reads besides.
    void add_pair(std::int64_t d, std::int64_t h, const LinePair& pair) {
        PhaseJob job{d, h, 0, flow_.axes[2].write_stride, static_cast<std::int64_t>(layout_.runs.size())};
        job.lines = 2;
        job.second_phase_h = pair.second;
        job.second_shift = pair.shift;
        const auto add = [&](std::int64_t line, std::int64_t lines, Range first, Range second) {
            const std::size_t before = layout_.runs.size();
            const TapSet set{{d, job.phase_h_of(line), 0}, line == 0 ? first : second, {}, line * pair.shift};
            add_joined(set);
            for (std::size_t r = before; r < layout_.runs.size(); ++r) {
                layout_.runs[r].first_line = line;
                layout_.runs[r].lines = lines;
                layout_.runs[r].rows = {first, second};
            }
        };
        add(0, 2, {pair.first_of[0], pair.first_of[0] + pair.common},
            {pair.first_of[1], pair.first_of[1] + pair.common});
        for (std::int64_t line = 0; line < 2; ++line) {
            const std::int64_t begin = pair.first_of[static_cast<std::size_t>(line)], end = begin + pair.common;
            for (const Range& others : {Range{0, begin}, Range{end, taps(1, job.phase_h_of(line))}})
                if (!others.empty()) add(line, 1, others, others);
        }
        job.runs = static_cast<std::int64_t>(layout_.runs.size()) - job.first_run;
        layout_.jobs.push_back(job);
    }

    // All phases of the last axis; where they are joined, what the first has more as a run of its own.
    void add_joined(TapSet set) {
        const std::int64_t most = taps(2, 0);
        set.columns = {0, layout_.joins_phases ? most - 1 : most};
        add_run(set, flow_.axes[2].write_stride, false);
        if (!layout_.joins_phases) return;
        set.columns = {most - 1, most};
        add_run(set, 1, true);
    }

    // Where lines are joined, kinds do not tell sets apart: each has its own.
    void add_run(const TapSet& set, std::int64_t phases, bool adds) {
        const std::int64_t before = layout_.joins_lines ? add_set(set) : taps_before(set, adds);
        PhaseRun run{0, phases, layout_.taps_in(set).count(), before, set.columns, adds};
        run.rows = {set.rows, set.rows};
        layout_.runs.push_back(run);
    }

    std::int64_t add_set(const TapSet& set) {
        const std::int64_t before = layout_.taps;
        layout_.tap_sets.push_back(set);
        layout_.taps += layout_.taps_in(set).count();
        return before;
    }

    // Of such a set of taps, made where none alike is known. What is added is a kind of its own: there are two.
    std::int64_t taps_before(const TapSet& set, bool adds) {
        const std::int64_t last = layout_.joins_phases ? std::int64_t{adds} : kind_of(2, set.phase[2]);
        const std::int64_t kind = (kind_of(0, set.phase[0]) * layout_.axes[1].kind_count + kind_of(1, set.phase[1])) *
                                      layout_.axes[2].kind_count +
                                  last;
        std::int64_t& before = known_[static_cast<std::size_t>(kind)];
        if (before < 0) before = add_set(set);
        return before;
    }

    std::int64_t taps(std::size_t axis, std::int64_t phase) const noexcept {
        return static_cast<std::int64_t>(layout_.axes[axis].of(phase).size());
    }
    std::int64_t kind_of(std::size_t axis, std::int64_t phase) const noexcept {
        return layout_.axes[axis].kinds[static_cast<std::size_t>(phase)];
    }

    const Flow& flow_;
    JobShape shape_;
    PhaseLayout layout_;
    std::vector<std::int64_t> known_{};  // by kinds: the taps before that set, or -1
};

}  // namespace

bool has_tap_more(const FlowAxis& axis) noexcept {
    return axis.pass == Pass::scatter && axis.write_stride > 1 && axis.write_stride <= kernels::kMostRowPhases &&
           axis.axis.dilation == 1 && axis.kernel % axis.write_stride == 1;
}

bool may_be_rowwise(const Flow& flow, int tile_rows) {
    // Steps that are few, and fewer where the first phase's come in two parts and tiles would have rows enough.
    constexpr std::int64_t kFewSteps = 32, kFewJoinedSteps = 16, kFewRows = 2;
    const FlowAxis& w = flow.axes[2];
    double most = kFewSteps;
    if (has_tap_more(w)) {
        if (flow.write_channels == 1) return true;
        if (flow.write_channels > kFewRows) most = kFewJoinedSteps;
    } else if (w.write_stride > 1 && (w.axis.dilation > 1 || w.kernel % w.write_stride != 0)) {
        // Phases are alike where taps r, r + stride, ... reach phase r, equally many of them.
        return false;
    }
    // A tile of one channel has few rows.
    if (flow.write_channels == 1 && may_join_lines(flow, tile_rows)) return true;
    double steps = static_cast<double>(flow.read_channels);
    for (const FlowAxis& axis : flow.axes) steps *= static_cast<double>(ceil_div(axis.kernel, axis.write_stride));
    return steps <= most;
}

bool may_join_lines(const Flow& flow, int tile_rows) {
    // All read channels are in a panel at once, whose tables and windows stay small: with the widest tiles and numbers,
    // a line of each has 2 MiB.
    constexpr std::int64_t kMostSteps = 16384, kMostTaps = 64, kLanes = 64;
    constexpr double kMostWindow = 1 << 18;
    const FlowAxis &h = flow.axes[1], &w = flow.axes[2];
    if (w.write_stride > kernels::kMostRowPhases || kernels::kMostLines * w.write_stride > tile_rows ||
        h.kernel > kMostTaps)
        return false;
    if (h.write_stride > 1 && h.write_stride % 2 != 0) return false;  // one line would be left over
    if (flow.read_channels * flow.taps > kMostSteps) return false;
    double window = static_cast<double>(flow.read_channels);
    for (std::size_t i = 0; i < flow.axes.size(); ++i) {
        const FlowAxis& axis = flow.axes[i];
        const std::int64_t reach = (axis.axis.kernel_extent() - 1) / axis.axis.stride + 2;
        window *= static_cast<double>(std::min(axis.read_stride, axis.kernel) * (i == 2 ? reach + kLanes : reach));
    }
    if (window > kMostWindow) return false;
    const AxisTaps taps = taps_of(h);
    for (std::int64_t phase = 0; phase < h.write_stride; ++phase)
        if (pair_of(h, taps, phase).common > 0) return true;
    return false;
}

JobShape job_shape(const Flow& flow, int tile_rows, bool is_rowwise) noexcept {
    constexpr std::int64_t kMostPhases = 16, kMostRows = 64;
    const std::int64_t chunks = ceil_div(flow.axes[2].write_stride, kMostPhases);
    JobShape shape;
    shape.phases = ceil_div(flow.axes[2].write_stride, chunks);
    if (is_rowwise) return shape;
    // As many channels as a tile has rows; fewer where the phases fill tiles by themselves.
    shape.channels = std::clamp<std::int64_t>(kMostRows / shape.phases, 1, tile_rows);
    return shape;
}

PhaseLayout make_phase_layout(const Flow& flow, int tile_rows, bool is_rowwise) {
    return Builder(flow, tile_rows, is_rowwise).build();
}

}  // namespace tconv::methods
