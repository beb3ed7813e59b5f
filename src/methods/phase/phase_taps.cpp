#include "methods/phase/phase_taps.h"

#include <algorithm>
#include <map>

namespace tconv::methods {

AxisTaps taps_of(const FlowAxis& axis) {
    AxisTaps result;
    result.taps.reserve(static_cast<std::size_t>(axis.kernel));
    result.first.reserve(static_cast<std::size_t>(axis.write_stride) + 1);
    const bool is_scatter = axis.pass == Pass::scatter;
    std::vector<std::int32_t> place(static_cast<std::size_t>(axis.read_stride),
                                    -1);  // of a read phase, once it is used
    for (std::int64_t phase = 0; phase < axis.write_stride; ++phase) {
        result.first.push_back(result.taps.size());
        const std::int64_t count = axis.step_count(phase);
        FlowStep step = count > 0 ? axis.step(phase, 0) : FlowStep{};
        // A scatter's taps and shifts go on as they begin.
        const FlowStep second = count > 1 ? axis.step(phase, 1) : step;
        const std::int64_t further = second.tap - step.tap, away = second.shift - step.shift;
        for (std::int64_t t = 0; t < count; ++t) {
            if (t > 0) step = is_scatter ? FlowStep{step.tap + further, 0, step.shift + away} : axis.step(phase, t);
            place[static_cast<std::size_t>(step.read_phase)] = 0;
            const bool is_first = result.taps.empty();
            result.shifts.begin = is_first ? step.shift : std::min(result.shifts.begin, step.shift);
            result.shifts.end = is_first ? step.shift + 1 : std::max(result.shifts.end, step.shift + 1);
            result.taps.push_back({static_cast<std::int32_t>(step.tap), static_cast<std::int32_t>(step.read_phase),
                                   static_cast<std::int32_t>(step.shift)});
        }
    }
    result.first.push_back(result.taps.size());
    // From one tap to the next the way is the same for every phase (geometry.h), so that their number and where the
    // first one reads tell a kind.
    std::map<std::array<std::int64_t, 3>, std::int32_t> known;
    for (std::int64_t phase = 0; phase < axis.write_stride; ++phase) {
        const auto taps = result.of(phase);
        std::array<std::int64_t, 3> key{};
        if (!taps.empty()) key = {static_cast<std::int64_t>(taps.size()), taps[0].shift, taps[0].plane};
        result.kinds.push_back(known.emplace(key, static_cast<std::int32_t>(known.size())).first->second);
    }
    result.kind_count = static_cast<std::int64_t>(known.size());
    for (std::int64_t phase = 0; phase < axis.read_stride; ++phase) {
        std::int32_t& at = place[static_cast<std::size_t>(phase)];
        if (at < 0) continue;
        at = static_cast<std::int32_t>(result.planes());
        result.read_phases.push_back(phase);
    }
    for (AxisTap& tap : result.taps) tap.plane = place[static_cast<std::size_t>(tap.plane)];
    return result;
}

}  // namespace tconv::methods
