// Making tensors: from nested lists, constants, ranges and random numbers. All throw BadResult when the shape is
// negative or the memory is not there.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "tconv/tensor.h"

namespace tconv {

/// Numbers nested as an array is: {{1, 2}, {3, 4}}.
class NestedList {
public:
    /// One number; implicit, so that numbers can be written as they are.
    template <class T>
        requires std::integral<T> || std::floating_point<T>
    NestedList(T value) : value_(static_cast<double>(value)) {}
    /// A list of numbers or of lists.
    NestedList(std::initializer_list<NestedList> children) : children_(children), is_list_(true) {}

    /// Whether it is a list and not a number.
    bool is_list() const noexcept { return is_list_; }
    /// The number; 0 for a list.
    double value() const noexcept { return value_; }
    /// The list's entries; none for a number.
    const std::vector<NestedList>& children() const noexcept { return children_; }

private:
    double value_ = 0;
    std::vector<NestedList> children_;
    bool is_list_ = false;
};

/// A tensor with the list's shape and values: tensor({{1, 2}, {3, 4}}) is (2, 2). Throws BadResult where rows differ in
/// length.
Tensor tensor(const NestedList& values, DType dtype = DType::f32);

/// Every element is 0, or 1, or the value.
///@{
Tensor zeros(const Shape& shape, DType dtype = DType::f32);
Tensor ones(const Shape& shape, DType dtype = DType::f32);
Tensor full(const Shape& shape, double value, DType dtype = DType::f32);
///@}

/// begin, begin + step, ... before end, as NumPy's arange: ceil((end - begin) / step) elements, so that rounding can
/// let one more in: arange(1, 1.3, 0.1) has 4. Throws BadResult where the step is 0 or the elements are without end.
Tensor arange(double begin, double end, double step = 1, DType dtype = DType::f32);
/// 0, 1, ..., below end.
Tensor arange(double end);

/// Random numbers that depend on the seed alone (64-bit Mersenne Twister); on other machines at most the last bit
/// differs, where compilers and mathematical libraries round differently.
/// uniform: in [low, high), or low where both are the same. normal: Gaussian (Box-Muller). Both throw BadResult where
/// the parameters are not finite, low is above high, or the deviation is negative.
///@{
Tensor uniform(const Shape& shape, std::uint64_t seed, double low = 0, double high = 1, DType dtype = DType::f32);
Tensor normal(const Shape& shape, std::uint64_t seed, double mean = 0, double deviation = 1, DType dtype = DType::f32);
///@}

}  // namespace tconv
