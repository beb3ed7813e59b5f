// Memory for what operations make. Fresh pages cost the system more time than most operations take, so memory that a
// tensor gives back is kept and given to the next one of about its size; a training step lives on the memory of the
// step before it.
#pragma once

#include "tconv/tensor.h"

namespace tconv::autograd {

/// A tensor whose elements are not set. Throws BadResult (out of memory).
Tensor empty(const Shape& shape, DType dtype);

/// The same shape and type as another tensor.
inline Tensor empty_like(const Tensor& other) { return empty(other.shape(), other.dtype()); }

}  // namespace tconv::autograd
