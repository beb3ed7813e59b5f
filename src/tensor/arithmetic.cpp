#include "tconv/arithmetic.h"

#include <cmath>

#include "tconv/factories.h"
#include "tensor/strided.h"

namespace tconv {
namespace {

DType wider(const Tensor& a, const Tensor& b) {
    return a.dtype() == DType::f64 || b.dtype() == DType::f64 ? DType::f64 : DType::f32;
}

// A number beside a tensor: of the tensor's type, so that it widens nothing.
Tensor number(double value, const Tensor& beside) { return full({}, value, beside.dtype()); }

template <class Operation>
Tensor combine(const Tensor& a, const Tensor& b, Operation operation) {
    const Shape shape = strided::broadcast(a.shape(), b.shape());
    Tensor result = zeros(shape, wider(a, b));
    strided::for_each<3>(shape, {result.strides(), strided::strides_under(a, shape), strided::strides_under(b, shape)},
                         [&](const auto& at) {
                             strided::store(result, at[0], operation(strided::load(a, at[1]), strided::load(b, at[2])));
                         });
    return result;
}

template <class Operation>
Tensor combine_in_place(const Tensor& a, const Tensor& b, Operation operation) {
    const Tensor values = a.shares_memory_with(b) ? b.clone() : b;
    Tensor target = a;
    strided::for_each<2>(a.shape(), {a.strides(), strided::strides_under(values, a.shape())}, [&](const auto& at) {
        strided::store(target, at[0], operation(strided::load(target, at[0]), strided::load(values, at[1])));
    });
    return a;
}

constexpr auto kAdd = [](double x, double y) { return x + y; };
constexpr auto kSubtract = [](double x, double y) { return x - y; };
constexpr auto kMultiply = [](double x, double y) { return x * y; };
constexpr auto kDivide = [](double x, double y) { return x / y; };

}  // namespace

Tensor operator+(const Tensor& a, const Tensor& b) { return combine(a, b, kAdd); }
Tensor operator-(const Tensor& a, const Tensor& b) { return combine(a, b, kSubtract); }
Tensor operator*(const Tensor& a, const Tensor& b) { return combine(a, b, kMultiply); }
Tensor operator/(const Tensor& a, const Tensor& b) { return combine(a, b, kDivide); }
Tensor operator+(const Tensor& a, double b) { return a + number(b, a); }
Tensor operator-(const Tensor& a, double b) { return a - number(b, a); }
Tensor operator*(const Tensor& a, double b) { return a * number(b, a); }
Tensor operator/(const Tensor& a, double b) { return a / number(b, a); }
Tensor operator+(double a, const Tensor& b) { return number(a, b) + b; }
Tensor operator-(double a, const Tensor& b) { return number(a, b) - b; }
Tensor operator*(double a, const Tensor& b) { return number(a, b) * b; }
Tensor operator/(double a, const Tensor& b) { return number(a, b) / b; }
Tensor operator-(const Tensor& a) { return combine(a, number(-1, a), kMultiply); }

Tensor operator+=(const Tensor& a, const Tensor& b) { return combine_in_place(a, b, kAdd); }
Tensor operator-=(const Tensor& a, const Tensor& b) { return combine_in_place(a, b, kSubtract); }
Tensor operator*=(const Tensor& a, const Tensor& b) { return combine_in_place(a, b, kMultiply); }
Tensor operator/=(const Tensor& a, const Tensor& b) { return combine_in_place(a, b, kDivide); }
Tensor operator+=(const Tensor& a, double b) { return a += number(b, a); }
Tensor operator-=(const Tensor& a, double b) { return a -= number(b, a); }
Tensor operator*=(const Tensor& a, double b) { return a *= number(b, a); }
Tensor operator/=(const Tensor& a, double b) { return a /= number(b, a); }

Tensor sum(const Tensor& a) {
    double total = 0;
    strided::for_each<1>(a.shape(), {a.strides()}, [&](const auto& at) { total += strided::load(a, at[0]); });
    return full({}, total, a.dtype());
}

Tensor matmul(const Tensor& a, const Tensor& b) {
    const bool is_row = a.rank() == 1, is_column = b.rank() == 1;
    if (a.rank() < 1 || a.rank() > 2 || b.rank() < 1 || b.rank() > 2 || a.shape(-1) != b.shape(0))
        strided::fail("matmul of shapes " + to_string(a.shape()) + " and " + to_string(b.shape()) +
                      " is not possible; it takes (m, n) or (n) and (n, k) or (n)");
    const std::int64_t rows = is_row ? 1 : a.shape(0), inner = b.shape(0), columns = is_column ? 1 : b.shape(1);
    const std::int64_t row_step = is_row ? 0 : a.strides()[0], column_step = is_column ? 0 : b.strides()[1];
    Shape shape;
    if (!is_row) shape.push_back(rows);
    if (!is_column) shape.push_back(columns);
    Tensor product = zeros(shape, wider(a, b));
    for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t column = 0; column < columns; ++column) {
            double total = 0;
            for (std::int64_t i = 0; i < inner; ++i)
                total += strided::load(a, row * row_step + i * a.strides().back()) *
                         strided::load(b, i * b.strides().front() + column * column_step);
            strided::store(product, row * columns + column, total);
        }
    return product;
}

Tensor dot(const Tensor& a, const Tensor& b) { return matmul(a, b); }

bool allclose(const Tensor& a, const Tensor& b, double relative, double absolute) {
    const auto shape = strided::try_broadcast(a.shape(), b.shape());
    if (!shape) return false;
    bool is_close = true;
    strided::for_each<2>(*shape, {strided::strides_under(a, *shape), strided::strides_under(b, *shape)},
                         [&](const auto& at) {
                             const double x = strided::load(a, at[0]), y = strided::load(b, at[1]);
                             const double room = absolute + relative * std::abs(y);
                             is_close = is_close && (x == y || (std::isfinite(y) && std::abs(x - y) <= room));
                         });
    return is_close;
}

bool array_equal(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && allclose(a, b, /*relative=*/0, /*absolute=*/0);
}

}  // namespace tconv
