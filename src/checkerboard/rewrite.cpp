#include "tconv/rewrite.h"

#include <algorithm>
#include <array>
#include <string>

#include "checkerboard/taps.h"

namespace tconv::checkerboard {
namespace {

using Position = std::array<std::int64_t, Problem::kMaxRank>;

Error refuse(std::string sentence) { return {ErrorCode::invalid_argument, std::move(sentence)}; }

Result<void> check_convolution(const Problem& convolution, std::span<const double> weights, std::int64_t least_factor) {
    if (static_cast<std::int64_t>(weights.size()) != convolution.weight_elements())
        return Error{ErrorCode::array_mismatch, "there are " + std::to_string(weights.size()) +
                                                    " weights, but the convolution has " +
                                                    std::to_string(convolution.weight_elements()) + "; give as many"};
    if (least_factor < 1 || least_factor > 1024)
        return refuse("a factor of " + std::to_string(least_factor) + " is not among 1 to 1024; use one of these");
    for (const Axis& axis : convolution.spatial()) {
        if (axis.stride != 1)
            return refuse("the convolution has stride " + std::to_string(axis.stride) +
                          ", but only one of stride 1 is a transposed convolution; use stride 1");
        if (std::max(axis.padding_begin, axis.padding_end) > axis.kernel_extent() - 1)
            return refuse("the convolution's padding " +
                          std::to_string(std::max(axis.padding_begin, axis.padding_end)) + " is above " +
                          std::to_string(axis.kernel_extent() - 1) + ", so whole outputs are made of it; use less");
    }
    return {};
}

std::int64_t offset(const Problem& problem, std::int64_t row, std::int64_t column, const Position& tap) {
    const std::int64_t columns = problem.fine_channels / problem.groups;
    std::int64_t at = row * columns + column;
    for (std::size_t i = 0; i < tap.size(); ++i) at = at * problem.axes[i].kernel + tap[i];
    return at;
}

template <class Visit>
void for_each_position(const Position& sizes, Visit&& visit) {
    Position at{};
    for (at[0] = 0; at[0] < sizes[0]; ++at[0])
        for (at[1] = 0; at[1] < sizes[1]; ++at[1])
            for (at[2] = 0; at[2] < sizes[2]; ++at[2]) visit(at);
}

Position kernel_of(const Problem& problem) {
    return {problem.axes[0].kernel, problem.axes[1].kernel, problem.axes[2].kernel};
}

// The transposed layer without its weights: what both rewrites have in common.
Result<Layer> start(const Problem& made, std::int64_t before) {
    if (auto ok = validate(made); !ok) return ok.error();
    if (auto ok = check_makeable(made, before); !ok) return ok.error();
    Layer layer{made, {}};
    layer.weights.resize(static_cast<std::size_t>(made.weight_elements()));
    return layer;
}

}  // namespace

Result<Layer> from_sub_pixel(const Problem& convolution, std::span<const double> weights, std::int64_t factor,
                             PhaseOrder order) {
    if (auto ok = check_convolution(convolution, weights, factor); !ok) return ok.error();
    if (convolution.groups != 1)
        return refuse("the convolution has " + std::to_string(convolution.groups) +
                      " groups, which depth-to-space mixes; use one group");
    std::int64_t phases = 1;
    for (int axis = 0; axis < convolution.rank; ++axis) phases *= factor;
    if (convolution.coarse_channels % phases != 0)
        return refuse(std::to_string(convolution.coarse_channels) + " channels cannot become " +
                      std::to_string(phases) + " phases; use a multiple");
    const std::int64_t channels = convolution.coarse_channels / phases;

    Problem made = convolution;
    made.coarse_channels = convolution.fine_channels;
    made.fine_channels = channels;
    Position factors{1, 1, 1};
    for (std::size_t i = static_cast<std::size_t>(Problem::kMaxRank - made.rank); i < factors.size(); ++i) {
        const Axis& from = convolution.axes[i];
        Axis& axis = made.axes[i];
        factors[i] = factor;
        const std::int64_t extent = from.kernel_extent();
        axis = {from.fine,
                from.coarse * factor,
                extent * factor,
                factor,
                1,
                (extent - 1 - from.padding_begin) * factor,
                (extent - 1 - from.padding_end) * factor};
    }
    auto layer = start(made, convolution.weight_elements());
    if (!layer) return layer;
    for_each_position(factors, [&](const Position& a) {
        const std::int64_t phase = (a[0] * factors[1] + a[1]) * factors[2] + a[2];
        for_each_position(kernel_of(convolution), [&](const Position& j) {
            Position tap{};
            for (std::size_t i = 0; i < tap.size(); ++i) {
                const Axis& from = convolution.axes[i];
                tap[i] = a[i] + (from.kernel_extent() - 1 - j[i] * from.dilation) * factors[i];
            }
            for (std::int64_t c = 0; c < channels; ++c) {
                const std::int64_t deep =
                    order == PhaseOrder::depth_column_row ? phase * channels + c : c * phases + phase;
                for (std::int64_t in = 0; in < made.coarse_channels; ++in)
                    layer->weights[static_cast<std::size_t>(offset(made, in, c, tap))] =
                        weights[static_cast<std::size_t>(offset(convolution, deep, in, j))];
            }
        });
    });
    return layer;
}

Result<Layer> from_nearest_resize(const Problem& convolution, std::span<const double> weights,
                                  std::span<const std::int64_t> factors) {
    if (static_cast<int>(factors.size()) != convolution.rank)
        return Error{ErrorCode::array_mismatch, "there are " + std::to_string(factors.size()) + " factors for " +
                                                    std::to_string(convolution.rank) +
                                                    " spatial axes; give one per axis"};
    for (const std::int64_t factor : factors)
        if (auto ok = check_convolution(convolution, weights, factor); !ok) return ok.error();
    Problem made = convolution;
    std::swap(made.coarse_channels, made.fine_channels);
    Position box{1, 1, 1};
    const auto unused = static_cast<std::size_t>(Problem::kMaxRank - made.rank);
    for (std::size_t i = unused; i < box.size(); ++i) {
        const Axis& from = convolution.axes[i];
        box[i] = factors[i - unused];
        if (from.fine % box[i] != 0)
            return refuse("a size of " + std::to_string(from.fine) + " was not enlarged " + std::to_string(box[i]) +
                          " times; use a multiple");
        const std::int64_t extent = from.kernel_extent();
        made.axes[i] = {
            from.fine / box[i],           from.coarse, extent + box[i] - 1, box[i], 1, extent - 1 - from.padding_begin,
            extent - 1 - from.padding_end};
    }
    auto layer = start(made, convolution.weight_elements());
    if (!layer) return layer;
    const std::int64_t in_group = convolution.fine_channels / convolution.groups;
    const std::int64_t out_group = convolution.coarse_channels / convolution.groups;
    for_each_position(kernel_of(convolution), [&](const Position& j) {
        for_each_position(box, [&](const Position& b) {
            Position tap{};
            for (std::size_t i = 0; i < tap.size(); ++i)
                tap[i] = b[i] + convolution.axes[i].dilation * (convolution.axes[i].kernel - 1 - j[i]);
            for (std::int64_t out = 0; out < convolution.coarse_channels; ++out)
                for (std::int64_t in = 0; in < in_group; ++in)
                    layer->weights[static_cast<std::size_t>(
                        offset(made, out / out_group * in_group + in, out % out_group, tap))] +=
                        weights[static_cast<std::size_t>(offset(convolution, out, in, j))];
        });
    });
    return layer;
}

}  // namespace tconv::checkerboard
