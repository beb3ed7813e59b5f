#include "conformance/support/independent.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <random>
#include <utility>

#include "tconv/matrix.h"
#include "tconv/reference.h"

namespace tconv::test {
namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

void fill(Doubles& values, std::int64_t count, Values kind, std::mt19937_64& random) {
    std::uniform_int_distribution<int> integers(-4, 4);
    std::uniform_real_distribution<double> reals(-1, 1);
    values.resize(at(count));
    for (double& value : values) value = kind == Values::small_integers ? integers(random) : reals(random);
}

// The output filled with the bias.
Doubles bias_everywhere(const Layer& layer) {
    const Problem& p = layer.problem;
    Doubles output(at(p.fine_elements()), 0.0);
    if (layer.bias.empty()) return output;
    const std::int64_t positions = p.fine_positions();
    for (std::int64_t i = 0; i < p.batch * p.fine_channels; ++i)
        for (std::int64_t q = 0; q < positions; ++q)
            output[at(i * positions + q)] = layer.bias[at(i % p.fine_channels)];
    return output;
}

// For one output index of an axis: every (tap, input) that adds up there.
using Meetings = std::vector<std::pair<std::int64_t, std::int64_t>>;

std::vector<Meetings> meetings(const Axis& axis) {
    std::vector<Meetings> of(at(axis.fine));
    for (std::int64_t o = 0; o < axis.fine; ++o)
        for (std::int64_t j = 0; j < axis.kernel; ++j) {
            const std::int64_t back = o + axis.padding_begin - j * axis.dilation;
            if (back >= 0 && back % axis.stride == 0 && back / axis.stride < axis.coarse)
                of[at(o)].emplace_back(j, back / axis.stride);
        }
    return of;
}

// x with s - 1 zeros between its elements and a border, so that a stride-1 correlation with the flipped kernel gives
// exactly `fine` outputs: element i stands at i s + extent - 1 - p of fine + extent - 1 (some fall off the ends).
struct Canvas {
    std::array<std::int64_t, 3> size{};
    Doubles values;
};

Canvas stretched(const Problem& p, const double* x) {
    Canvas canvas;
    std::array<std::int64_t, 3> front{};
    for (std::size_t a = 0; a < 3; ++a) {
        const std::int64_t extent = p.axes[a].dilation * (p.axes[a].kernel - 1) + 1;
        canvas.size[a] = p.axes[a].fine + extent - 1;
        front[a] = extent - 1 - p.axes[a].padding_begin;
    }
    const auto [h, w, d] = canvas.size;
    canvas.values.assign(at(h * w * d), 0.0);
    for (std::int64_t i = 0; i < p.axes[0].coarse; ++i)
        for (std::int64_t j = 0; j < p.axes[1].coarse; ++j)
            for (std::int64_t k = 0; k < p.axes[2].coarse; ++k, ++x) {
                const std::int64_t u = i * p.axes[0].stride + front[0], v = j * p.axes[1].stride + front[1],
                                   t = k * p.axes[2].stride + front[2];
                if (u >= 0 && u < h && v >= 0 && v < w && t >= 0 && t < d) canvas.values[at((u * w + v) * d + t)] = *x;
            }
    return canvas;
}

// fine[o] += sum over taps of canvas[o + tap d] * weights[flipped tap].
void correlate(const Problem& p, const Canvas& canvas, const double* weights, double* fine) {
    const auto& [a, b, c] = p.axes;
    for (std::int64_t i = 0; i < a.kernel; ++i)
        for (std::int64_t j = 0; j < b.kernel; ++j)
            for (std::int64_t k = 0; k < c.kernel; ++k) {
                const double w =
                    weights[((a.kernel - 1 - i) * b.kernel + b.kernel - 1 - j) * c.kernel + c.kernel - 1 - k];
                for (std::int64_t u = 0; u < a.fine; ++u)
                    for (std::int64_t v = 0; v < b.fine; ++v) {
                        const double* row =
                            canvas.values.data() +
                            ((u + i * a.dilation) * canvas.size[1] + v + j * b.dilation) * canvas.size[2] +
                            k * c.dilation;
                        double* out = fine + (u * b.fine + v) * c.fine;
                        for (std::int64_t t = 0; t < c.fine; ++t) out[t] += row[t] * w;
                    }
            }
}

Doubles permuted(const Problem& p, const Doubles& from, std::int64_t channels, std::int64_t positions, bool to_stored) {
    if (p.layout == Layout::channels_first) return from;
    Doubles to(from.size());
    for (std::int64_t n = 0; n < p.batch; ++n)
        for (std::int64_t c = 0; c < channels; ++c)
            for (std::int64_t q = 0; q < positions; ++q) {
                const std::size_t first = at((n * channels + c) * positions + q);
                const std::size_t last = at((n * positions + q) * channels + c);
                to[to_stored ? last : first] = from[to_stored ? first : last];
            }
    return to;
}

}  // namespace

std::uint64_t base_seed() {
    static const std::uint64_t kSeed = [] {
        const char* given = std::getenv("TCONV_TEST_SEED");
        const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : 20240501;
        std::cout << "seed " << seed << " (set TCONV_TEST_SEED for another)\n";
        return seed;
    }();
    return kSeed;
}

Layer random_layer(const Problem& problem, Values values, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Layer layer{problem, {}, {}, {}};
    fill(layer.input, problem.coarse_elements(), values, random);
    fill(layer.weights, problem.weight_elements(), values, random);
    if (problem.has_bias) fill(layer.bias, problem.fine_channels, values, random);
    return layer;
}

