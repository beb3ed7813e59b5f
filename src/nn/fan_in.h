// fan_in: how many inputs one output is computed from, as PyTorch counts them.
#pragma once

#include "tconv/tensor.h"

namespace tconv::nn {

/// The weights' second size times their taps, for transposed layers too; 0 for weights without elements. Throws
/// BadResult below rank 2. (torch.nn.init._calculate_fan_in_and_fan_out)
std::int64_t fan_in(const Tensor& weights);

}  // namespace tconv::nn
