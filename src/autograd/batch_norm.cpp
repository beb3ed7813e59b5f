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
#include "autograd/order.h"
#include "autograd/parallel.h"
#include "tconv/factories.h"
#include "tconv/operations.h"
#include "tensor/strided.h"

namespace tconv::autograd {
namespace {

using strided::fail;

// A sum of many terms: side by side in the elements' own type, so that the compiler can use vectors, and every so many
// of them into a double. The order depends on the sizes alone.
template <class T>
class Sum {
public:
    static constexpr std::int64_t kLanes = 16;

    /// Adds term(i) for i in [0, count).
    template <class Term>
    void add(std::int64_t count, Term term) noexcept {
        for (std::int64_t begin = 0; begin < count;) {
            const std::int64_t end = std::min(count, begin + kMost - filled_);
            std::int64_t i = begin;
            for (; i + kLanes <= end; i += kLanes)
                for (std::int64_t lane = 0; lane < kLanes; ++lane)
                    lanes_[static_cast<std::size_t>(lane)] += term(i + lane);
            for (std::size_t lane = 0; i < end; ++i, ++lane) lanes_[lane] += term(i);
            filled_ += end - begin;
            begin = end;
            if (filled_ == kMost) flush();
        }
    }

    double total() noexcept {
        flush();
        return total_;
    }

private:
    static constexpr std::int64_t kMost = 1024;

    void flush() noexcept {
        for (T& lane : lanes_) total_ += static_cast<double>(std::exchange(lane, T(0)));
        filled_ = 0;
    }

    std::array<T, kLanes> lanes_{};
    std::int64_t filled_ = 0;
    double total_ = 0;
};

// (batch, channels, positions), as they lie.
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
        x_ = dense(inputs[0]);
        check(inputs);
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
        const Tensor dy = in_order(output_grad, order_of(x_)), dx = empty_like(x_);
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
        if (is_batch_last(x_)) planes_ = {1, planes_.channels, planes_.count()};  // a channel lies together
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
            Sum<T> sum, squares;
            for (std::int64_t n = 0; n < planes_.batch; ++n)
                sum.add(planes_.positions, [at = x + planes_.offset(n, c)](std::int64_t i) { return at[i]; });
            mean = sum.total() / m;
            const T center = static_cast<T>(mean);
            for (std::int64_t n = 0; n < planes_.batch; ++n)
                squares.add(planes_.positions, [at = x + planes_.offset(n, c), center](std::int64_t i) {
                    return (at[i] - center) * (at[i] - center);
                });
            const double offset = static_cast<double>(center) - mean;  // what rounding the mean added
            variance = std::max(0.0, squares.total() / m - offset * offset);
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
        Sum<T> grads, products;
        for (std::int64_t n = 0; n < planes_.batch; ++n) {
            const T *g = dy + planes_.offset(n, c), *at = x + planes_.offset(n, c);
            grads.add(planes_.positions, [g](std::int64_t i) { return g[i]; });
            products.add(planes_.positions, [g, at, center](std::int64_t i) { return g[i] * (at[i] - center); });
        }
        const double dbias = grads.total(), dot = products.total();
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
