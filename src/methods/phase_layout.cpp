#include "methods/phase_layout.h"

#include <algorithm>
#include <array>
#include <span>

#include "methods/method.h"

namespace tconv::methods {
namespace {

// Everything about one axis: the steps of every written phase, the read phases they use, the range of their shifts.
struct AxisPhases {
    std::vector<FlowStep> steps{};
    std::vector<std::size_t> first{};  // of each written phase; then the end
    std::vector<std::int64_t> read_phases{};
    Range shifts{0, 1};

    std::span<const FlowStep> of(std::int64_t phase) const {
        const auto i = static_cast<std::size_t>(phase);
        return std::span(steps).subspan(first[i], first[i + 1] - first[i]);
    }
    // Whether the taps of two phases read the same places. From one tap to the next the way is the same for every phase
    // (geometry.h), so their number and the first one tell.
    bool are_alike(std::int64_t a, std::int64_t b) const {
        const auto x = of(a), y = of(b);
        return x.size() == y.size() && (x.empty() || (x[0].shift == y[0].shift && x[0].read_phase == y[0].read_phase));
    }
};

AxisPhases phases_of(const FlowAxis& axis) {
    AxisPhases result;
    result.steps.reserve(static_cast<std::size_t>(axis.kernel));
    result.first.reserve(static_cast<std::size_t>(axis.write_stride) + 1);
    std::vector<bool> used(static_cast<std::size_t>(axis.read_stride), false);
    for (std::int64_t phase = 0; phase < axis.write_stride; ++phase) {
        result.first.push_back(result.steps.size());
        const std::int64_t count = axis.step_count(phase);
        for (std::int64_t t = 0; t < count; ++t) {
            const FlowStep step = axis.step(phase, t);
            used[static_cast<std::size_t>(step.read_phase)] = true;
            const bool is_first = result.steps.empty();
            result.shifts.begin = is_first ? step.shift : std::min(result.shifts.begin, step.shift);
            result.shifts.end = is_first ? step.shift + 1 : std::max(result.shifts.end, step.shift + 1);
            result.steps.push_back(step);
        }
    }
    result.first.push_back(result.steps.size());
    for (std::int64_t phase = 0; phase < axis.read_stride; ++phase)
        if (used[static_cast<std::size_t>(phase)]) result.read_phases.push_back(phase);
    return result;
}

class Builder {
public:
    Builder(const Flow& flow, int tile_rows) : flow_(flow) {
        layout_.tile_rows = tile_rows;
        for (std::size_t i = 0; i < axes_.size(); ++i) {
            axes_[i] = phases_of(flow.axes[i]);
            layout_.shifts[i] = axes_[i].shifts;
        }
        for (const std::int64_t d : axes_[0].read_phases)
            for (const std::int64_t h : axes_[1].read_phases)
                for (const std::int64_t w : axes_[2].read_phases) layout_.read_phases.push_back({d, h, w});
        const std::int64_t stride = flow.axes[2].read_stride;
        if (static_cast<std::int64_t>(axes_[2].read_phases.size()) == stride) layout_.together = stride;
    }

    PhaseLayout build() {
        const JobShape shape = job_shape(flow_, static_cast<int>(layout_.tile_rows));
        const std::int64_t chunks = ceil_div(flow_.axes[2].write_stride, shape.phases);
        for (std::int64_t d = 0; d < flow_.axes[0].write_stride; ++d)
            for (std::int64_t h = 0; h < flow_.axes[1].write_stride; ++h)
                for (std::int64_t chunk = 0; chunk < chunks; ++chunk)
                    add_job(d, h, share(flow_.axes[2].write_stride, chunks, chunk));
        layout_.channel_blocks = std::max<std::int64_t>(1, ceil_div(flow_.write_channels, shape.channels));
        layout_.block_channels = ceil_div(flow_.write_channels, layout_.channel_blocks);
        std::int64_t offset = 0;
        for (const PhaseJob& job : layout_.jobs) {
            layout_.weight_offsets.push_back(offset);
            for (std::int64_t r = job.first_run; r < job.first_run + job.runs; ++r) {
                const PhaseRun& run = layout_.runs[static_cast<std::size_t>(r)];
                offset += run.phases * run.taps * flow_.read_channels;
            }
        }
        layout_.weight_offsets.push_back(offset);
        return std::move(layout_);
    }

private:
    void add_job(std::int64_t d, std::int64_t h, const Range& phases) {
        PhaseJob job{d, h, phases.begin, phases.size(), static_cast<std::int64_t>(layout_.runs.size()), 0};
        for (std::int64_t w = phases.begin; w < phases.end; ++w) {
            const auto first_index = static_cast<std::int64_t>(layout_.tap_indices.size());
            add_tap_indices({d, h, w});
            if (w > phases.begin && axes_[2].are_alike(w - 1, w)) {
                ++layout_.runs.back().phases;
                continue;
            }
            const std::size_t set = tap_set({d, h, w});
            const auto taps = static_cast<std::int64_t>(layout_.tap_sets[set].taps.size());
            layout_.runs.push_back({w - phases.begin, 1, taps, taps_before_[set], first_index});
            ++job.runs;
        }
        layout_.jobs.push_back(job);
    }

