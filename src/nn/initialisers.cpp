#include <atomic>
#include <cmath>

#include "nn/fan_in.h"
#include "nn/seeds.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tensor/strided.h"

namespace tconv::nn {
namespace {

std::atomic<std::uint64_t> sequence{mix(0)};

void fill_uniform(const Tensor& weights, std::uint64_t seed, double low, double high) {
    weights.assign(tconv::uniform(weights.shape(), seed, low, high, weights.dtype()));
}

void fill_normal(const Tensor& weights, std::uint64_t seed, double mean, double deviation) {
    weights.assign(tconv::normal(weights.shape(), seed, mean, deviation, weights.dtype()));
}

// FCN's line of one axis: a triangle whose top is the kernel's middle.
Tensor triangle(std::int64_t kernel) {
    const std::int64_t half = (kernel + 1) / 2;  // rounded down
    const double middle = static_cast<double>(kernel - 1) / 2, factor = static_cast<double>(half);
    const Tensor line = zeros({kernel}, DType::f64);
    for (std::int64_t tap = 0; tap < kernel; ++tap)
        line(tap) = 1 - std::abs(static_cast<double>(tap) - middle) / factor;
    return line;
}

// The product of one triangle per axis.
Tensor pyramid(const Sizes& kernel) {
    Tensor product = ones({}, DType::f64);
    for (std::size_t axis = 0; axis < kernel.size(); ++axis) {
        Shape along(kernel.size() - axis, 1);  // (k, 1, ..., 1), the axis and those after it
        along.front() = kernel[axis];
        product = product * triangle(kernel[axis]).reshape(along);
    }
    return product;
}

}  // namespace

std::int64_t fan_in(const Tensor& weights) {
    if (weights.rank() < 2)
        strided::fail("fan_in is the weights' second size times their taps, but the weights have shape " +
                      to_string(weights.shape()) + "; give (channels, channels, kernel...)");
    return weights.shape(0) == 0 ? 0 : weights.elements() / weights.shape(0);
}

void manual_seed(std::uint64_t seed) { sequence = mix(seed); }

std::uint64_t next_seed() noexcept { return mix(sequence.fetch_add(1)); }

Initialiser constant(double value) {
    return [value](const Tensor& weights, const InitialiserTerms&) { weights.fill(value); };
}

Initialiser constant(const Tensor& values) {
    return [values = values.clone()](const Tensor& weights, const InitialiserTerms&) {
        if (strided::try_broadcast(values.shape(), weights.shape()) != weights.shape())
            strided::fail("constant() was given values of shape " + to_string(values.shape()) +
                          ", which do not go into weights of shape " + to_string(weights.shape()) +
                          "; each size must be the weights' or 1");
        weights.assign(values);
    };
}

Initialiser uniform(double low, double high) {
    if (!(low <= high))
        strided::fail("uniform(" + std::to_string(low) + ", " + std::to_string(high) +
                      ") is no range; give the lower bound first");
    return [low, high](const Tensor& weights, const InitialiserTerms& terms) {
        fill_uniform(weights, terms.seed, low, high);
    };
}

Initialiser normal(double mean, double deviation) {
    if (!(deviation >= 0))
        strided::fail("normal() was given the deviation " + std::to_string(deviation) + "; it must be at least 0");
    return [mean, deviation](const Tensor& weights, const InitialiserTerms& terms) {
        fill_normal(weights, terms.seed, mean, deviation);
    };
}

Initialiser kaiming_uniform(double a) {
    return [a](const Tensor& weights, const InitialiserTerms& terms) {
        const std::int64_t inputs = fan_in(weights);
        if (inputs == 0) return;  // no elements
        const double bound = std::sqrt(6 / ((1 + a * a) * static_cast<double>(inputs)));
        fill_uniform(weights, terms.seed, -bound, bound);
    };
}

Initialiser kaiming_normal(double a) {
    return [a](const Tensor& weights, const InitialiserTerms& terms) {
        const std::int64_t inputs = fan_in(weights);
        if (inputs == 0) return;  // no elements
        fill_normal(weights, terms.seed, 0, std::sqrt(2 / ((1 + a * a) * static_cast<double>(inputs))));
    };
}

Initialiser bilinear() {
    return [](const Tensor& weights, const InitialiserTerms& terms) {
        if (weights.rank() < 3 || terms.groups < 1 || weights.shape(0) % terms.groups != 0)
            strided::fail("bilinear() was given weights of shape " + to_string(weights.shape()) + " and groups " +
                          std::to_string(terms.groups) +
                          "; it takes (channels, channels / groups, kernel...) with channels divisible by groups");
        const Tensor kernel = pyramid(Sizes(weights.shape().begin() + 2, weights.shape().end()));
        const std::int64_t in_group = weights.shape(0) / terms.groups;
        weights.fill(0);
        for (std::int64_t channel = 0; channel < weights.shape(0); ++channel)
            if (channel % in_group < weights.shape(1)) weights(channel, channel % in_group) = kernel;
    };
}

}  // namespace tconv::nn
