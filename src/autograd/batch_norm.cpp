// Batch normalisation. Per channel, over samples and positions, with m values, mean u and variance v:
//
//     h = (x - u) / sqrt(v + epsilon)        y = weight h + bias
//     dbias = sum dy      dweight = sum dy h      dx = weight / sqrt(v + epsilon) (dy - dbias / m - h dweight / m)
//
// where u and v are the running statistics, the last two terms are not there.
#include <array>
#include <cmath>
#include <utility>

#include "autograd/memory.h"
#include "autograd/parallel.h"
#include "tconv/factories.h"
#include "tconv/operations.h"
#include "tensor/strided.h"

namespace tconv::autograd {
namespace {

using strided::fail;

// Sums in the elements' own type, side by side so that the compiler can use vectors, and only for so many elements;
// these go into a double.
constexpr std::int64_t kLanes = 16, kRun = 1024;

// The sum of term(i) over [0, count).
template <class T, class Term>
double sum(std::int64_t count, Term term) noexcept {
    double total = 0;
    for (std::int64_t begin = 0; begin < count; begin += kRun) {
        const std::int64_t end = std::min(begin + kRun, count);
        std::array<T, kLanes> lanes{};
        std::int64_t i = begin;
        for (; i + kLanes <= end; i += kLanes)
            for (std::int64_t lane = 0; lane < kLanes; ++lane) lanes[static_cast<std::size_t>(lane)] += term(i + lane);
        for (const T lane : lanes) total += static_cast<double>(lane);
        for (; i < end; ++i) total += static_cast<double>(term(i));
    }
    return total;
}

// (batch, channels, positions) of a contiguous tensor.
struct Planes {
    std::int64_t batch, channels, positions;
    std::int64_t count() const noexcept { return batch * positions; }
    std::int64_t offset(std::int64_t sample, std::int64_t channel) const noexcept {
        return (sample * channels + channel) * positions;
    }
};

class BatchNorm : public Operation {
public:
    explicit BatchNorm(BatchNormTerms terms) : terms_(std::move(terms)) {}

    std::string_view name() const noexcept override { return "NativeBatchNormBackward0"; }

    Tensor forward(std::span<const Tensor> inputs) override {
        check(inputs);
        x_ = inputs[0].contiguous();
        weight_ = inputs[1].contiguous();
        const Tensor bias = inputs[2].contiguous(), y = empty_like(x_);
        mean_ = zeros({planes_.channels}, DType::f64);
        inverse_ = zeros({planes_.channels}, DType::f64);
        with_type(x_.dtype(), [&](auto zero) {
            using T = decltype(zero);
            for_each_part(planes_.channels, x_.elements(), [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t c = begin; c < end; ++c) normalise<T>(c, elements<T>(bias)[c], elements<T>(y));
            });
        });
        return y;
    }

    InputGrads vjp(const Tensor& output_grad, const std::vector<bool>&) override {
        const Tensor dy = output_grad.contiguous(), dx = empty_like(dy);
        const Tensor weight_grad = empty_like(weight_), bias_grad = empty_like(weight_);
        with_type(dy.dtype(), [&](auto zero) {
            using T = decltype(zero);
            for_each_part(planes_.channels, dy.elements(), [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t c = begin; c < end; ++c) {
                    const auto [dweight, dbias] = differentiate<T>(c, elements<T>(dy), elements<T>(dx));
                    elements<T>(weight_grad)[c] = static_cast<T>(dweight);
                    elements<T>(bias_grad)[c] = static_cast<T>(dbias);
                }
            });
        });
        return {dx, weight_grad, bias_grad};
    }

private:
    void check(std::span<const Tensor> inputs) {
        const Shape& shape = inputs[0].shape();
        if (shape.size() < 2)
            fail("batch_norm takes x (N, C) or (N, C, sizes...), but was given shape " + to_string(shape));
        planes_ = {shape[0], shape[1], 1};
        for (std::size_t axis = 2; axis < shape.size(); ++axis) planes_.positions *= shape[axis];
        for (const Tensor& one : {inputs[1], inputs[2], terms_.running_mean, terms_.running_variance})
            if (one.shape() != Shape{planes_.channels} || one.dtype() != inputs[0].dtype() || !one.is_contiguous())
                fail("batch_norm of x of shape " + to_string(shape) + " was given an array of shape " +
                     to_string(one.shape()) +
                     "; weight, bias and both running statistics hold one value per channel, of x's type");
        if (terms_.is_training && planes_.count() < 2)
            fail("batch_norm of x of shape " + to_string(shape) +
                 " has one value per channel to take a variance of; give more samples, or evaluate without training");
    }

