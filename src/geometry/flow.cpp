#include "geometry/flow.h"

namespace tconv {

std::int64_t FlowAxis::step_count(std::int64_t write_phase) const noexcept {
    return pass == Pass::gather ? kernel : taps_of_phase(axis, write_phase).count;
}

FlowStep FlowAxis::step(std::int64_t write_phase, std::int64_t t) const noexcept {
    if (pass == Pass::gather) {
        const std::int64_t reach = t * axis.dilation;
        return {t, reach % axis.stride, reach / axis.stride};
    }
    const PhaseTaps taps = taps_of_phase(axis, write_phase);
    const std::int64_t tap = taps.first + t * taps.step;
    return {tap, 0, (write_phase - tap * axis.dilation) / axis.stride};  // divides exactly
}

Range FlowAxis::points(std::int64_t write_phase) const noexcept {
    return {ceil_div(write_origin - write_phase, write_stride),
            ceil_div(write_size + write_origin - write_phase, write_stride)};
}

FlowHits FlowAxis::hits(std::int64_t written) const noexcept {
    if (pass == Pass::scatter) {
        const Contributions c = contributions_to(axis, written);
        return {c.first_tap, c.tap_step, c.first_coarse, -c.coarse_step, c.count};
    }
    const Range taps = tap_range(axis, written);
    const std::int64_t read = written * axis.stride + taps.begin * axis.dilation - axis.padding_begin;
    return {taps.begin, 1, read, axis.dilation, taps.size()};
}

Flow make_flow(const Problem& problem, Pass pass) noexcept {
    Flow flow;
    const bool is_gather = pass == Pass::gather;
    for (std::size_t i = 0; i < flow.axes.size(); ++i) {
        const Axis& axis = problem.axes[i];
        FlowAxis& f = flow.axes[i];
        f.axis = axis;
        f.pass = pass;
        f.kernel = axis.kernel;
        f.read_size = is_gather ? axis.fine : axis.coarse;
        f.write_size = is_gather ? axis.coarse : axis.fine;
        (is_gather ? f.read_stride : f.write_stride) = axis.stride;
        (is_gather ? f.read_origin : f.write_origin) = axis.padding_begin;
    }
    flow.batch = problem.batch;
    flow.groups = problem.groups;
    flow.taps = problem.taps();
    const std::int64_t coarse = problem.coarse_channels / problem.groups;
    const std::int64_t fine = problem.fine_channels / problem.groups;
    flow.read_channels = is_gather ? fine : coarse;
    flow.write_channels = is_gather ? coarse : fine;
    flow.weight_group_stride = coarse * fine * flow.taps;
    flow.weight_read_stride = is_gather ? flow.taps : fine * flow.taps;
    flow.weight_write_stride = is_gather ? fine * flow.taps : flow.taps;
    return flow;
}

}  // namespace tconv
