#include "packing/split_panel.h"

#include <algorithm>
#include <cstring>

namespace tconv::packing {

std::uint32_t fill_split_panel(const PanelShape& shape, const Flow& flow, const SideStrides& strides,
                               const float* input, std::int64_t channels, std::span<const ReadPhase> phases,
                               std::int64_t w_phases, const kernels::KernelSet<float>& set,
                               std::int64_t scratch_channels, float* scratch, std::uint32_t* planes) noexcept {
    const std::int64_t depth = set.split->depth, count = static_cast<std::int64_t>(phases.size());
    const std::int64_t lanes = shape.end - shape.begin, pair = count * shape.plane_stride, part = depth / 2 * pair;
    const auto clear = [&](auto* at, std::int64_t elements) {
        std::memset(at, 0, static_cast<std::size_t>(elements) * sizeof *at);
    };
    std::uint32_t greatest = 0;
    for (std::int64_t group = 0; group < channels; group += depth, planes += 3 * part) {
        const std::int64_t group_channels = std::min(depth, channels - group);
        for (std::int64_t c = 0; c < group_channels; c += scratch_channels) {
            const std::int64_t some = std::min(scratch_channels, group_channels - c);
            fill_panel(shape, flow, strides, input + (group + c) * strides.channel, some, phases, w_phases, set,
                       scratch);
            if (some % 2 != 0) clear(scratch + some * pair, pair);
            for (std::int64_t i = 0; i < some; i += 2)
                for (std::int64_t phase = 0; phase < count; ++phase) {
                    const float* const from = scratch + i * pair + phase * shape.plane_stride;
                    std::uint32_t* const to = planes + (c + i) / 2 * pair + phase * shape.plane_stride;
                    greatest =
                        std::max(greatest, set.split->split(from, from + pair, lanes, to, to + part, to + 2 * part));
                }
        }
        const std::int64_t pairs = ceil_div(group_channels, 2);
        for (std::int64_t p = 0; p < 3 && pairs < depth / 2; ++p)
            clear(planes + p * part + pairs * pair, (depth / 2 - pairs) * pair);
    }
    return greatest;
}

}  // namespace tconv::packing
