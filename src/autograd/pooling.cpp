// Average and maximum of square windows over the last two axes.
#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include "autograd/order.h"
#include "autograd/parallel.h"
#include "tconv/operations.h"
#include "tensor/strided.h"

namespace tconv::autograd {
namespace {

using strided::fail;

// Planes of rows x columns become planes of out_rows x out_columns. Windows are taken in *runs* whose outputs lie one
// after the other and whose inputs lie `step` apart: the windows of a row, or, where samples are last, one window of
// every sample.
struct Windows {
    std::int64_t kernel, stride, planes = 1, rows = 0, columns = 0, out_rows = 0, out_columns = 0;
    std::int64_t inner = 1;  ///< values at each place of a plane: the samples, where these are last
    Order order = Order::batch_first;

    Windows(const char* name, std::int64_t kernel_size, std::int64_t distance)
        : kernel(kernel_size), stride(distance == 0 ? kernel_size : distance) {
        if (kernel < 1 || stride < 1)
            fail(std::string(name) + " was given kernel " + std::to_string(kernel) + " and stride " +
                 std::to_string(stride) + "; both must be at least 1 (stride 0: the kernel)");
    }

    /// An output for this input, which is dense.
    Tensor enter(const Tensor& x) {
        const Shape& shape = x.shape();
        if (shape.size() < 2 || shape[shape.size() - 2] < kernel || shape.back() < kernel)
            fail("a window of " + std::to_string(kernel) + " x " + std::to_string(kernel) +
                 " does not fit into x of shape " + to_string(shape) + "; its last two sizes must be at least that");
        Shape out = shape;
        for (std::size_t axis = 0; axis + 2 < shape.size(); ++axis) planes *= shape[axis];
        order = shape.size() > 2 ? order_of(x) : Order::batch_first;
        if (order == Order::batch_last) planes /= inner = shape[0];
        rows = shape[shape.size() - 2], columns = shape.back();
        out[shape.size() - 2] = out_rows = (rows - kernel) / stride + 1;
        out.back() = out_columns = (columns - kernel) / stride + 1;
        return empty(out, x.dtype(), order);
    }

    std::int64_t inputs() const noexcept { return rows * columns * inner; }
    std::int64_t outputs() const noexcept { return out_rows * out_columns * inner; }

    /// visit(large, small, plane) of every plane: where its inputs and its outputs begin.
    template <class T, class Visit>
    void for_each_plane(T* large, T* small, Visit visit) const {
        for_each_part(planes, planes * inputs(), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t plane = begin; plane < end; ++plane)
                visit(large + plane * inputs(), small + plane * outputs(), plane);
        });
    }

    /// visit(output, first, count, step) of every run of a plane; the step is a constant where it is 1 or 2.
    template <class Visit>
    void for_each_run(Visit visit) const {
        const auto visit_all = [&](auto step) {
            if (order == Order::batch_last) {
                std::int64_t output = 0;
                for (std::int64_t row = 0; row < out_rows; ++row)
                    for (std::int64_t column = 0; column < out_columns; ++column, output += inner)
                        visit(output, (row * stride * columns + column * stride) * inner, inner, step);
            } else {
                for (std::int64_t row = 0; row < out_rows; ++row)
                    visit(row * out_columns, row * stride * columns, out_columns, step);
            }
        };
        const std::int64_t step = order == Order::batch_last ? 1 : stride;
        if (step == 1) return visit_all(std::integral_constant<std::int64_t, 1>());
        if (step == 2) return visit_all(std::integral_constant<std::int64_t, 2>());
        visit_all(step);
    }

    /// visit(offset) of the places of a window, from that of its first.
    template <class Visit>
    void for_each_place(Visit visit) const {
        for (std::int64_t row = 0; row < kernel; ++row)
            for (std::int64_t column = 0; column < kernel; ++column) visit((row * columns + column) * inner);
    }
};

class AveragePool : public Operation {
public:
    explicit AveragePool(Windows windows) : windows_(windows) {}

    std::string_view name() const noexcept override { return "AvgPool2DBackward0"; }

    Tensor forward(std::span<const Tensor> inputs) override {
        const Tensor x = dense(inputs[0]), y = windows_.enter(x);
        input_shape_ = x.shape();
        with_type(x.dtype(), [&](auto zero) {
            using T = decltype(zero);
            windows_.for_each_plane(elements<T>(x), elements<T>(y), [this](const T* from, T* to, std::int64_t) {
                std::fill(to, to + windows_.outputs(), T(0));
                windows_.for_each_run([&](std::int64_t output, std::int64_t first, std::int64_t count, auto step) {
                    windows_.for_each_place([&](std::int64_t place) {
                        for (std::int64_t i = 0; i < count; ++i) to[output + i] += from[first + place + i * step];
                    });
                });
                for (std::int64_t i = 0; i < windows_.outputs(); ++i) to[i] *= share<T>();
            });
        });
        return y;
    }

