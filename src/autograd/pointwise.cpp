// Operations element by element. Each derivative is found from the output alone, which the next layer keeps anyway.
#include <cmath>
#include <utility>

#include "autograd/order.h"
#include "autograd/parallel.h"
#include "tconv/operations.h"
#include "tensor/strided.h"

namespace tconv::autograd {
namespace {

// y = f(x) and dx = dy * f'(x), written with y. A struct of functions on float and double. Both sides of a choice are
// computed before it, so that loops become vectors: signs are random, and a branch at each would be guessed wrongly.
struct Relu {
    static constexpr std::string_view kName = "ReluBackward0";
    template <class T>
    T value(T x) const noexcept {
        return x < 0 ? T(0) : x;
    }
    template <class T>
    T grad(T y, T dy) const noexcept {
        return y <= 0 ? T(0) : dy;
    }
};

struct LeakyRelu {
    static constexpr std::string_view kName = "LeakyReluBackward0";
    double slope;
    template <class T>
    T value(T x) const noexcept {
        const T scaled = static_cast<T>(slope) * x;
        return x > 0 ? x : scaled;
    }
    template <class T>
    T grad(T y, T dy) const noexcept {
        const T scaled = static_cast<T>(slope) * dy;
        return y > 0 ? dy : scaled;
    }
};

struct Tanh {
    static constexpr std::string_view kName = "TanhBackward0";
    template <class T>
    T value(T x) const noexcept {
        return std::tanh(x);
    }
    template <class T>
    T grad(T y, T dy) const noexcept {
        return dy * (1 - y * y);
    }
};

struct Sigmoid {
    static constexpr std::string_view kName = "SigmoidBackward0";
    template <class T>
    T value(T x) const noexcept {
        return 1 / (1 + std::exp(-x));
    }
    template <class T>
    T grad(T y, T dy) const noexcept {
        return dy * (1 - y) * y;
    }
};

template <class Function>
class Pointwise : public Operation {
public:
    explicit Pointwise(Function function) : function_(function) {}

    std::string_view name() const noexcept override { return Function::kName; }

    Tensor forward(std::span<const Tensor> inputs) override {
        const Tensor x = dense(inputs[0]);
        y_ = empty_like(x);
        with_type(x.dtype(), [&](auto zero) {
            using T = decltype(zero);
            const T* from = elements<T>(x);
            T* to = elements<T>(y_);
            for_each_part(x.elements(), x.elements(), [=, function = function_](std::int64_t begin, std::int64_t end) {
                for (std::int64_t i = begin; i < end; ++i) to[i] = function.value(from[i]);
            });
        });
        return y_;
    }

    InputGrads vjp(const Tensor& output_grad, const std::vector<bool>&) override {
        const Tensor dy = in_order(output_grad, order_of(y_)), dx = empty_like(y_);
        with_type(dy.dtype(), [&](auto zero) {
            using T = decltype(zero);
            const T *y = elements<T>(y_), *from = elements<T>(dy);
            T* to = elements<T>(dx);
            for_each_part(dy.elements(), dy.elements(),
                          [=, function = function_](std::int64_t begin, std::int64_t end) {
                              for (std::int64_t i = begin; i < end; ++i) to[i] = function.grad(y[i], from[i]);
                          });
        });
        return {dx};
    }

private:
    Function function_;
    Tensor y_;
};

class Add : public Operation {
public:
    std::string_view name() const noexcept override { return "AddBackward0"; }

    Tensor forward(std::span<const Tensor> inputs) override {
        if (inputs[0].shape() != inputs[1].shape() || inputs[0].dtype() != inputs[1].dtype())
            strided::fail("add takes two variables of one shape and type, but was given " +
                          to_string(inputs[0].shape()) + " and " + to_string(inputs[1].shape()));
        const Tensor a = dense(inputs[0]), b = in_order(inputs[1], order_of(a)), sum = empty_like(a);
        with_type(a.dtype(), [&](auto zero) {
            using T = decltype(zero);
            const T *x = elements<T>(a), *y = elements<T>(b);
            T* z = elements<T>(sum);
            for_each_part(a.elements(), a.elements(), [=](std::int64_t begin, std::int64_t end) {
                for (std::int64_t i = begin; i < end; ++i) z[i] = x[i] + y[i];
            });
        });
        return sum;
    }

    InputGrads vjp(const Tensor& output_grad, const std::vector<bool>&) override { return {output_grad, output_grad}; }
};

template <class Function>
Variable pointwise(const Variable& x, Function function) {
    return perform(std::make_unique<Pointwise<Function>>(function), std::span(&x, 1));
}

}  // namespace

Variable relu(const Variable& x) { return pointwise(x, Relu{}); }

Variable leaky_relu(const Variable& x, double slope) {
    if (!(slope > 0))
        strided::fail("leaky_relu was given the slope " + std::to_string(slope) +
                      "; it must be above 0, and relu() is without one");
    return pointwise(x, LeakyRelu{slope});
}

Variable tanh(const Variable& x) { return pointwise(x, Tanh{}); }
Variable sigmoid(const Variable& x) { return pointwise(x, Sigmoid{}); }
Variable add(const Variable& a, const Variable& b) { return perform(std::make_unique<Add>(), std::vector{a, b}); }

}  // namespace tconv::autograd
