#include "tconv/interpolation.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace tconv {
namespace {

/// Keys' cubic convolution kernel with a = -1/2 ("Cubic convolution interpolation for digital image processing", eq.
/// 15).
double keys_cubic(double t) {
    t = std::abs(t);
    if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
    if (t < 2) return ((-0.5 * t + 2.5) * t - 4) * t + 2;
    return 0;
}

double weight_at(Interpolation kind, double t) {
    switch (kind) {
        case Interpolation::bilinear:
            return std::max(0.0, 1 - std::abs(t));
        case Interpolation::bicubic:
            return keys_cubic(t);
        default:
            return 1;  // every tap of a nearest kernel lies within half a pixel
    }
}

/// Input pixels on either side of an output that count.
std::int64_t reach(Interpolation kind) {
    return kind == Interpolation::nearest ? 0 : kind == Interpolation::bilinear ? 1 : 2;
}

}  // namespace

Result<InterpolationTaps> interpolation_taps(Interpolation kind, std::int64_t factor) {
    if (factor < 1 || factor > kLargestInterpolationFactor)
        return Error{ErrorCode::invalid_argument, "the factor " + std::to_string(factor) + " must be from 1 to " +
                                                      std::to_string(kLargestInterpolationFactor)};
    // f spans 2 * reach * s output pixels; for odd s the outermost one would have weight 0.
    const bool is_odd = factor % 2 == 1;
    const std::int64_t size = kind == Interpolation::nearest ? factor : 2 * reach(kind) * factor - (is_odd ? 1 : 0);
    InterpolationTaps axis{factor, (size - factor) / 2, {}};
    const auto s = static_cast<double>(factor);
    const double center = static_cast<double>(axis.padding) + (s - 1) / 2;
    for (std::int64_t tap = 0; tap < size; ++tap)
        axis.taps.push_back(weight_at(kind, (static_cast<double>(tap) - center) / s));
    return axis;
}

Result<Tensor> depthwise_weights(const InterpolationTaps& axis, std::int64_t channels, int rank, DType dtype) {
    if (rank < 1 || rank > Problem::kMaxRank)
        return Error{ErrorCode::invalid_argument,
                     "weights for " + std::to_string(rank) + " axes were asked for; use 1, 2 or 3"};
    Shape shape{channels, 1};
    shape.insert(shape.end(), static_cast<std::size_t>(rank), static_cast<std::int64_t>(axis.taps.size()));
    auto weights = Tensor::zeros(shape, dtype);
    if (!weights) return weights.error();
    const auto size = static_cast<std::int64_t>(axis.taps.size());
    for (std::int64_t at = 0; at < weights->elements(); ++at) {
        double product = 1;
        std::int64_t rest = at;
        for (int left = rank; left > 0; --left, rest /= size)
            product *= axis.taps[static_cast<std::size_t>(rest % size)];
        if (dtype == DType::f64)
            weights->as<double>()[static_cast<std::size_t>(at)] = product;
        else
            weights->as<float>()[static_cast<std::size_t>(at)] = static_cast<float>(product);
    }
    return weights;
}

}  // namespace tconv
