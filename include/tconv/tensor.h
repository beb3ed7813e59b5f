// Tensor: the smallest owning n-dimensional array that files and commands need: a shape, an element type, and
// contiguous memory in C order (the last axis varies fastest).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tconv/buffer.h"
#include "tconv/problem.h"
#include "tconv/result.h"

namespace tconv {

using Shape = std::vector<std::int64_t>;

/// Product of the sizes (1 for a scalar). Errors (invalid_argument): a negative size, or over 2^62.
Result<std::int64_t> element_count(const Shape& shape);

/// "(1, 3, 8, 8)", as NumPy prints a shape.
std::string to_string(const Shape& shape);

/// An owned array, zero at first. Moves; clone() copies.
class Tensor {
public:
    Tensor() = default;

    /// Errors: invalid_argument (a negative size, too many elements), out_of_memory.
    static Result<Tensor> zeros(Shape shape, DType dtype);

    const Shape& shape() const noexcept { return shape_; }
    DType dtype() const noexcept { return dtype_; }
    std::int64_t rank() const noexcept { return static_cast<std::int64_t>(shape_.size()); }
    std::int64_t elements() const noexcept { return elements_; }
    std::int64_t size_bytes() const noexcept { return elements_ * size_of(dtype_); }

    std::byte* bytes() noexcept { return buffer_.data(); }
    const std::byte* bytes() const noexcept { return buffer_.data(); }

    /// The elements; T must be float for f32 and double for f64.
    template <class T>
    std::span<T> as() noexcept {
        return {reinterpret_cast<T*>(buffer_.data()), static_cast<std::size_t>(elements_)};
    }
    template <class T>
    std::span<const T> as() const noexcept {
        return {reinterpret_cast<const T*>(buffer_.data()), static_cast<std::size_t>(elements_)};
    }

    /// The same elements under another shape of the same count. Errors: invalid_argument.
    Result<void> reshape(Shape shape);

    /// A copy with elements of `dtype` (rounded to nearest where it is narrower). Errors: out_of_memory.
    Result<Tensor> to(DType dtype) const;
    Result<Tensor> clone() const { return to(dtype_); }

private:
    Shape shape_{0};
    DType dtype_ = DType::f32;
    std::int64_t elements_ = 0;
    AlignedBuffer buffer_;
};

}  // namespace tconv