Doubles gathered(const Layer& layer) {
    const Problem& p = layer.problem;
    const std::int64_t in_group = p.coarse_channels / p.groups, out_group = p.fine_channels / p.groups;
    const auto &a = p.axes[0], &b = p.axes[1], &c = p.axes[2];
    const auto rows = meetings(a), columns = meetings(b), depths = meetings(c);
    Doubles output = bias_everywhere(layer);
    std::size_t next = 0;
    for (std::int64_t n = 0; n < p.batch; ++n)
        for (std::int64_t f = 0; f < p.fine_channels; ++f)
            for (const Meetings& row : rows)
                for (const Meetings& column : columns)
                    for (const Meetings& depth : depths) {
                        double sum = 0;
                        for (std::int64_t g = 0; g < in_group; ++g) {
                            const std::int64_t channel = f / out_group * in_group + g;
                            const double* x =
                                layer.input.data() + (n * p.coarse_channels + channel) * p.coarse_positions();
                            const double* w = layer.weights.data() + (channel * out_group + f % out_group) * p.taps();
                            for (const auto& [i, y] : row)
                                for (const auto& [j, z] : column)
                                    for (const auto& [k, t] : depth)
                                        sum +=
                                            x[(y * b.coarse + z) * c.coarse + t] * w[(i * b.kernel + j) * c.kernel + k];
                        }
                        output[next++] += sum;
                    }
    return output;
}

Doubles zero_inserted(const Layer& layer) {
    const Problem& p = layer.problem;
    const std::int64_t in_group = p.coarse_channels / p.groups, out_group = p.fine_channels / p.groups;
    Doubles output = bias_everywhere(layer);
    for (std::int64_t n = 0; n < p.batch; ++n)
        for (std::int64_t channel = 0; channel < p.coarse_channels; ++channel) {
            const Canvas canvas =
                stretched(p, layer.input.data() + (n * p.coarse_channels + channel) * p.coarse_positions());
            for (std::int64_t m = 0; m < out_group; ++m) {
                const std::int64_t f = channel / in_group * out_group + m;
                correlate(p, canvas, layer.weights.data() + (channel * out_group + m) * p.taps(),
                          output.data() + (n * p.fine_channels + f) * p.fine_positions());
            }
        }
    return output;
}

Doubles by_matrix(const Layer& layer) {
    const Problem& p = layer.problem;
    const matrix::Sparse transposed = matrix::sparse(p, layer.weights).value().transpose();
    const Doubles input = to_layout(p, layer.input, p.coarse_channels, p.coarse_positions());
    Doubles stored(at(p.fine_elements()));
    for (std::int64_t n = 0; n < p.batch; ++n) {
        const Eigen::Map<const Eigen::VectorXd> x(input.data() + n * transposed.cols(), transposed.cols());
        Eigen::Map<Eigen::VectorXd>(stored.data() + n * transposed.rows(), transposed.rows()) = transposed * x;
    }
    Doubles output = from_layout(p, stored, p.fine_channels, p.fine_positions());
    const Doubles bias = bias_everywhere(layer);
    for (std::size_t i = 0; i < output.size(); ++i) output[i] += bias[i];
    return output;
}

Doubles convolved_by_matrix(const Layer& layer, const Doubles& fine) {
    const Problem& p = layer.problem;
    const matrix::Sparse w = matrix::sparse(p, layer.weights).value();
    const Doubles input = to_layout(p, fine, p.fine_channels, p.fine_positions());
    Doubles stored(at(p.coarse_elements()));
    for (std::int64_t n = 0; n < p.batch; ++n) {
        const Eigen::Map<const Eigen::VectorXd> y(input.data() + n * w.cols(), w.cols());
        Eigen::Map<Eigen::VectorXd>(stored.data() + n * w.rows(), w.rows()) = w * y;
    }
    return from_layout(p, stored, p.coarse_channels, p.coarse_positions());
}

Doubles by_reference(const Layer& layer) {
    const Problem& p = layer.problem;
    const Doubles input = to_layout(p, layer.input, p.coarse_channels, p.coarse_positions());
    Doubles stored(at(p.fine_elements()), std::numeric_limits<double>::quiet_NaN());
    const reference::Epilogue epilogue{layer.bias.empty() ? nullptr : layer.bias.data(), nullptr, {}};
    reference::scatter(p, input.data(), layer.weights.data(), epilogue, stored.data());
    return from_layout(p, stored, p.fine_channels, p.fine_positions());
}

Doubles convolved_by_reference(const Layer& layer, const Doubles& fine) {
    const Problem& p = layer.problem;
    const Doubles input = to_layout(p, fine, p.fine_channels, p.fine_positions());
    Doubles stored(at(p.coarse_elements()), std::numeric_limits<double>::quiet_NaN());
    reference::gather(p, input.data(), layer.weights.data(), {}, stored.data());
    return from_layout(p, stored, p.coarse_channels, p.coarse_positions());
}

Doubles to_layout(const Problem& problem, const Doubles& canonical, std::int64_t channels, std::int64_t positions) {
    return permuted(problem, canonical, channels, positions, true);
}
Doubles from_layout(const Problem& problem, const Doubles& stored, std::int64_t channels, std::int64_t positions) {
    return permuted(problem, stored, channels, positions, false);
}

Layer magnitudes(Layer layer) {
    for (Doubles* values : {&layer.input, &layer.weights, &layer.bias})
        for (double& value : *values) value = std::fabs(value);
    return layer;
}

double error_bound(double magnitude, std::int64_t terms) {
    return 2 * static_cast<double>(terms + 1) * std::numeric_limits<double>::epsilon() / 2 * magnitude;
}

}  // namespace tconv::test
