// Flow: scatter and gather as one thing. Either pass reads one grid and writes the other; a third, common grid of
// points q lies under both, one for each stamp, and along every axis
//
//     written index  =  write_stride * q           + write_phase - write_origin
//     read index     =  read_stride * (q + shift)  + read_phase  - read_origin
//
// For a written phase, each tap that reaches it has one read phase and one shift. What the passes differ in:
//
//               write_stride  write_origin  read_stride  read_origin  a tap j of write phase r
//     scatter   stride        padding       1            0            shift (r - j d) / s, read phase 0
//     gather    1             0             stride       padding      shift floor(j d / s), read phase j d mod s
//
// So a method written for a Flow serves both passes. Integers only; closed forms only.
#pragma once

#include <array>
#include <cstdint>

#include "tconv/geometry.h"
#include "tconv/problem.h"

namespace tconv {

/// Where one tap of a written phase reads.
struct FlowStep {
    std::int64_t tap = 0, read_phase = 0, shift = 0;
};

/// The taps that meet one written index and what they read there: both go on in equal steps.
struct FlowHits {
    std::int64_t tap = 0, tap_step = 1, read = 0, read_step = 0, count = 0;
};

struct FlowAxis {
    std::int64_t read_size = 1, write_size = 1;
    std::int64_t read_stride = 1, write_stride = 1;
    std::int64_t read_origin = 0, write_origin = 0;
    std::int64_t kernel = 1;

    /// The taps that reach a written phase in [0, write_stride), and the t-th of them.
    std::int64_t step_count(std::int64_t write_phase) const noexcept;
    FlowStep step(std::int64_t write_phase, std::int64_t t) const noexcept;
    /// The points q whose written index lies in [0, write_size).
    Range points(std::int64_t write_phase) const noexcept;

    /// Only taps whose read index lies inside [0, read_size).
    FlowHits hits(std::int64_t written) const noexcept;

    Axis axis{};                ///< the problem's own
    Pass pass = Pass::scatter;  ///< which of the two
};

/// Everything a method needs to know, with channels and strides named by what the pass does with them.
struct Flow {
    std::array<FlowAxis, Problem::kMaxRank> axes{};
    std::int64_t batch = 1, groups = 1;
    std::int64_t read_channels = 1, write_channels = 1;  ///< of one group
    std::int64_t taps = 1;                               ///< of the whole kernel
    /// Elements from one group, read channel, written channel to the next in the weights' array; taps are contiguous.
    std::int64_t weight_group_stride = 0, weight_read_stride = 0, weight_write_stride = 0;
};

/// scatter or gather of a valid problem.
Flow make_flow(const Problem& problem, Pass pass) noexcept;

}  // namespace tconv
