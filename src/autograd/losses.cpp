// Losses: means over all elements, or over all samples and positions, summed in double and in one order.
#include <algorithm>
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

// Each item's loss is computed on any thread; they are added afterwards.
double sum_of(const Tensor& items) {
    double total = 0;
    for (std::int64_t i = 0; i < items.elements(); ++i) total += elements<double>(items)[i];
    return total;
}

Tensor scalar(double value, DType dtype) { return full({}, value, dtype); }

// softmax over channels; logits (N, C, positions).
class CrossEntropy : public Operation {
public:
    CrossEntropy(Labels labels, std::int64_t rank) : labels_(std::move(labels)), rank_(rank) {}

    std::string_view name() const noexcept override { return rank_ > 2 ? "NllLoss2DBackward0" : "NllLossBackward0"; }

    Tensor forward(std::span<const Tensor> inputs) override {
        const Tensor logits = dense(inputs[0]);
        check(logits.shape());
        if (is_batch_last(logits)) {
            samples_inside_ = batch_;  // (C, positions, N): one sample with more positions
            positions_ *= std::exchange(batch_, 1);
        }
        probabilities_ = empty_like(logits);
        const Tensor losses = empty({batch_ * positions_}, DType::f64);
        with_type(logits.dtype(), [&](auto zero) {
            using T = decltype(zero);
            for_each_block(8 * logits.elements(), [&](std::int64_t n, std::int64_t at, std::int64_t count) {
                softmax(elements<T>(logits), n, at, count, elements<double>(losses));
            });
        });
        return scalar(sum_of(losses) / static_cast<double>(batch_ * positions_), logits.dtype());
    }

    InputGrads vjp(const Tensor& output_grad, const std::vector<bool>&) override {
        const Tensor dx = empty_like(probabilities_);
        const double share = output_grad.item() / static_cast<double>(batch_ * positions_);
        with_type(dx.dtype(), [&](auto zero) {
            using T = decltype(zero);
            const T *p = elements<T>(probabilities_), factor = static_cast<T>(share);
            T* to = elements<T>(dx);
            for_each_block(dx.elements(), [&](std::int64_t n, std::int64_t at, std::int64_t count) {
                for (std::int64_t c = 0; c < channels_; ++c)
                    for (std::int64_t i = offset(n, c, at); i < offset(n, c, at) + count; ++i) to[i] = p[i] * factor;
                for (std::int64_t i = at; i < at + count; ++i) to[offset(n, label(n, i), i)] -= factor;
            });
        });
        return {dx};
    }

private:
    void check(const Shape& shape) {
        if (rank_ < 2) fail("cross_entropy takes logits (N, C) or (N, C, sizes...), not shape " + to_string(shape));
        batch_ = shape[0], channels_ = shape[1], positions_ = 1;
        for (std::size_t axis = 2; axis < shape.size(); ++axis) positions_ *= shape[axis];
        if (static_cast<std::int64_t>(labels_.size()) != batch_ * positions_ || labels_.empty())
            fail("cross_entropy of logits " + to_string(shape) + " takes " + std::to_string(batch_ * positions_) +
                 " labels, and at least one, but was given " + std::to_string(labels_.size()));
        const auto wrong = std::find_if(labels_.begin(), labels_.end(),
                                        [this](auto label) { return label < 0 || label >= channels_; });
        if (wrong != labels_.end())
            fail("cross_entropy was given the label " + std::to_string(*wrong) + ", but there are " +
                 std::to_string(channels_) + " classes; labels count from 0");
    }

    std::int64_t offset(std::int64_t n, std::int64_t channel, std::int64_t at) const noexcept {
        return (n * channels_ + channel) * positions_ + at;
    }
    std::int64_t label(std::int64_t n, std::int64_t at) const noexcept {
        const std::int64_t given = samples_inside_ == 1
                                       ? n * positions_ + at
                                       : at % samples_inside_ * (positions_ / samples_inside_) + at / samples_inside_;
        return labels_[static_cast<std::size_t>(given)];
    }