    void add_tap_indices(const std::array<std::int64_t, 3>& phases) {
        for (const FlowStep& d : axes_[0].of(phases[0]))
            for (const FlowStep& h : axes_[1].of(phases[1]))
                for (const FlowStep& w : axes_[2].of(phases[2]))
                    layout_.tap_indices.push_back(static_cast<std::int32_t>(
                        (d.tap * flow_.axes[1].kernel + h.tap) * flow_.axes[2].kernel + w.tap));
    }

    // The set of taps of these phases, made where none alike is known.
    std::size_t tap_set(const std::array<std::int64_t, 3>& phases) {
        for (std::size_t i = 0; i < known_.size(); ++i)
            if (axes_[0].are_alike(known_[i][0], phases[0]) && axes_[1].are_alike(known_[i][1], phases[1]) &&
                axes_[2].are_alike(known_[i][2], phases[2]))
                return i;
        known_.push_back(phases);
        TapSet set;
        const auto place = [&](std::size_t axis, std::int64_t phase) {
            const auto& all = axes_[axis].read_phases;
            return std::lower_bound(all.begin(), all.end(), phase) - all.begin();
        };
        const auto planes = [&](std::size_t axis) { return static_cast<std::int64_t>(axes_[axis].read_phases.size()); };
        for (const FlowStep& d : axes_[0].of(phases[0]))
            for (const FlowStep& h : axes_[1].of(phases[1]))
                for (const FlowStep& w : axes_[2].of(phases[2]))
                    set.taps.push_back({(place(0, d.read_phase) * planes(1) + place(1, h.read_phase)) * planes(2) +
                                            place(2, w.read_phase),
                                        {d.shift, h.shift, w.shift}});
        taps_before_.push_back(taps_before_.back() + static_cast<std::int64_t>(set.taps.size()));
        layout_.tap_sets.push_back(std::move(set));
        return known_.size() - 1;
    }

    const Flow& flow_;
    PhaseLayout layout_;
    std::array<AxisPhases, 3> axes_{};
    std::vector<std::array<std::int64_t, 3>> known_{};  // one choice of phases for each tap set
    std::vector<std::int64_t> taps_before_{0};          // each tap set; then all
};

}  // namespace

bool is_rowwise(const Flow& flow) noexcept {
    constexpr std::int64_t kFewSteps = 32;
    const FlowAxis& w = flow.axes[2];
    if (w.write_stride > kernels::kMostRowPhases) return false;
    for (std::int64_t phase = 0; phase < w.write_stride; ++phase) {
        if (w.step_count(phase) != w.step_count(0)) return false;
        if (w.step_count(0) > 0 && w.step(phase, 0).shift != w.step(0, 0).shift) return false;
    }
    std::int64_t steps = flow.read_channels * w.step_count(0);
    for (std::size_t i = 0; i < 2; ++i) steps *= ceil_div(flow.axes[i].kernel, flow.axes[i].write_stride);
    return steps <= kFewSteps;
}

JobShape job_shape(const Flow& flow, int tile_rows) noexcept {
    constexpr std::int64_t kMostPhases = 16, kMostRows = 64;
    const std::int64_t chunks = ceil_div(flow.axes[2].write_stride, kMostPhases);
    JobShape shape;
    shape.phases = ceil_div(flow.axes[2].write_stride, chunks);
    // One, where few steps are worth no tile (phase_rows.h).
    if (is_rowwise(flow)) {
        shape.channels = 1;
        return shape;
    }
    // As many channels as a tile has rows; fewer where the phases fill tiles by themselves.
    shape.channels = std::clamp<std::int64_t>(kMostRows / shape.phases, 1, tile_rows);
    return shape;
}

PhaseLayout make_phase_layout(const Flow& flow, int tile_rows) { return Builder(flow, tile_rows).build(); }

}  // namespace tconv::methods
