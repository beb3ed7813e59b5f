// Arithmetic on tensors, as NumPy's: elementwise with broadcasting, sums, products, comparison. A result is f64 where
// an operand is, else f32; plain numbers never widen it. Sums and products accumulate in double and round once.
// Everything here throws BadResult where shapes do not fit.
#pragma once

#include "tconv/tensor.h"

namespace tconv {

/// Element by element, in new memory; the shapes are broadcast to one another. Throws BadResult where they do not fit.
///@{
Tensor operator+(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& a, const Tensor& b);
Tensor operator*(const Tensor& a, const Tensor& b);
Tensor operator/(const Tensor& a, const Tensor& b);
Tensor operator+(const Tensor& a, double b);
Tensor operator-(const Tensor& a, double b);
Tensor operator*(const Tensor& a, double b);
Tensor operator/(const Tensor& a, double b);
Tensor operator+(double a, const Tensor& b);
Tensor operator-(double a, const Tensor& b);
Tensor operator*(double a, const Tensor& b);
Tensor operator/(double a, const Tensor& b);
Tensor operator-(const Tensor& a);
///@}

/// In place, through views too: y(Slice(i, i + h)) += x. The right side is broadcast to the left's shape, and may
/// overlap it. The result is the view that was written. Throws BadResult where the shapes do not fit.
///@{
Tensor operator+=(const Tensor& a, const Tensor& b);
Tensor operator-=(const Tensor& a, const Tensor& b);
Tensor operator*=(const Tensor& a, const Tensor& b);
Tensor operator/=(const Tensor& a, const Tensor& b);
Tensor operator+=(const Tensor& a, double b);
Tensor operator-=(const Tensor& a, double b);
Tensor operator*=(const Tensor& a, double b);
Tensor operator/=(const Tensor& a, double b);
///@}

/// The sum of all elements: a tensor of shape (); .item() is its number.
Tensor sum(const Tensor& a);

/// The product of matrices and vectors as NumPy's matmul for ranks 1 and 2: (n) . (n) is a number, (m, n) . (n) a
/// vector, (m, n) . (n, k) a matrix. dot is the same. Throws BadResult where the sizes differ.
///@{
Tensor matmul(const Tensor& a, const Tensor& b);
Tensor dot(const Tensor& a, const Tensor& b);
///@}

/// Whether |a - b| <= absolute + relative * |b| everywhere, after broadcasting; NaN is close to nothing, an infinity
/// only to itself. Shapes that cannot be broadcast are not close.
bool allclose(const Tensor& a, const Tensor& b, double relative = 1e-5, double absolute = 1e-8);

/// Same shape and same values.
bool array_equal(const Tensor& a, const Tensor& b);

}  // namespace tconv
