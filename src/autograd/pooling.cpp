// Average and maximum of square windows over the last two axes.
#include <cmath>
#include <utility>
#include <vector>

#include "autograd/memory.h"
#include "autograd/parallel.h"
#include "tconv/operations.h"
#include "tensor/strided.h"

namespace tconv::autograd {
namespace {

using strided::fail;

// Planes of rows x columns become planes of out_rows x out_columns.
struct Windows {
    std::int64_t kernel, stride, planes = 1, rows = 0, columns = 0, out_rows = 0, out_columns = 0;

    Windows(const char* name, std::int64_t kernel_size, std::int64_t distance)
        : kernel(kernel_size), stride(distance == 0 ? kernel_size : distance) {
        if (kernel < 1 || stride < 1)
            fail(std::string(name) + " was given kernel " + std::to_string(kernel) + " and stride " +
                 std::to_string(stride) + "; both must be at least 1 (stride 0: the kernel)");
    }

    /// The output's shape.
    Shape enter(const Shape& shape) {
        if (shape.size() < 2 || shape[shape.size() - 2] < kernel || shape.back() < kernel)
            fail("a window of " + std::to_string(kernel) + " x " + std::to_string(kernel) +
                 " does not fit into x of shape " + to_string(shape) + "; its last two sizes must be at least that");
        Shape out = shape;
        for (std::size_t axis = 0; axis + 2 < shape.size(); ++axis) planes *= shape[axis];
        rows = shape[shape.size() - 2], columns = shape.back();
        out[shape.size() - 2] = out_rows = (rows - kernel) / stride + 1;
        out.back() = out_columns = (columns - kernel) / stride + 1;
        return out;
    }

    std::int64_t outputs() const noexcept { return out_rows * out_columns; }

    /// visit(output, first): the output's number in its plane, and the number of its window's first element.
    template <class Visit>
    void for_each(Visit visit) const {
        std::int64_t output = 0;
        for (std::int64_t row = 0; row < out_rows; ++row)
            for (std::int64_t column = 0; column < out_columns; ++column)
                visit(output++, row * stride * columns + column * stride);
    }
};

class AveragePool : public Operation {
public:
    explicit AveragePool(Windows windows) : windows_(windows) {}

    std::string_view name() const noexcept override { return "AvgPool2DBackward0"; }

    Tensor forward(std::span<const Tensor> inputs) override {
        const Tensor x = inputs[0].contiguous(), y = empty(windows_.enter(x.shape()), x.dtype());
        input_shape_ = x.shape();
        for_each_plane(x, y, [this](const auto* from, auto* to) {
            using T = std::remove_reference_t<decltype(*to)>;
            const T share = T(1) / static_cast<T>(windows_.kernel * windows_.kernel);
            windows_.for_each([&](std::int64_t output, std::int64_t first) {
                T total = 0;
                for (std::int64_t row = 0; row < windows_.kernel; ++row)
                    for (std::int64_t column = 0; column < windows_.kernel; ++column)
                        total += from[first + row * windows_.columns + column];
                to[output] = total * share;
            });
        });
        return y;
    }

    InputGrads vjp(const Tensor& output_grad, const std::vector<bool>&) override {
        const Tensor dy = output_grad.contiguous(), dx = empty(input_shape_, dy.dtype());
        for_each_plane(dx, dy, [this](auto* to, const auto* from) {
            using T = std::remove_reference_t<decltype(*to)>;
            const T share = T(1) / static_cast<T>(windows_.kernel * windows_.kernel);
            std::fill(to, to + windows_.rows * windows_.columns, T(0));
            windows_.for_each([&](std::int64_t output, std::int64_t first) {
                for (std::int64_t row = 0; row < windows_.kernel; ++row)
                    for (std::int64_t column = 0; column < windows_.kernel; ++column)
                        to[first + row * windows_.columns + column] += from[output] * share;
            });
        });
        return {dx};
    }

private:
    template <class Body>
    void for_each_plane(const Tensor& x, const Tensor& y, Body body) const {
        with_type(x.dtype(), [&](auto zero) {
            using T = decltype(zero);
            T *large = elements<T>(x), *small = elements<T>(y);
            for_each_part(windows_.planes, x.elements(), [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t plane = begin; plane < end; ++plane)
                    body(large + plane * windows_.rows * windows_.columns, small + plane * windows_.outputs());
            });
        });
    }

