#include "tconv/repair.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "checkerboard/gains.h"
#include "tconv/geometry.h"

namespace tconv::checkerboard {
namespace {

using Position = std::array<std::int64_t, Problem::kMaxRank>;

Result<void> check_reachable(const Problem& problem) {
    for (const Axis& axis : problem.axes) {
        const std::int64_t g = std::gcd(axis.stride, axis.dilation);
        if (g > 1)
            return Error{ErrorCode::invalid_argument, "stride " + std::to_string(axis.stride) + " and dilation " +
                                                          std::to_string(axis.dilation) + " have the common divisor " +
                                                          std::to_string(g) +
                                                          ", so no kernel reaches every output; use dilation 1"};
    }
    return {};
}

std::int64_t offset(const Problem& problem, std::int64_t column, const Position& tap) {
    for (std::size_t i = 0; i < tap.size(); ++i) column = column * problem.axes[i].kernel + tap[i];
    return column;
}

std::int64_t columns_of(const Problem& problem) {
    return problem.coarse_channels * (problem.fine_channels / problem.groups);
}

// The same sizes with a longer kernel; the crop moves with its ends.
Problem with_kernel(const Problem& problem, const Position& kernel, const Position& more_begin) {
    Problem made = problem;
    for (std::size_t i = 0; i < kernel.size(); ++i) {
        Axis& axis = made.axes[i];
        const std::int64_t rows = axis.dilation * (kernel[i] - axis.kernel);
        const std::int64_t output_padding = std::max<std::int64_t>(0, axis.output_padding());
        axis.kernel = kernel[i];
        axis.padding_begin += more_begin[i];
        // What lies beyond the crop at the end: first no longer un-cropped, then cropped.
        axis.padding_end += std::max<std::int64_t>(0, rows - more_begin[i] - output_padding);
    }
    return made;
}

Result<Repaired> finish(const Problem& problem, std::span<const double> weights, Layer layer) {
    Repaired repaired{std::move(layer), 0, 0};
    const Layer before{problem, {weights.begin(), weights.end()}};
    const auto change = relative_change(before, repaired.layer);
    if (!change) return change.error();
    repaired.relative_change = *change;
    repaired.gain_change = gain_change(before, repaired.layer);
    return repaired;
}

}  // namespace

Result<Repaired> embed_even(const Problem& problem, std::span<const double> weights) {
    if (auto ok = check_weights(problem, weights); !ok) return ok.error();
    if (auto ok = check_reachable(problem); !ok) return ok.error();
    Position kernel{};
    for (std::size_t i = 0; i < kernel.size(); ++i)
        kernel[i] = ceil_div(problem.axes[i].kernel, problem.axes[i].stride) * problem.axes[i].stride;
    Layer layer{with_kernel(problem, kernel, {}), {}};
    if (auto ok = validate(layer.problem); !ok) return ok.error();
    if (auto ok = check_makeable(layer.problem, problem.weight_elements()); !ok) return ok.error();
    layer.weights.resize(static_cast<std::size_t>(layer.problem.weight_elements()));
    for (std::int64_t column = 0; column < columns_of(problem); ++column)
        for_each_tap(problem, [&](std::int64_t, const Position& tap) {
            layer.weights[static_cast<std::size_t>(offset(layer.problem, column, tap))] =
                weights[static_cast<std::size_t>(offset(problem, column, tap))];
        });
    return finish(problem, weights, std::move(layer));
}

Result<Repaired> project_dc(const Problem& problem, std::span<const double> weights, Target target) {
    const auto gains = phase_gains(problem, weights);
    if (!gains) return gains.error();
    if (gains->empty > 0)
        return Error{ErrorCode::invalid_argument,
                     std::to_string(gains->empty) + " of " + std::to_string(gains->empty + gains->reached) +
                         " phases are reached by no tap, so no weights can make all phases equal; use a kernel of at "
                         "least the stride, and dilation 1"};
    const std::int64_t columns = columns_of(problem), taps = problem.taps();
    const auto at = [&](std::int64_t row, std::int64_t column) {
        return gains->values[static_cast<std::size_t>(row * columns + column)];
    };
    Layer layer{problem, {weights.begin(), weights.end()}};
    for (std::int64_t column = 0; column < columns; ++column) {
        double wanted = 0, total = 0;
        for (std::int64_t row = 0; row < gains->reached; ++row) {
            const double weight = target == Target::mean_gain
                                      ? 1.0
                                      : 1.0 / static_cast<double>(gains->taps[static_cast<std::size_t>(row)]);
            wanted += weight * at(row, column);
            total += weight;
        }
        wanted /= total;
        std::int64_t tap = 0;
        for_each_tap(problem, [&](std::int64_t row, const Position&) {
            layer.weights[static_cast<std::size_t>(column * taps + tap++)] +=
                (wanted - at(row, column)) / static_cast<double>(gains->taps[static_cast<std::size_t>(row)]);
        });
    }
    return finish(problem, weights, std::move(layer));
}

Result<Repaired> blur(const Problem& problem, std::span<const double> weights) {
    if (auto ok = check_weights(problem, weights); !ok) return ok.error();
    if (auto ok = check_reachable(problem); !ok) return ok.error();
    Position kernel{}, begin{};
    double box = 1;
    for (std::size_t i = 0; i < kernel.size(); ++i) {
        const Axis& axis = problem.axes[i];
        kernel[i] = axis.kernel + axis.stride - 1;
        begin[i] = axis.dilation * ((axis.stride - 1) / 2);
        box *= static_cast<double>(axis.stride);
    }
    Layer layer{with_kernel(problem, kernel, begin), {}};
    if (auto ok = validate(layer.problem); !ok) return ok.error();
    if (auto ok = check_makeable(layer.problem, problem.weight_elements()); !ok) return ok.error();
    layer.weights.resize(static_cast<std::size_t>(layer.problem.weight_elements()));
    for (std::int64_t column = 0; column < columns_of(problem); ++column)
        for_each_tap(problem, [&](std::int64_t, const Position& tap) {
            const double share = weights[static_cast<std::size_t>(offset(problem, column, tap))] / box;
            for (std::int64_t a = 0; a < problem.axes[0].stride; ++a)
                for (std::int64_t b = 0; b < problem.axes[1].stride; ++b)
                    for (std::int64_t c = 0; c < problem.axes[2].stride; ++c)
                        layer.weights[static_cast<std::size_t>(
                            offset(layer.problem, column, {tap[0] + a, tap[1] + b, tap[2] + c}))] += share;
        });
    return finish(problem, weights, std::move(layer));
}

Result<double> relative_change(const Layer& before, const Layer& after) {
    const Problem &p = before.problem, &q = after.problem;
    bool agree = p.coarse_channels == q.coarse_channels && p.fine_channels == q.fine_channels && p.groups == q.groups &&
                 p.rank == q.rank;
    Position shift{};  // a tap of `before` is tap + shift of `after`
    for (std::size_t i = 0; agree && i < shift.size(); ++i) {
        const Axis &a = p.axes[i], &b = q.axes[i];
        const std::int64_t rows = b.padding_begin - a.padding_begin;
        agree = a.stride == b.stride && a.coarse == b.coarse && a.fine == b.fine &&
                (a.dilation == b.dilation || (a.kernel == 1 && b.kernel == 1)) && rows % a.dilation == 0;
        shift[i] = rows / a.dilation;
    }
    if (!agree || static_cast<std::int64_t>(before.weights.size()) != p.weight_elements() ||
        static_cast<std::int64_t>(after.weights.size()) != q.weight_elements())
        return Error{ErrorCode::array_mismatch,
                     "two layers of different stride, dilation, channels or sizes cannot be compared tap by tap; give "
                     "layers that agree in these"};
    double change = 0, energy = 0;
    const auto inside = [](const Problem& problem, const Position& tap) {
        for (std::size_t i = 0; i < tap.size(); ++i)
            if (tap[i] < 0 || tap[i] >= problem.axes[i].kernel) return false;
        return true;
    };
    for (std::int64_t column = 0; column < columns_of(p); ++column) {
        for_each_tap(p, [&](std::int64_t, const Position& tap) {
            const double value = before.weights[static_cast<std::size_t>(offset(p, column, tap))];
            const Position there{tap[0] + shift[0], tap[1] + shift[1], tap[2] + shift[2]};
            const double other =
                inside(q, there) ? after.weights[static_cast<std::size_t>(offset(q, column, there))] : 0.0;
            energy += value * value;
            change += (other - value) * (other - value);
        });
        for_each_tap(q, [&](std::int64_t, const Position& tap) {
            if (inside(p, {tap[0] - shift[0], tap[1] - shift[1], tap[2] - shift[2]})) return;
            const double value = after.weights[static_cast<std::size_t>(offset(q, column, tap))];
            change += value * value;
        });
    }
    return energy > 0 ? std::sqrt(change / energy) : change > 0 ? HUGE_VAL : 0;
}

double gain_change(const Layer& before, const Layer& after) {
    const auto mean = [](const Layer& layer) {
        const std::vector<double> ones(static_cast<std::size_t>(layer.problem.taps()), 1.0);
        return mean_row(sum_phases(layer.problem, layer.weights, ones), phase_count(layer.problem));
    };
    const std::vector<double> old_mean = mean(before), new_mean = mean(after);
    double change = 0, energy = 0;
    for (std::size_t i = 0; i < std::min(old_mean.size(), new_mean.size()); ++i) {
        change += (new_mean[i] - old_mean[i]) * (new_mean[i] - old_mean[i]);
        energy += old_mean[i] * old_mean[i];
    }
    return energy > 0 ? std::sqrt(change / energy) : change > 0 ? HUGE_VAL : 0;
}

}  // namespace tconv::checkerboard
