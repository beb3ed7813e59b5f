// Tensor: an n-dimensional array of f32 or f64: a shape, a stride per axis, and memory that is shared.
//
//     Tensor y = zeros({4, 4});                         // factories.h
//     y(Slice(0, 2), 1) += 2.5 * ones({2});             // a slice is a view: this writes into y
//     Tensor same = y;                                  // a copy of the handle: the same memory
//     Tensor other = y.clone();                         // its own memory
//
// As in NumPy and PyTorch, copies of a Tensor and slices of it are *views*: they see the same elements, and the memory
// lives as long as any of them. Assigning to a name rebinds the name; assigning to a slice writes through it:
//
//     y = other;            y now names other's memory
//     y(0) = other(1);      row 0 of y gets the values of row 1
//
// An index takes an axis away, a Slice keeps it, axes that are not named stay whole; negative numbers count from the
// end. Misuse (an index out of range, shapes that do not fit) throws BadResult with a sentence, as NumPy raises; what
// depends on data from outside (zeros() with a size from a file, to()) returns a Result instead. Arithmetic is in
// arithmetic.h, printing in print.h.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tconv/buffer.h"
#include "tconv/problem.h"
#include "tconv/result.h"

namespace tconv {

/// One size per axis, slowest first; none for a scalar.
using Shape = std::vector<std::int64_t>;

/// Product of the sizes (1 for a scalar). Errors (invalid_argument): a negative size, or over 2^62.
Result<std::int64_t> element_count(const Shape& shape);

/// "(1, 3, 8, 8)", as NumPy prints a shape.
std::string to_string(const Shape& shape);

/// What can name a position: an integer, but neither a truth value nor a letter.
template <class T>
concept Position = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

/// The end of an axis, however long: Slice(8, kEnd) is Python's 8:.
inline constexpr std::int64_t kEnd = INT64_MAX;

/// Elements begin, begin + 1, ... below end of an axis, as Python's begin:end; beyond the ends there is nothing, and
/// negative numbers count from the end. Slice() is the whole axis.
struct Slice {
    constexpr Slice() = default;
    /// Elements first, ... below last.
    template <Position First, Position Last>
    constexpr Slice(First first, Last last)
        : begin(static_cast<std::int64_t>(first)), end(static_cast<std::int64_t>(last)) {}

    std::int64_t begin = 0;   ///< the first element
    std::int64_t end = kEnd;  ///< one behind the last
};

/// A position on an axis (which then disappears), or a range of them.
class Index {
public:
    /// One element; implicit, as x(3) is written.
    template <Position T>
    constexpr Index(T position) : slice_(static_cast<std::int64_t>(position), 0), is_slice_(false) {}
    /// A range; implicit likewise.
    constexpr Index(Slice slice) : slice_(slice), is_slice_(true) {}

    /// Whether it is a range.
    constexpr bool is_slice() const noexcept { return is_slice_; }
    /// The position, where it is one.
    constexpr std::int64_t position() const noexcept { return slice_.begin; }
    /// The range, where it is one.
    constexpr Slice slice() const noexcept { return slice_; }

private:
    Slice slice_;
    bool is_slice_;
};

template <class T>
concept Indexing = Position<T> || std::same_as<T, Slice> || std::same_as<T, Index>;

template <class T>
concept Element = std::same_as<T, float> || std::same_as<T, double>;

/// An n-dimensional array; see the top of this file. Not thread-safe where one thread writes what another reads.
/// A const Tensor is a name that cannot be rebound; its elements can be written, as through any other view of them.
class Tensor {
public:
    /// No elements: shape (0,).
    Tensor() = default;

    /// New memory, all zero. Errors: invalid_argument (a negative size, too many elements), out_of_memory.
    static Result<Tensor> zeros(Shape shape, DType dtype);

    /// A contiguous tensor whose elements lie at the memory's beginning, as they are; whoever made the memory learns by
    /// its deleter when the last view of it is gone. Errors: invalid_argument as for zeros(), and where the memory is
    /// too small.
    static Result<Tensor> over(std::shared_ptr<AlignedBuffer> memory, Shape shape, DType dtype);

