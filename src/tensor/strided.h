// Walking tensors that lie in memory anyhow: broadcasting, and a visit of every element by its stride.
#pragma once

#include <array>
#include <cstring>
#include <optional>

#include "tconv/tensor.h"

namespace tconv::strided {

/// Throws BadResult with an invalid_argument sentence.
[[noreturn]] void fail(std::string sentence);

/// NumPy's broadcast of two shapes: axes are matched from the last, and a size of 1 stretches; nothing where they do
/// not go together. broadcast() throws BadResult then.
std::optional<Shape> try_broadcast(const Shape& a, const Shape& b);
Shape broadcast(const Shape& a, const Shape& b);

/// The strides with which a tensor is seen under a larger shape: 0 where it is stretched. Throws BadResult where its
/// shape does not broadcast to that one.
Shape strides_under(const Tensor& tensor, const Shape& shape);

/// Calls visit(offsets) for every element of `shape` in C order; offsets[i] is the element's offset under strides[i].
template <std::size_t N, class Visit>
void for_each(const Shape& shape, const std::array<Shape, N>& strides, Visit&& visit) {
    std::array<std::int64_t, N> offsets{};
    for (const std::int64_t size : shape)
        if (size == 0) return;
    if (shape.empty()) return visit(offsets);
    Shape at(shape.size(), 0);
    const std::size_t last = shape.size() - 1;
    while (true) {
        std::array<std::int64_t, N> inner = offsets;
        for (std::int64_t i = 0; i < shape[last]; ++i) {
            visit(inner);
            for (std::size_t n = 0; n < N; ++n) inner[n] += strides[n][last];
        }
        std::size_t axis = last;
        while (axis > 0) {
            --axis;
            for (std::size_t n = 0; n < N; ++n) offsets[n] += strides[n][axis];
            if (++at[axis] < shape[axis]) break;
            for (std::size_t n = 0; n < N; ++n) offsets[n] -= strides[n][axis] * shape[axis];
            at[axis] = 0;
            if (axis == 0) return;
        }
        if (last == 0) return;
    }
}

/// Reads or writes one element as a double.
inline double load(const Tensor& tensor, std::int64_t offset) noexcept {
    const std::byte* at = tensor.bytes() + offset * size_of(tensor.dtype());
    if (tensor.dtype() == DType::f64) return *reinterpret_cast<const double*>(at);
    return static_cast<double>(*reinterpret_cast<const float*>(at));
}
inline void store(Tensor& tensor, std::int64_t offset, double value) noexcept {
    std::byte* at = tensor.bytes() + offset * size_of(tensor.dtype());
    if (tensor.dtype() == DType::f64)
        *reinterpret_cast<double*>(at) = value;
    else
        *reinterpret_cast<float*>(at) = static_cast<float>(value);
}

}  // namespace tconv::strided
