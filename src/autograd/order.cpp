#include "autograd/order.h"

#include <algorithm>
#include <numeric>

#include "autograd/memory.h"
#include "autograd/parallel.h"

namespace tconv::autograd {
namespace {

// Rows and columns exchanged, in blocks that stay in the nearest cache.
template <class T>
void transpose(const T* from, std::int64_t rows, std::int64_t columns, T* to) {
    constexpr std::int64_t kBlock = 32;
    for_each_part((columns + kBlock - 1) / kBlock, rows * columns, [=](std::int64_t begin, std::int64_t end) {
        for (std::int64_t block = begin; block < end; ++block) {
            const std::int64_t left = block * kBlock, right = std::min(left + kBlock, columns);
            for (std::int64_t top = 0; top < rows; top += kBlock) {
                const std::int64_t bottom = std::min(top + kBlock, rows);
                for (std::int64_t column = left; column < right; ++column)
                    for (std::int64_t row = top; row < bottom; ++row)
                        to[column * rows + row] = from[row * columns + column];
            }
        }
    });
}

// 1, 2, ..., 0: where the axes of what lies (C, sizes..., N) are in (N, C, sizes...).
std::vector<std::int64_t> batch_to_the_end(std::int64_t rank) {
    std::vector<std::int64_t> axes(static_cast<std::size_t>(rank));
    std::iota(axes.begin(), axes.end(), std::int64_t{0});
    std::rotate(axes.begin(), axes.begin() + 1, axes.end());
    return axes;
}

}  // namespace

bool is_batch_last(const Tensor& tensor) {
    return tensor.rank() >= 2 && !tensor.is_contiguous() && as_it_lies(tensor).is_contiguous();
}

Tensor as_it_lies(const Tensor& batch_last) { return batch_last.transpose(batch_to_the_end(batch_last.rank())); }

Tensor empty(const Shape& shape, DType dtype, Order order) {
    if (order == Order::batch_first || shape.size() < 2) return empty(shape, dtype);
    Shape lying = shape;
    std::rotate(lying.begin(), lying.begin() + 1, lying.end());
    std::vector<std::int64_t> axes(shape.size());
    std::iota(axes.begin(), axes.end(), std::int64_t{0});
    std::rotate(axes.begin(), axes.end() - 1, axes.end());
    return empty(lying, dtype).transpose(axes);
}

Tensor in_order(const Tensor& tensor, Order order) {
    if (order == Order::batch_first && tensor.is_contiguous()) return tensor;
    if (tensor.rank() < 2) return tensor.contiguous();
    if (order == Order::batch_last && as_it_lies(tensor).is_contiguous()) return tensor;
    const bool is_last = is_batch_last(tensor);
    const Tensor from = is_last ? tensor : tensor.contiguous();
    if (is_last == (order == Order::batch_last)) return from;
    const Tensor to = empty(tensor.shape(), tensor.dtype(), order);
    const std::int64_t batch = tensor.shape(0), rest = batch > 0 ? tensor.elements() / batch : 0;
    with_type(tensor.dtype(), [&](auto zero) {
        using T = decltype(zero);
        if (is_last)
            transpose(elements<T>(from), rest, batch, elements<T>(to));
        else
            transpose(elements<T>(from), batch, rest, elements<T>(to));
    });
    return to;
}

Tensor dense(const Tensor& tensor) { return is_batch_last(tensor) ? tensor : tensor.contiguous(); }

}  // namespace tconv::autograd