    // No moves: a copy is a handle, and a name that was moved from would be one without memory.
    /// Another name for the same memory.
    Tensor(const Tensor&) = default;
    /// Rebinds the name to the other's memory; what it named before is not changed.
    Tensor& operator=(const Tensor&) & = default;
    ~Tensor() = default;

    /// The size of every axis.
    const Shape& shape() const noexcept { return shape_; }
    /// The size of one axis; negative axes count from the end. Throws BadResult (no such axis).
    std::int64_t shape(std::int64_t axis) const;
    /// Elements from one position to the next, per axis.
    const Shape& strides() const noexcept { return strides_; }
    /// The elements' type.
    DType dtype() const noexcept { return dtype_; }
    /// The number of axes.
    std::int64_t rank() const noexcept { return static_cast<std::int64_t>(shape_.size()); }
    /// The number of elements.
    std::int64_t elements() const noexcept { return elements_; }
    /// Bytes of all elements; a view's memory may be larger.
    std::int64_t size_bytes() const noexcept { return elements_ * size_of(dtype_); }

    /// Whether the elements lie one after the other, the last axis fastest (C order).
    bool is_contiguous() const noexcept;
    /// Whether both are views of one memory.
    bool shares_memory_with(const Tensor& other) const noexcept { return memory_ && memory_ == other.memory_; }

    /// The first element's bytes; the rest follow as strides() says.
    ///@{
    std::byte* bytes() noexcept { return first_; }
    const std::byte* bytes() const noexcept { return first_; }
    ///@}

    /// The elements of a contiguous tensor; T must be float for f32 and double for f64. Throws BadResult otherwise.
    ///@{
    template <Element T>
    std::span<T> as() {
        check_as(sizeof(T));
        return {reinterpret_cast<T*>(first_), static_cast<std::size_t>(elements_)};
    }
    template <Element T>
    std::span<const T> as() const {
        check_as(sizeof(T));
        return {reinterpret_cast<const T*>(first_), static_cast<std::size_t>(elements_)};
    }
    ///@}

    /// A view: x(0, Slice(1, 3)), x(-1), x(Slice(), 2). Throws BadResult (too many indices, out of range).
    template <Indexing... Indices>
    Tensor operator()(Indices... indices) const {
        const std::array<Index, sizeof...(Indices)> list{Index(indices)...};
        return view(list);
    }
    /// The same, with the indices in a list.
    Tensor view(std::span<const Index> indices) const;

    /// The value of a tensor with one element. Throws BadResult (more, or none).
    double item() const;

    /// The same elements under another shape; one size may be -1, which means the rest. A view where the elements lie
    /// one after the other, a copy otherwise. Throws BadResult (another number of elements).
    Tensor reshape(Shape shape) const;
    /// A view with the axes in another order (each named once); all of them reversed where none is given.
    Tensor transpose(std::vector<std::int64_t> axes = {}) const;

    /// Its own memory, in C order. Throws BadResult (out of memory).
    Tensor clone() const;
    /// This tensor where it is contiguous, else a clone.
    Tensor contiguous() const;
    /// A copy with elements of `dtype` (rounded to nearest where it is narrower). Errors: out_of_memory.
    Result<Tensor> to(DType dtype) const;

    /// Writing through a slice: y(0) = values. The values are broadcast to the slice. Throws BadResult (shapes that do
    /// not fit). Assigning to a name is the ordinary assignment above. The result is this view, so that y(0) = y(1) =
    /// x.
    Tensor operator=(const Tensor& values) const&&;
    /// Writing one number through a slice: y(0) = 1.
    Tensor operator=(double value) const&&;
    /// Sets every element.
    void fill(double value) const;
    /// Sets every element from `values`, broadcast to this shape; the two may overlap. As in NumPy, axes of size 1 that
    /// `values` has too many in front do not matter.
    void assign(const Tensor& values) const;

private:
    void check_as(std::size_t element_bytes) const;

    Shape shape_{0};
    Shape strides_{1};
    DType dtype_ = DType::f32;
    std::int64_t elements_ = 0;
    std::shared_ptr<AlignedBuffer> memory_;
    std::byte* first_ = nullptr;
};

}  // namespace tconv
