#include "methods/phase/phase_layout.h"

#include <algorithm>

#include "methods/method.h"

namespace tconv::methods {
namespace {

class Builder {
public:
    Builder(const Flow& flow, int tile_rows, bool is_rowwise)
        : flow_(flow), shape_(job_shape(flow, tile_rows, is_rowwise)) {
        layout_.tile_rows = tile_rows;
        layout_.joins_phases = is_rowwise && has_tap_more(flow.axes[2]);
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
            for (std::int64_t h = 0; h < flow_.axes[1].write_stride; ++h)
                for (std::int64_t chunk = 0; chunk < chunks; ++chunk)
                    add_job(d, h, share(flow_.axes[2].write_stride, chunks, chunk));
        layout_.channel_blocks = std::max<std::int64_t>(1, ceil_div(flow_.write_channels, shape_.channels));
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
        if (layout_.joins_phases) {
            const auto most = static_cast<std::int64_t>(layout_.axes[2].of(0).size());
            add_run({{d, h, 0}, {0, most - 1}}, 2, false);
            add_run({{d, h, 0}, {most - 1, most}}, 1, true);
            job.runs = 2;
            layout_.jobs.push_back(job);
            return;
        }
        for (std::int64_t w = phases.begin; w < phases.end; ++w) {
            if (w > phases.begin && kind_of(2, w - 1) == kind_of(2, w)) {
                ++layout_.runs.back().phases;
                continue;
            }
            add_run({{d, h, w}, {0, static_cast<std::int64_t>(layout_.axes[2].of(w).size())}}, 1, false);
            layout_.runs.back().first_phase = w - phases.begin;
            ++job.runs;
        }
        layout_.jobs.push_back(job);
    }

    void add_run(const TapSet& set, std::int64_t phases, bool adds) {
        layout_.runs.push_back({0, phases, layout_.taps_in(set).count(), taps_before(set, adds), set.columns, adds});
    }

    // Of such a set of taps, made where none alike is known. What is added is a kind of its own: there are two.
    std::int64_t taps_before(const TapSet& set, bool adds) {
        const std::int64_t last = layout_.joins_phases ? std::int64_t{adds} : kind_of(2, set.phase[2]);
        const std::int64_t kind = (kind_of(0, set.phase[0]) * layout_.axes[1].kind_count + kind_of(1, set.phase[1])) *
                                      layout_.axes[2].kind_count +
                                  last;
        std::int64_t& before = known_[static_cast<std::size_t>(kind)];
        if (before < 0) {
            before = layout_.taps;
            layout_.tap_sets.push_back(set);
            layout_.taps += layout_.taps_in(set).count();
        }
        return before;
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
    return axis.pass == Pass::scatter && axis.write_stride == 2 && axis.axis.dilation == 1 && axis.kernel % 2 == 1;
}

bool may_be_rowwise(const Flow& flow) noexcept {
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
    double steps = static_cast<double>(flow.read_channels);
    for (const FlowAxis& axis : flow.axes) steps *= static_cast<double>(ceil_div(axis.kernel, axis.write_stride));
    return steps <= most;
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
