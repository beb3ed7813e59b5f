// The event trace: every single multiplication of a problem, as (input element, tap, output element). Pictures,
// provenance and the matrix view are made from it, so they cannot show what the definition does not do.
#pragma once

#include <array>
#include <cstdint>

#include "tconv/geometry.h"
#include "tconv/problem.h"

namespace tconv::reference {

using Position = std::array<std::int64_t, Problem::kMaxRank>;  ///< one index per axis; unused leading axes are 0

/// coarse[n, coarse_channel, coarse] * weights[coarse_channel, weight_channel, tap] belongs to fine[n, fine_channel,
/// fine].
struct Event {
    std::int64_t coarse_channel = 0;  ///< from 0, over all groups
    std::int64_t fine_channel = 0;    ///< from 0, over all groups
    std::int64_t weight_channel = 0;  ///< fine_channel within its group: the weights' second index
    Position coarse{};                ///< where the value is read (or, by a convolution, written)
    Position tap{};                   ///< which kernel position
    Position fine{};                  ///< where the product is added (or, by a convolution, read)
};

/// Where an element lies in its array, in elements.
///@{
std::int64_t coarse_offset(const Problem& problem, std::int64_t sample, std::int64_t channel,
                           const Position& at) noexcept;
std::int64_t fine_offset(const Problem& problem, std::int64_t sample, std::int64_t channel,
                         const Position& at) noexcept;
std::int64_t weight_offset(const Problem& problem, std::int64_t coarse_channel, std::int64_t weight_channel,
                           const Position& tap) noexcept;
///@}

/// Visits the events of one sample in stamping order: coarse channel, fine channel, coarse position (row by
/// row), tap (row by row). `visit` is any callable taking const Event&.
template <class Visit>
void for_each_event(const Problem& problem, Visit&& visit);

/// Visits the events that end in one fine element, taps in ascending order, coarse channels outermost.
template <class Visit>
void for_each_event_at(const Problem& problem, std::int64_t fine_channel, const Position& fine, Visit&& visit);

/// Number of events that end in one fine element: overlap of every axis, times coarse channels per group.
/// Saturates at 2^62 - 1.
std::int64_t count_events_at(const Problem& problem, const Position& fine) noexcept;

template <class Visit>
void for_each_event(const Problem& problem, Visit&& visit) {
    const auto& [a, b, c] = problem.axes;
    const std::int64_t coarse_per_group = problem.coarse_channels / problem.groups;
    const std::int64_t fine_per_group = problem.fine_channels / problem.groups;
    if (fine_per_group == 0) return;  // no events, however many coarse channels there are
    Event e;
    auto land = [](const Axis& axis, std::int64_t i, std::int64_t j) {
        return i * axis.stride + j * axis.dilation - axis.padding_begin;
    };
    auto taps = [&](int axis) {
        return tap_range(problem.axes[static_cast<std::size_t>(axis)], e.coarse[static_cast<std::size_t>(axis)]);
    };
    for (e.coarse_channel = 0; e.coarse_channel < problem.coarse_channels; ++e.coarse_channel)
        for (e.weight_channel = 0; e.weight_channel < fine_per_group; ++e.weight_channel) {
            e.fine_channel = e.coarse_channel / coarse_per_group * fine_per_group + e.weight_channel;
            for (e.coarse[0] = 0; e.coarse[0] < a.coarse; ++e.coarse[0])
                for (e.coarse[1] = 0; e.coarse[1] < b.coarse; ++e.coarse[1])
                    for (e.coarse[2] = 0; e.coarse[2] < c.coarse; ++e.coarse[2]) {
                        const Range ranges[] = {taps(0), taps(1), taps(2)};
                        for (e.tap[0] = ranges[0].begin; e.tap[0] < ranges[0].end; ++e.tap[0])
                            for (e.tap[1] = ranges[1].begin; e.tap[1] < ranges[1].end; ++e.tap[1])
                                for (e.tap[2] = ranges[2].begin; e.tap[2] < ranges[2].end; ++e.tap[2]) {
                                    e.fine = {land(a, e.coarse[0], e.tap[0]), land(b, e.coarse[1], e.tap[1]),
                                              land(c, e.coarse[2], e.tap[2])};
                                    visit(static_cast<const Event&>(e));
                                }
                    }
        }
}

template <class Visit>
void for_each_event_at(const Problem& problem, std::int64_t fine_channel, const Position& fine, Visit&& visit) {
    const std::int64_t coarse_per_group = problem.coarse_channels / problem.groups;
    const std::int64_t fine_per_group = problem.fine_channels / problem.groups;
    std::array<Contributions, Problem::kMaxRank> on;
    for (std::size_t axis = 0; axis < on.size(); ++axis) on[axis] = contributions_to(problem.axes[axis], fine[axis]);

    for (const Contributions& contributions : on)
        if (contributions.count == 0) return;

    Event e;
    e.fine = fine;
    e.fine_channel = fine_channel;
    e.weight_channel = fine_channel % fine_per_group;
    auto set = [&](std::size_t axis, std::int64_t t) {
        e.tap[axis] = on[axis].first_tap + t * on[axis].tap_step;
        e.coarse[axis] = on[axis].first_coarse - t * on[axis].coarse_step;
    };
    const std::int64_t first = fine_channel / fine_per_group * coarse_per_group;
    for (e.coarse_channel = first; e.coarse_channel < first + coarse_per_group; ++e.coarse_channel)
        for (std::int64_t t0 = 0; t0 < on[0].count; ++t0)
            for (std::int64_t t1 = 0; t1 < on[1].count; ++t1)
                for (std::int64_t t2 = 0; t2 < on[2].count; ++t2) {
                    set(0, t0);
                    set(1, t1);
                    set(2, t2);
                    visit(static_cast<const Event&>(e));
                }
}

}  // namespace tconv::reference
