#include "tconv/reference.h"

#include <algorithm>
#include <cmath>

#include "tconv/trace.h"

namespace tconv::reference {
namespace {

// Calls visit(position) for every position of the grid whose sizes are `size(axis)`, row by row.
template <class Size, class Visit>
void for_each_position(const Problem& problem, Size size, Visit&& visit) {
    Position at{};
    for (at[0] = 0; at[0] < size(problem.axes[0]); ++at[0])
        for (at[1] = 0; at[1] < size(problem.axes[1]); ++at[1])
            for (at[2] = 0; at[2] < size(problem.axes[2]); ++at[2]) visit(static_cast<const Position&>(at));
}

std::int64_t coarse_size(const Axis& axis) { return axis.coarse; }
std::int64_t fine_size(const Axis& axis) { return axis.fine; }
std::int64_t kernel_size(const Axis& axis) { return axis.kernel; }

// Where coarse position i and tap j meet on the fine grid; false where that is outside.
bool meet(const Problem& problem, const Position& i, const Position& j, Position& o) {
    for (std::size_t axis = 0; axis < o.size(); ++axis) {
        const Axis& a = problem.axes[axis];
        o[axis] = i[axis] * a.stride + j[axis] * a.dilation - a.padding_begin;
        if (o[axis] < 0 || o[axis] >= a.fine) return false;
    }
    return true;
}

// Calls visit(sample, coarse channel, fine channel, weight channel) for every pair of channels in one group.
template <class Visit>
void for_each_channel_pair(const Problem& problem, Visit&& visit) {
    // An empty side has no pairs, however large the other sizes are.
    if (problem.coarse_elements() == 0 || problem.fine_elements() == 0) return;
    const std::int64_t coarse = problem.coarse_channels / problem.groups, fine = problem.fine_channels / problem.groups;
    for (std::int64_t n = 0; n < problem.batch; ++n)
        for (std::int64_t g = 0; g < problem.groups; ++g)
            for (std::int64_t c = 0; c < coarse; ++c)
                for (std::int64_t f = 0; f < fine; ++f) visit(n, g * coarse + c, g * fine + f, f);
}

}  // namespace

double activate(const Activation& activation, double value) noexcept {
    switch (activation.kind) {
        case Activation::Kind::relu:
            return value < 0 ? 0 : value;
        case Activation::Kind::leaky:
            return value < 0 ? activation.alpha * value : value;
        case Activation::Kind::tanh:
            return std::tanh(value);
        case Activation::Kind::sigmoid:
            return 1 / (1 + std::exp(-value));
        case Activation::Kind::clamp:
            return value < activation.alpha ? activation.alpha : value > activation.beta ? activation.beta : value;
        default:
            return value;
    }
}

void scatter(const Problem& problem, const double* coarse, const double* weights, const Epilogue& epilogue,
             double* fine) {
    if (problem.fine_elements() == 0) return;
    for (std::int64_t n = 0; n < problem.batch; ++n)
        for (std::int64_t f = 0; f < problem.fine_channels; ++f)
            for_each_position(problem, fine_size, [&](const Position& o) {
                const std::int64_t at = fine_offset(problem, n, f, o);
                fine[at] = (epilogue.bias ? epilogue.bias[f] : 0) + (epilogue.residual ? epilogue.residual[at] : 0);
            });

    for_each_channel_pair(problem, [&](std::int64_t n, std::int64_t c, std::int64_t f, std::int64_t w) {
        for_each_position(problem, coarse_size, [&](const Position& i) {
            const double x = coarse[coarse_offset(problem, n, c, i)];
            for_each_position(problem, kernel_size, [&](const Position& j) {
                Position o;
                if (meet(problem, i, j, o))
                    fine[fine_offset(problem, n, f, o)] += x * weights[weight_offset(problem, c, w, j)];
            });
        });
    });

    std::transform(fine, fine + problem.fine_elements(), fine,
                   [&](double sum) { return activate(epilogue.activation, sum); });
}

void gather(const Problem& problem, const double* fine, const double* weights, const Epilogue& epilogue,
            double* coarse) {
    if (problem.coarse_elements() == 0) return;
    for (std::int64_t n = 0; n < problem.batch; ++n)
        for (std::int64_t c = 0; c < problem.coarse_channels; ++c)
            for_each_position(problem, coarse_size, [&](const Position& i) {
                const std::int64_t at = coarse_offset(problem, n, c, i);
                coarse[at] = (epilogue.bias ? epilogue.bias[c] : 0) + (epilogue.residual ? epilogue.residual[at] : 0);
            });

    for_each_channel_pair(problem, [&](std::int64_t n, std::int64_t c, std::int64_t f, std::int64_t w) {
        for_each_position(problem, coarse_size, [&](const Position& i) {
            double sum = 0;
            for_each_position(problem, kernel_size, [&](const Position& j) {
                Position o;
                if (meet(problem, i, j, o))
                    sum += fine[fine_offset(problem, n, f, o)] * weights[weight_offset(problem, c, w, j)];
            });
            coarse[coarse_offset(problem, n, c, i)] += sum;
        });
    });

    std::transform(coarse, coarse + problem.coarse_elements(), coarse,
                   [&](double sum) { return activate(epilogue.activation, sum); });
}

void weight_grad(const Problem& problem, const double* coarse, const double* fine, double* weights) {
    std::fill(weights, weights + problem.weight_elements(), 0.0);

    for_each_channel_pair(problem, [&](std::int64_t n, std::int64_t c, std::int64_t f, std::int64_t w) {
        for_each_position(problem, kernel_size, [&](const Position& j) {
            double sum = 0;
            for_each_position(problem, coarse_size, [&](const Position& i) {
                Position o;
                if (meet(problem, i, j, o))
                    sum += coarse[coarse_offset(problem, n, c, i)] * fine[fine_offset(problem, n, f, o)];
            });
            weights[weight_offset(problem, c, w, j)] += sum;
        });
    });
}

void bias_grad(const Problem& problem, Pass side, const double* output_grad, double* bias_grad) {
    const bool writes_fine = side == Pass::scatter;
    const std::int64_t channels = writes_fine ? problem.fine_channels : problem.coarse_channels;
    std::fill(bias_grad, bias_grad + channels, 0.0);
    if ((writes_fine ? problem.fine_elements() : problem.coarse_elements()) == 0) return;
    for (std::int64_t n = 0; n < problem.batch; ++n)
        for (std::int64_t c = 0; c < channels; ++c)
            for_each_position(problem, writes_fine ? fine_size : coarse_size, [&](const Position& at) {
                bias_grad[c] +=
                    output_grad[writes_fine ? fine_offset(problem, n, c, at) : coarse_offset(problem, n, c, at)];
            });
}

}  // namespace tconv::reference