    // body(n, at, count) for blocks of positions of every sample.
    template <class Body>
    void for_each_block(std::int64_t cost, const Body& body) const {
        const std::int64_t blocks = (positions_ + kBlock - 1) / kBlock;
        for_each_part(batch_ * blocks, cost, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t block = begin; block < end; ++block) {
                const std::int64_t at = block % blocks * kBlock;
                body(block / blocks, at, std::min(kBlock, positions_ - at));
            }
        });
    }

    // The probabilities of `count` positions from `at`, and their losses; channel by channel, as they lie.
    template <class T>
    void softmax(const T* logits, std::int64_t n, std::int64_t at, std::int64_t count, double* losses) {
        T* const p = elements<T>(probabilities_);
        std::array<T, kBlock> largest, totals{};
        const auto from = [&](std::int64_t c) { return logits + offset(n, c, at); };
        std::copy(from(0), from(0) + count, largest.begin());
        for (std::int64_t c = 1; c < channels_; ++c)
            for (std::int64_t i = 0; i < count; ++i) {
                T& most = largest[static_cast<std::size_t>(i)];
                most = from(c)[i] > most ? from(c)[i] : most;
            }
        for (std::int64_t c = 0; c < channels_; ++c) {
            T* const to = p + offset(n, c, at);
            for (std::int64_t i = 0; i < count; ++i) to[i] = from(c)[i] - largest[static_cast<std::size_t>(i)];
            for (std::int64_t i = 0; i < count; ++i) to[i] = std::exp(to[i]);
            for (std::int64_t i = 0; i < count; ++i) totals[static_cast<std::size_t>(i)] += to[i];
        }
        for (std::int64_t i = 0; i < count; ++i) {
            const T* const own = from(label(n, at + i));
            losses[n * positions_ + at + i] = std::log(static_cast<double>(totals[static_cast<std::size_t>(i)])) -
                                              static_cast<double>(own[i] - largest[static_cast<std::size_t>(i)]);
        }
        for (T& total : totals) total = 1 / total;
        for (std::int64_t c = 0; c < channels_; ++c)
            for (std::int64_t i = 0; i < count; ++i) p[offset(n, c, at) + i] *= totals[static_cast<std::size_t>(i)];
    }

    static constexpr std::int64_t kBlock = 128;
    Labels labels_;
    std::int64_t rank_;
    std::int64_t batch_ = 0, channels_ = 0, positions_ = 0;
    std::int64_t samples_inside_ = 1;  ///< samples are the innermost of the positions
    Tensor probabilities_;
};

// A mean over all elements of a function of x and a target: a struct with its value and its derivative by x.
struct LogisticLoss {
    static constexpr std::string_view kName = "BinaryCrossEntropyWithLogitsBackward0";
    // log(1 + exp(-x)) where t = 1; the larger exponent is taken out, so that nothing overflows.
    double value(double x, double t) const noexcept {
        return std::max(x, 0.0) - x * t + std::log1p(std::exp(-std::abs(x)));
    }
    double grad(double x, double t) const noexcept { return 1 / (1 + std::exp(-x)) - t; }
};

struct SquaredLoss {
    static constexpr std::string_view kName = "MseLossBackward0";
    double value(double x, double t) const noexcept { return (x - t) * (x - t); }
    double grad(double x, double t) const noexcept { return 2 * (x - t); }
};

template <class Function>
class MeanLoss : public Operation {
public:
    explicit MeanLoss(const Tensor& target) : target_(target.contiguous()) {}

    std::string_view name() const noexcept override { return Function::kName; }

    Tensor forward(std::span<const Tensor> inputs) override {
        x_ = in_order(inputs[0], Order::batch_first);
        if (x_.shape() != target_.shape() || x_.dtype() != target_.dtype() || x_.elements() == 0)
            fail("a loss of x of shape " + to_string(x_.shape()) + " was given a target of shape " +
                 to_string(target_.shape()) + "; both must have one shape, one type, and at least one element");
        double total = 0;
        with_type(x_.dtype(), [&](auto zero) {
            using T = decltype(zero);
            for (std::int64_t i = 0; i < x_.elements(); ++i)
                total += Function().value(static_cast<double>(elements<T>(x_)[i]),
                                          static_cast<double>(elements<T>(target_)[i]));
        });
        return scalar(total / static_cast<double>(x_.elements()), x_.dtype());
    }

    InputGrads vjp(const Tensor& output_grad, const std::vector<bool>&) override {
        const Tensor dx = empty_like(x_);
        const double share = output_grad.item() / static_cast<double>(x_.elements());
        with_type(x_.dtype(), [&](auto zero) {
            using T = decltype(zero);
            for (std::int64_t i = 0; i < x_.elements(); ++i)
                elements<T>(dx)[i] =
                    static_cast<T>(share * Function().grad(static_cast<double>(elements<T>(x_)[i]),
                                                           static_cast<double>(elements<T>(target_)[i])));
        });
        return {dx};
    }

private:
    Tensor target_, x_;
};

}  // namespace

Variable cross_entropy(const Variable& logits, const Labels& labels) {
    return perform(std::make_unique<CrossEntropy>(labels, logits.data().rank()), std::span(&logits, 1));
}

Variable binary_cross_entropy_with_logits(const Variable& logits, double target) {
    return binary_cross_entropy_with_logits(logits, full(logits.shape(), target, logits.dtype()));
}

Variable binary_cross_entropy_with_logits(const Variable& logits, const Tensor& targets) {
    return perform(std::make_unique<MeanLoss<LogisticLoss>>(targets), std::span(&logits, 1));
}

Variable mse_loss(const Variable& x, const Tensor& target) {
    return perform(std::make_unique<MeanLoss<SquaredLoss>>(target), std::span(&x, 1));
}

}  // namespace tconv::autograd
