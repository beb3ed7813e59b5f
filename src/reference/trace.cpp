#include "tconv/trace.h"

#include "problem/checked.h"

namespace tconv::reference {
namespace {

std::int64_t offset_in(const Problem& problem, std::int64_t sample, std::int64_t channels, std::int64_t channel,
                       const Position& at, const Position& sizes) noexcept {
    const std::int64_t position = (at[0] * sizes[1] + at[1]) * sizes[2] + at[2];
    const std::int64_t positions = sizes[0] * sizes[1] * sizes[2];
    return problem.layout == Layout::channels_first ? (sample * channels + channel) * positions + position
                                                    : (sample * positions + position) * channels + channel;
}

}  // namespace

std::int64_t coarse_offset(const Problem& problem, std::int64_t sample, std::int64_t channel,
                           const Position& at) noexcept {
    const auto& [a, b, c] = problem.axes;
    return offset_in(problem, sample, problem.coarse_channels, channel, at, {a.coarse, b.coarse, c.coarse});
}

std::int64_t fine_offset(const Problem& problem, std::int64_t sample, std::int64_t channel,
                         const Position& at) noexcept {
    const auto& [a, b, c] = problem.axes;
    return offset_in(problem, sample, problem.fine_channels, channel, at, {a.fine, b.fine, c.fine});
}

std::int64_t weight_offset(const Problem& problem, std::int64_t coarse_channel, std::int64_t weight_channel,
                           const Position& tap) noexcept {
    const auto& [a, b, c] = problem.axes;
    const std::int64_t pair = coarse_channel * (problem.fine_channels / problem.groups) + weight_channel;
    return ((pair * a.kernel + tap[0]) * b.kernel + tap[1]) * c.kernel + tap[2];
}

std::int64_t count_events_at(const Problem& problem, const Position& fine) noexcept {
    Checked count = problem.coarse_channels / problem.groups;
    for (std::size_t axis = 0; axis < fine.size(); ++axis) count = count * overlap(problem.axes[axis], fine[axis]);
    return count.fits() ? count.value() : Checked::kMaxExtent;
}

}  // namespace tconv::reference
