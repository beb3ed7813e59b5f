// WinogradPlan: all that a plan of winograd decides (winograd.h), and the order of its packed weights,
//
//     [problem group][job][product][read channel][row]
//
// a job being one written phase of the axis before the last with some written channels; its rows are
// [phase of the last axis][channel].
#pragma once

#include <array>
#include <cstdint>

#include "kernels/kernel_set.h"
#include "methods/method.h"
#include "methods/phase/phase_blocks.h"
#include "methods/winograd/winograd_axis.h"

namespace tconv::methods {

struct WinogradPlan {
    Flow flow{};   ///< the pass
    Flow tiles{};  ///< the same with tiles of 2 x 2 points as points: it writes with twice the stride, and reads with 2
    std::array<WinogradAxis, 2> axes{};
    std::array<std::int64_t, 2> first_shift{};  ///< of what the first tap of either axis reads
    std::int64_t products = 9;
    std::int64_t channel_blocks = 1, block_channels = 1;  ///< of the written channels of a group
    PhaseBlocks blocks{};                                 ///< of places; planes are products

    std::int64_t phases_h() const noexcept { return flow.axes[1].write_stride; }
    std::int64_t phases_w() const noexcept { return flow.axes[2].write_stride; }
    std::int64_t jobs() const noexcept { return phases_h() * channel_blocks; }
    /// Of the i-th input that a tile reads along axis h or w: the parity, and how many places away.
    std::int64_t parity(std::size_t axis, int i) const noexcept { return (first_shift[axis] + i) & 1; }
    std::int64_t shift(std::size_t axis, int i) const noexcept { return floor_div(first_shift[axis] + i, 2); }
    Range channels(std::int64_t block) const noexcept { return share(flow.write_channels, channel_blocks, block); }
    /// Packed elements of one problem group, and before a job.
    std::int64_t group_elements() const noexcept {
        return phases_h() * phases_w() * flow.write_channels * products * flow.read_channels;
    }
    std::int64_t job_offset(std::int64_t job) const noexcept {
        const Range some = channels(job / phases_h());
        return (some.begin * phases_h() + job % phases_h() * some.size()) * phases_w() * products * flow.read_channels;
    }
};

/// Refuses what is not made of two axes of two or three taps, in a sentence.
Result<WinogradPlan> make_winograd_plan(const Request& request, int tile_rows);

/// From contiguous weights, all groups.
template <class T>
void pack_winograd_weights(const WinogradPlan& plan, const T* weights, T* packed) noexcept;

}  // namespace tconv::methods