    InputGrads vjp(const Tensor& output_grad, const std::vector<bool>&) override {
        const Tensor dy = in_order(output_grad, windows_.order), dx = empty(input_shape_, dy.dtype(), windows_.order);
        with_type(dy.dtype(), [&](auto zero) {
            using T = decltype(zero);
            windows_.for_each_plane(elements<T>(dx), elements<T>(dy), [this](T* to, const T* from, std::int64_t) {
                std::fill(to, to + windows_.inputs(), T(0));
                windows_.for_each_run([&](std::int64_t output, std::int64_t first, std::int64_t count, auto step) {
                    windows_.for_each_place([&](std::int64_t place) {
                        for (std::int64_t i = 0; i < count; ++i)
                            to[first + place + i * step] += from[output + i] * share<T>();
                    });
                });
            });
        });
        return {dx};
    }

private:
    template <class T>
    T share() const {
        return T(1) / static_cast<T>(windows_.kernel * windows_.kernel);
    }

    Windows windows_;
    Shape input_shape_;
};

class MaxPool : public Operation {
public:
    explicit MaxPool(Windows windows) : windows_(windows) {}

    std::string_view name() const noexcept override { return "MaxPool2DWithIndicesBackward0"; }

    Tensor forward(std::span<const Tensor> inputs) override {
        const Tensor x = dense(inputs[0]), y = windows_.enter(x);
        input_shape_ = x.shape();
        if (windows_.inputs() > INT32_MAX)
            fail("max_pool2d takes planes of up to 2^31 elements; x has shape " + to_string(x.shape()));
        chosen_.resize(static_cast<std::size_t>(y.elements()));
        with_type(x.dtype(), [&](auto zero) {
            using T = decltype(zero);
            windows_.for_each_plane(elements<T>(x), elements<T>(y), [&](const T* from, T* to, std::int64_t plane) {
                std::int32_t* const chosen = chosen_of(plane);
                windows_.for_each_run([&](std::int64_t output, std::int64_t first, std::int64_t count, auto step) {
                    choose(from, first, count, step, to + output, chosen + output);
                });
            });
        });
        return y;
    }

    InputGrads vjp(const Tensor& output_grad, const std::vector<bool>&) override {
        const Tensor dy = in_order(output_grad, windows_.order), dx = empty(input_shape_, dy.dtype(), windows_.order);
        with_type(dx.dtype(), [&](auto zero) {
            using T = decltype(zero);
            windows_.for_each_plane(elements<T>(dx), elements<T>(dy), [&](T* to, const T* from, std::int64_t plane) {
                const std::int32_t* const chosen = chosen_of(plane);
                std::fill(to, to + windows_.inputs(), T(0));
                for (std::int64_t i = 0; i < windows_.outputs(); ++i) to[chosen[i]] += from[i];
            });
        });
        return {dx};
    }

private:
    std::int32_t* chosen_of(std::int64_t plane) { return chosen_.data() + plane * windows_.outputs(); }

    // The largest of each window of a run, and where in the plane it is. Choices instead of branches, since it is
    // random which one is the largest.
    template <class T, class Step>
    void choose(const T* from, std::int64_t first, std::int64_t count, Step step, T* to, std::int32_t* chosen) const {
        const auto between = static_cast<std::int32_t>(step);
        for (std::int64_t i = 0; i < count; ++i) {
            to[i] = from[first + i * step];
            chosen[i] = static_cast<std::int32_t>(first) + static_cast<std::int32_t>(i) * between;
        }
        windows_.for_each_place([&](std::int64_t place) {
            if (place == 0) return;  // taken above
            const auto at = static_cast<std::int32_t>(first + place);
            const T* const values = from + first + place;
            for (std::int64_t i = 0; i < count; ++i) {
                const T value = values[i * step], before = to[i];
                const bool is_larger = (static_cast<int>(value > before) | static_cast<int>(value != value)) != 0;
                const std::int32_t number = at + static_cast<std::int32_t>(i) * between, same = chosen[i];
                to[i] = is_larger ? value : before;
                chosen[i] = is_larger ? number : same;
            }
        });
    }

    Windows windows_;
    Shape input_shape_;
    std::vector<std::int32_t> chosen_;  ///< per output, where in its plane its maximum is
};

}  // namespace

Variable average_pool2d(const Variable& x, std::int64_t kernel, std::int64_t stride) {
    return perform(std::make_unique<AveragePool>(Windows("average_pool2d", kernel, stride)), std::span(&x, 1));
}

Variable max_pool2d(const Variable& x, std::int64_t kernel, std::int64_t stride) {
    return perform(std::make_unique<MaxPool>(Windows("max_pool2d", kernel, stride)), std::span(&x, 1));
}

}  // namespace tconv::autograd
