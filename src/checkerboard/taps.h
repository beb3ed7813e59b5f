// The taps of a kernel, each with the phase that it feeds, in the order of the weights. On each axis, tap j feeds the
// reached phase number j mod (s/g): the taps of one phase lie s/g apart.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <string>

#include "tconv/problem.h"
#include "tconv/result.h"

namespace tconv::checkerboard {

struct ReachedPhases {
    std::array<std::int64_t, Problem::kMaxRank> step{};   ///< s/g per axis
    std::array<std::int64_t, Problem::kMaxRank> count{};  ///< reached phases per axis: min(k, s/g)

    explicit ReachedPhases(const Problem& problem) {
        for (std::size_t i = 0; i < problem.axes.size(); ++i) {
            const Axis& axis = problem.axes[i];
            step[i] = axis.stride / std::gcd(axis.stride, axis.dilation);
            count[i] = axis.kernel < step[i] ? axis.kernel : step[i];
        }
    }
    std::int64_t size() const noexcept { return count[0] * count[1] * count[2]; }
};

/// invalid_argument where a layer that is to be made of one with `before` weights has over 2^24 and over 16 times as
/// many: what a file asks for stays in proportion to it.
inline Result<void> check_makeable(const Problem& made, std::int64_t before) {
    if (made.weight_elements() <= std::int64_t{1} << 24 || made.weight_elements() / 16 <= before) return {};
    return Error{ErrorCode::invalid_argument, "the layer would have " + std::to_string(made.weight_elements()) +
                                                  " weights instead of " + std::to_string(before) +
                                                  ", too many to be wanted; use smaller strides or dilations"};
}

/// visit(reached phase, {tap per axis}) for every tap, in the order of the weights.
template <class Visit>
void for_each_tap(const Problem& problem, Visit&& visit) {
    const ReachedPhases phases(problem);
    std::array<std::int64_t, Problem::kMaxRank> j{};
    for (j[0] = 0; j[0] < problem.axes[0].kernel; ++j[0])
        for (j[1] = 0; j[1] < problem.axes[1].kernel; ++j[1])
            for (j[2] = 0; j[2] < problem.axes[2].kernel; ++j[2])
                visit((j[0] % phases.step[0] * phases.count[1] + j[1] % phases.step[1]) * phases.count[2] +
                          j[2] % phases.step[2],
                      j);
}

}  // namespace tconv::checkerboard
