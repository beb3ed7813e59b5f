// Operations that move elements: concatenation along an axis, and another shape.
#include <algorithm>
#include <cstring>
#include <utility>

#include "autograd/order.h"
#include "tconv/operations.h"
#include "tensor/strided.h"

namespace tconv::autograd {
namespace {

using strided::fail;

class Concat : public Operation {
public:
    explicit Concat(std::int64_t axis) : axis_(axis) {}

    std::string_view name() const noexcept override { return "CatBackward0"; }

    Tensor forward(std::span<const Tensor> inputs) override {
        const Shape& first = inputs[0].shape();
        const auto axis = static_cast<std::size_t>(axis_);
        Shape whole = first;
        whole[axis] = 0;
        for (const Tensor& input : inputs) {
            Shape expected = first;
            if (input.rank() == inputs[0].rank()) expected[axis] = input.shape()[axis];
            if (input.shape() != expected || input.dtype() != inputs[0].dtype())
                fail("concat along axis " + std::to_string(axis_) + " was given shapes " + to_string(first) + " and " +
                     to_string(input.shape()) + "; all other sizes, and the types, must be the same");
            widths_.push_back(input.shape()[axis]);
            whole[axis] += widths_.back();
        }
        order_ = order_of(inputs[0]);
        const Tensor joined = empty(whole, inputs[0].dtype(), order_);
        for (std::size_t i = 0; i < inputs.size(); ++i) copy_part(in_order(inputs[i], order_), joined, i, true);
        return joined;
    }

    InputGrads vjp(const Tensor& output_grad, const std::vector<bool>& wanted) override {
        const Tensor dy = in_order(output_grad, order_);
        InputGrads grads(wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            if (!wanted[i]) continue;
            Shape shape = dy.shape();
            shape[static_cast<std::size_t>(axis_)] = widths_[i];
            copy_part(grads[i].emplace(empty(shape, dy.dtype(), order_)), dy, i, false);
        }
        return grads;
    }

private:
    // Between a part and its place in the whole; both in order_.
    void copy_part(const Tensor& given_part, const Tensor& given_whole, std::size_t index, bool into_whole) const {
        const bool is_last = order_ == Order::batch_last;
        Tensor part = is_last ? as_it_lies(given_part) : given_part;
        Tensor whole = is_last ? as_it_lies(given_whole) : given_whole;
        const auto axis = static_cast<std::size_t>(!is_last ? axis_ : axis_ > 0 ? axis_ - 1 : whole.rank() - 1);
        std::int64_t outer = 1, inner = size_of(whole.dtype()), before = 0;
        for (std::size_t i = 0; i < whole.shape().size(); ++i)
            (i < axis ? outer : inner) *= i == axis ? 1 : whole.shape()[i];
        for (std::size_t i = 0; i < index; ++i) before += widths_[i];
        const auto bytes = static_cast<std::size_t>(widths_[index] * inner);
        if (bytes == 0) return;
        for (std::int64_t row = 0; row < outer; ++row) {
            std::byte* at = whole.bytes() + (row * whole.shape()[axis] + before) * inner;
            std::byte* own = part.bytes() + row * widths_[index] * inner;
            std::memcpy(into_whole ? at : own, into_whole ? own : at, bytes);
        }
    }

    std::int64_t axis_;
    Order order_ = Order::batch_first;
    std::vector<std::int64_t> widths_;
};

class Reshape : public Operation {
public:
    explicit Reshape(Shape shape) : shape_(std::move(shape)) {}

    std::string_view name() const noexcept override { return "ViewBackward0"; }

    Tensor forward(std::span<const Tensor> inputs) override {
        before_ = inputs[0].shape();
        return in_order(inputs[0], Order::batch_first).reshape(shape_);
    }
    InputGrads vjp(const Tensor& output_grad, const std::vector<bool>&) override {
        return {in_order(output_grad, Order::batch_first).reshape(before_)};
    }

private:
    Shape shape_, before_;
};

// The same values in another order.
class Reorder : public Operation {
public:
    explicit Reorder(Order order) : order_(order) {}

    std::string_view name() const noexcept override { return "CloneBackward0"; }
    Tensor forward(std::span<const Tensor> inputs) override { return in_order(inputs[0], order_); }
    InputGrads vjp(const Tensor& output_grad, const std::vector<bool>&) override { return {output_grad}; }

private:
    Order order_;
};

}  // namespace

Variable concat(std::span<const Variable> parts, std::int64_t axis) {
    if (parts.empty()) fail("concat was given nothing; give at least one variable");
    const std::int64_t rank = parts[0].data().rank();
    if (axis < -rank || axis >= rank)
        fail("concat along axis " + std::to_string(axis) + " of a variable with " + std::to_string(rank) +
             " axes is not possible");
    return perform(std::make_unique<Concat>(axis < 0 ? axis + rank : axis), parts);
}

Variable batch_last(const Variable& x) {
    return perform(std::make_unique<Reorder>(Order::batch_last), std::span(&x, 1));
}

Variable batch_first(const Variable& x) {
    return perform(std::make_unique<Reorder>(Order::batch_first), std::span(&x, 1));
}

Variable reshape(const Variable& x, const Shape& shape) {
    return perform(std::make_unique<Reshape>(shape), std::span(&x, 1));
}

}  // namespace tconv::autograd