    Windows windows_;
    Shape input_shape_;
};

class MaxPool : public Operation {
public:
    explicit MaxPool(Windows windows) : windows_(windows) {}

    std::string_view name() const noexcept override { return "MaxPool2DWithIndicesBackward0"; }

    Tensor forward(std::span<const Tensor> inputs) override {
        const Tensor x = inputs[0].contiguous(), y = empty(windows_.enter(x.shape()), x.dtype());
        input_shape_ = x.shape();
        if (windows_.rows * windows_.columns > INT32_MAX)
            fail("max_pool2d takes planes of up to 2^31 elements; x has shape " + to_string(x.shape()));
        chosen_.resize(static_cast<std::size_t>(y.elements()));
        with_type(x.dtype(), [&](auto zero) {
            using T = decltype(zero);
            const T* large = elements<T>(x);
            T* small = elements<T>(y);
            for_each_part(windows_.planes, x.elements(), [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t plane = begin; plane < end; ++plane)
                    choose(large + plane * windows_.rows * windows_.columns, small + plane * windows_.outputs(),
                           chosen_.data() + plane * windows_.outputs());
            });
        });
        return y;
    }

    InputGrads vjp(const Tensor& output_grad, const std::vector<bool>&) override {
        const Tensor dy = output_grad.contiguous(), dx = empty(input_shape_, dy.dtype());
        with_type(dx.dtype(), [&](auto zero) {
            using T = decltype(zero);
            T* large = elements<T>(dx);
            const T* small = elements<T>(dy);
            const std::int64_t inner = windows_.rows * windows_.columns, outer = windows_.outputs();
            for_each_part(windows_.planes, dx.elements(), [&](std::int64_t begin, std::int64_t end) {
                std::fill(large + begin * inner, large + end * inner, T(0));
                for (std::int64_t plane = begin; plane < end; ++plane)
                    for (std::int64_t i = plane * outer; i < (plane + 1) * outer; ++i)
                        large[plane * inner + chosen_[static_cast<std::size_t>(i)]] += small[i];
            });
        });
        return {dx};
    }

private:
    // Choices instead of branches: which element is the largest is random.
    template <class T>
    void choose(const T* x, T* y, std::int32_t* chosen) const {
        windows_.for_each([&](std::int64_t output, std::int64_t first) {
            std::int64_t best = first;
            T largest = x[first];
            for (std::int64_t row = 0; row < windows_.kernel; ++row)
                for (std::int64_t column = 0; column < windows_.kernel; ++column) {
                    const std::int64_t at = first + row * windows_.columns + column;
                    const T value = x[at];
                    const bool is_larger = (static_cast<int>(value > largest) | static_cast<int>(value != value)) != 0;
                    best = is_larger ? at : best;
                    largest = is_larger ? value : largest;
                }
            y[output] = largest;
            chosen[output] = static_cast<std::int32_t>(best);
        });
    }

    Windows windows_;
    Shape input_shape_;
    std::vector<std::int32_t> chosen_;  ///< per output, the number of its maximum in the plane
};

}  // namespace

Variable average_pool2d(const Variable& x, std::int64_t kernel, std::int64_t stride) {
    return perform(std::make_unique<AveragePool>(Windows("average_pool2d", kernel, stride)), std::span(&x, 1));
}

Variable max_pool2d(const Variable& x, std::int64_t kernel, std::int64_t stride) {
    return perform(std::make_unique<MaxPool>(Windows("max_pool2d", kernel, stride)), std::span(&x, 1));
}

}  // namespace tconv::autograd
