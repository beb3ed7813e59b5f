#include "methods/support/random_problem.h"

#include <algorithm>

namespace tconv::testing {
namespace {

using Kind = Activation::Kind;

struct Most {
    std::int64_t coarse, kernel;
};
constexpr Most kMost[] = {{90, 20}, {16, 6}, {7, 4}};  // by rank

std::int64_t random_channels(Draws& draws, std::int64_t scale) {
    const std::int64_t times = draws.between(1, scale);
    switch (draws.between(0, 15)) {
        case 0:
            return 0;
        case 1:
        case 2:
            return times * draws.between(1, 40);
        case 3:
        case 4:
        case 5:
            return times * draws.one_of({7, 8, 9, 15, 16, 17, 31, 32, 33});
        default:
            return times * draws.between(1, 6);
    }
}

std::int64_t random_padding(Draws& draws, const Axis& axis) {
    if (draws.one_in(16)) return draws.between(0, std::min<std::int64_t>(axis.full_size() + 5, 200));
    return draws.between(0, draws.one_in(3) ? 9 : 2);
}

Axis random_axis(Draws& draws, const Most& most, std::int64_t scale) {
    Axis axis;
    axis.coarse = draws.between(1, draws.one_in(3) ? 3 : scale * most.coarse);
    axis.kernel = draws.one_in(16) ? draws.between(1, 4 * most.kernel) : draws.between(1, most.kernel);
    axis.stride = draws.one_in(8) ? draws.between(6, 40) : draws.between(1, 5);
    axis.dilation = !draws.one_in(3) ? 1 : draws.one_in(8) ? draws.between(5, 50) : draws.between(1, 4);
    axis.padding_begin = random_padding(draws, axis);
    axis.padding_end = random_padding(draws, axis);
    const std::int64_t extra = draws.one_in(12) ? draws.between(-40, 60) : draws.between(0, draws.one_in(3) ? 9 : 1);
    axis.fine = std::max<std::int64_t>(1, axis.full_size() - axis.padding_begin - axis.padding_end + extra);
    return axis;
}

Activation random_activation(Draws& draws) {
    if (draws.one_in(2)) return {};
    // Constants that both types hold, so that the definition's are the kernels' own.
    switch (const auto kind = static_cast<Kind>(draws.between(1, 5)); kind) {
        case Kind::leaky:
            return {kind, 0.25, 0};
        case Kind::clamp:
            return {kind, -0.5, 6};
        default:
            return {kind, 0, 0};
    }
}

bool is_small(const Problem& problem, std::int64_t most) {
    return products(problem) <= static_cast<double>(most) && problem.coarse_elements() <= most &&
           problem.fine_elements() <= most && problem.weight_elements() <= most;
}

/// Halves what there is most of.
void shrink(Problem& problem) {
    std::int64_t* largest = &problem.coarse_channels;
    const auto consider = [&](std::int64_t& size) {
        if (size > *largest) largest = &size;
    };
    consider(problem.fine_channels);
    for (Axis& axis : problem.spatial()) {
        consider(axis.coarse);
        consider(axis.fine);
        consider(axis.kernel);
    }
    *largest /= 2;
    problem.coarse_channels -= problem.coarse_channels % problem.groups;
    problem.fine_channels -= problem.fine_channels % problem.groups;
    if (problem.coarse_channels == 0 && problem.fine_channels == 0)
        problem.groups = problem.coarse_channels = problem.fine_channels = 1;
}

}  // namespace

double products(const Problem& problem) {
    return static_cast<double>(problem.batch) * static_cast<double>(problem.coarse_positions()) *
           static_cast<double>(problem.taps()) * static_cast<double>(problem.coarse_channels) *
           static_cast<double>(problem.fine_channels / problem.groups);
}

Problem random_problem(Draws& draws, std::int64_t most_products, std::int64_t scale) {
    Problem problem;
    problem.rank = static_cast<int>(draws.between(1, Problem::kMaxRank));
    problem.batch = draws.one_in(16) ? 0 : draws.between(1, draws.one_in(2) ? 3 : 1);
    problem.groups = !draws.one_in(4) ? 1 : draws.between(1, draws.one_in(3) ? 20 : 4);
    const bool is_depthwise = problem.groups > 1 && draws.one_in(2);
    problem.coarse_channels = problem.groups * (is_depthwise ? 1 : random_channels(draws, scale));
    problem.fine_channels = problem.groups * (is_depthwise ? draws.between(1, 2) : random_channels(draws, scale));
    for (Axis& axis : problem.spatial()) axis = random_axis(draws, kMost[problem.rank - 1], scale);
    problem.dtype = draws.one_in(3) ? DType::f64 : DType::f32;
    problem.layout = draws.one_in(3) ? Layout::channels_last : Layout::channels_first;
    problem.has_bias = draws.one_in(2);
    problem.has_sum = draws.one_in(3);
    problem.activation = random_activation(draws);
    while (!is_small(problem, most_products)) shrink(problem);
    return problem;
}

}  // namespace tconv::testing
