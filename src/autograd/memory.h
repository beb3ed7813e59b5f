// Memory for what operations make. Fresh pages cost the system more time than most operations take, so memory that a
// tensor gives back is kept and given to the next one of about its size; a training step lives on the memory of the
// step before it.
#pragma once

#include "tconv/tensor.h"

namespace tconv::autograd {

/// A tensor whose elements are not set. Throws BadResult (out of memory).
Tensor empty(const Shape& shape, DType dtype);

}  // namespace tconv::autograd
