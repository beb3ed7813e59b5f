// The definition, twice: every input value stamps the kernel, or every output value gathers what reaches it.
#include <cstdint>
#include <iostream>

#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/print.h"

using namespace tconv;

namespace {

// [stamping]
Tensor by_stamping(const Tensor& x, const Tensor& kernel) {
    const std::int64_t h = kernel.shape(0), w = kernel.shape(1);
    Tensor y = zeros({x.shape(0) + h - 1, x.shape(1) + w - 1});
    for (std::int64_t i = 0; i < x.shape(0); ++i)
        for (std::int64_t j = 0; j < x.shape(1); ++j) y(Slice(i, i + h), Slice(j, j + w)) += x(i, j) * kernel;
    return y;
}
// [/stamping]

// [gathering]
Tensor by_gathering(const Tensor& x, const Tensor& kernel) {
    const std::int64_t h = kernel.shape(0), w = kernel.shape(1);
    const auto is_inside = [&](std::int64_t i, std::int64_t j) {
        return 0 <= i && i < x.shape(0) && 0 <= j && j < x.shape(1);
    };
    Tensor y = zeros({x.shape(0) + h - 1, x.shape(1) + w - 1});
    for (std::int64_t row = 0; row < y.shape(0); ++row)
        for (std::int64_t column = 0; column < y.shape(1); ++column)
            for (std::int64_t a = 0; a < h; ++a)
                for (std::int64_t b = 0; b < w; ++b)
                    if (is_inside(row - a, column - b)) y(row, column) += x(row - a, column - b) * kernel(a, b);
    return y;
}
// [/gathering]

}  // namespace

int main() {
    const Tensor x = tensor({{0, 1}, {2, 3}}), kernel = tensor({{0, 1}, {2, 3}});
    const Tensor stamped = by_stamping(x, kernel), gathered = by_gathering(x, kernel);
    std::cout << stamped << "\ngathering gives " << (array_equal(stamped, gathered) ? "the same" : "something else")
              << '\n';
    return array_equal(stamped, gathered) ? 0 : 1;
}
