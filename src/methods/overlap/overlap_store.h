// The two ends of a block of accumulators acc[sample][position][unit] (overlap_tiling.h): they begin as the bias, and
// go as activation(acc + residual) into an output of any strides, one time. In between only sums are added.
#pragma once

#include <cstdint>

#include "kernels/kernel_set.h"
#include "methods/overlap/overlap_tiling.h"
#include "tconv/strides.h"

namespace tconv::methods {

/// Elements of the buffer that storing needs.
std::int64_t store_buffer_elements(const OverlapTiling& tiling) noexcept;

/// `bias` has one number for each of the `channels` that are not padding; null: zeros.
template <class T>
void begin_accumulators(const T* bias, std::int64_t channels, std::int64_t unit, std::int64_t positions,
                        T* accumulators);

/// Where a block goes; pointers are to its first position and channel.
template <class T>
struct OverlapOutput {
    OverlapTiling::PerAxis<std::int64_t> sizes{};    ///< positions of this block
    OverlapTiling::PerAxis<std::int64_t> strides{};  ///< of its accumulators, in elements
    std::int64_t channels = 0;                       ///< that are not padding
    std::int64_t unit = 0;
    const T* residual = nullptr;
    T* output = nullptr;
    SideStrides write{};
    kernels::Stores stores = kernels::Stores::cached;
};

/// The accumulators are changed: an activation is applied where they lie.
template <class T>
void store_accumulators(const kernels::KernelSet<T>& set, const Activation& activation, const OverlapOutput<T>& to,
                        T* accumulators, T* buffer);

}  // namespace tconv::methods
