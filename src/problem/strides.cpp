#include "tconv/strides.h"

namespace tconv {
namespace {

SideStrides contiguous(const Problem& problem, std::int64_t channels, std::int64_t Axis::* size) noexcept {
    SideStrides strides;
    const bool is_last = problem.layout == Layout::channels_last;
    std::int64_t step = is_last ? channels : 1;
    for (std::size_t i = problem.axes.size(); i-- > 0;) {
        strides.axes[i] = step;
        step *= problem.axes[i].*size;
    }
    strides.channel = is_last ? 1 : step;
    strides.sample = is_last ? step : step * channels;
    return strides;
}

}  // namespace

SideStrides fine_strides(const Problem& problem) noexcept {
    return contiguous(problem, problem.fine_channels, &Axis::fine);
}

SideStrides coarse_strides(const Problem& problem) noexcept {
    return contiguous(problem, problem.coarse_channels, &Axis::coarse);
}

}  // namespace tconv
