// Tensors as text, aligned as NumPy prints arrays:
//
//     [[ 0.  0.  1.]
//      [ 0.  4.  6.]
//      [ 4. 12.  9.]]
//
// Up to 8 digits after the point, as few as tell every element apart from its neighbours of the same type; scientific
// where the largest is at or above 1e8 (f32: 1e6), the smallest but zero below 1e-4, or their ratio above 1000; over
// 1000 elements are summarised with three at each edge; lines wrap at 75 columns. A tensor of shape () is printed as a
// number, with all the digits it needs. (NumPy 2.3 and later: str() with the defaults of set_printoptions.)
#pragma once

#include <iosfwd>
#include <string>

#include "tconv/tensor.h"

namespace tconv {

/// The text described above, without a line break at its end.
///@{
std::string to_string(const Tensor& tensor);
std::ostream& operator<<(std::ostream& out, const Tensor& tensor);
///@}

}  // namespace tconv
