// What a tile kernel costs: cycles of one step of `rows` by `vectors`. Two multiply-adds and two loads a cycle, and a
// sum can be added to once in four cycles. True enough of AVX2 and AVX-512 cores of the last ten years to rank methods.
#pragma once

#include <algorithm>

namespace tconv::methods {

inline double step_cycles(double rows, double vectors) noexcept {
    return std::max({4.0, rows * vectors / 2, (rows + vectors + 1) / 2});
}

}  // namespace tconv::methods