    template <class T>
    void normalise(std::int64_t c, T bias, T* y) {
        const T* x = elements<T>(x_);
        double mean = 0, variance = 0;
        if (terms_.is_training) {
            const auto m = static_cast<double>(planes_.count());
            for (std::int64_t n = 0; n < planes_.batch; ++n)
                mean += sum<T>(planes_.positions, [at = x + planes_.offset(n, c)](std::int64_t i) { return at[i]; });
            mean /= m;
            const T center = static_cast<T>(mean);
            for (std::int64_t n = 0; n < planes_.batch; ++n)
                variance += sum<T>(planes_.positions, [at = x + planes_.offset(n, c), center](std::int64_t i) {
                    return (at[i] - center) * (at[i] - center);
                });
            const double offset = static_cast<double>(center) - mean;  // what rounding the mean added
            variance = std::max(0.0, variance / m - offset * offset);
            update<T>(c, mean, variance * m / (m - 1));
        } else {
            mean = static_cast<double>(elements<T>(terms_.running_mean)[c]);
            variance = static_cast<double>(elements<T>(terms_.running_variance)[c]);
        }
        const double inverse = 1 / std::sqrt(variance + terms_.epsilon);
        elements<double>(mean_)[c] = mean;
        elements<double>(inverse_)[c] = inverse;
        const double scale = inverse * static_cast<double>(elements<T>(weight_)[c]);
        const T factor = static_cast<T>(scale), center = static_cast<T>(mean);
        for (std::int64_t n = 0; n < planes_.batch; ++n) {
            const T* from = x + planes_.offset(n, c);
            T* to = y + planes_.offset(n, c);
            for (std::int64_t i = 0; i < planes_.positions; ++i) to[i] = (from[i] - center) * factor + bias;
        }
    }

    template <class T>
    void update(std::int64_t c, double mean, double variance) {
        const auto blend = [this](T& running, double now) {
            running = static_cast<T>((1 - terms_.momentum) * static_cast<double>(running) + terms_.momentum * now);
        };
        blend(elements<T>(terms_.running_mean)[c], mean);
        blend(elements<T>(terms_.running_variance)[c], variance);
    }

    // dweight and dbias; writes dx.
    template <class T>
    std::pair<double, double> differentiate(std::int64_t c, const T* dy, T* dx) const {
        const T* x = elements<T>(x_);
        const double inverse = elements<double>(inverse_)[c], m = static_cast<double>(planes_.count());
        const T center = static_cast<T>(elements<double>(mean_)[c]);
        double dbias = 0, dot = 0;
        for (std::int64_t n = 0; n < planes_.batch; ++n) {
            const T *g = dy + planes_.offset(n, c), *at = x + planes_.offset(n, c);
            dbias += sum<T>(planes_.positions, [g](std::int64_t i) { return g[i]; });
            dot += sum<T>(planes_.positions, [g, at, center](std::int64_t i) { return g[i] * (at[i] - center); });
        }
        const double scale = inverse * static_cast<double>(elements<T>(weight_)[c]);
        const bool moves = terms_.is_training;  // whether the statistics depend on x
        const T factor = static_cast<T>(scale);
        const T slope = static_cast<T>(moves ? inverse * inverse * dot / m : 0);
        const T shift = static_cast<T>(moves ? dbias / m : 0);
        for (std::int64_t n = 0; n < planes_.batch; ++n) {
            const T *g = dy + planes_.offset(n, c), *at = x + planes_.offset(n, c);
            T* to = dx + planes_.offset(n, c);
            for (std::int64_t i = 0; i < planes_.positions; ++i)
                to[i] = (g[i] - shift - (at[i] - center) * slope) * factor;
        }
        return {dot * inverse, dbias};
    }

    BatchNormTerms terms_;
    Planes planes_{};
    Tensor x_, weight_, mean_, inverse_;
};

}  // namespace

Variable batch_norm(const Variable& x, const Variable& weight, const Variable& bias, const BatchNormTerms& terms) {
    return perform(std::make_unique<BatchNorm>(terms), std::vector{x, weight, bias});
}

}  // namespace tconv::autograd
