// Order: how the elements of a variable (N, C, sizes...) lie in memory. Batch first is what contiguous() means. *Batch
// last* is (C, sizes..., N) seen through a transposed view: samples are the innermost axis, so small maps fill vectors
// with samples, and a channel's values lie together. Operations keep their input's order; shapes do not change with it.
#pragma once

#include "tconv/tensor.h"

namespace tconv::autograd {

enum class Order { batch_first, batch_last };

/// The order of a tensor whose elements lie densely in one of the two; contiguous ones are batch first, even where that
/// is the same.
bool is_batch_last(const Tensor& tensor);
inline Order order_of(const Tensor& tensor) { return is_batch_last(tensor) ? Order::batch_last : Order::batch_first; }

/// A tensor whose elements are not set, in an order. Throws BadResult (out of memory).
Tensor empty(const Shape& shape, DType dtype, Order order);

/// The tensor itself where it has the order, else a copy that has it.
Tensor in_order(const Tensor& tensor, Order order);

/// The tensor itself where it has one of the orders, else a copy that is batch first.
Tensor dense(const Tensor& tensor);

/// The shape of another tensor, its type, and the order that it has (it must have one).
inline Tensor empty_like(const Tensor& other) { return empty(other.shape(), other.dtype(), order_of(other)); }

/// A batch-last tensor as it lies, (C, sizes..., N): contiguous.
Tensor as_it_lies(const Tensor& batch_last);

}  // namespace tconv::autograd
