// The smallest real program: one layer, and what it computes.
#include <iostream>

#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

int main() {
    // [first]
    using namespace tconv;
    const Tensor x = tensor({{{{1, 2}, {3, 4}}}});  // (1, 1, 2, 2): samples, channels, rows, columns
    nn::ConvTranspose2d layer(1, 1, 3, {.stride = 2, .bias = false});
    layer.weight.data = ones({1, 1, 3, 3});  // (C_in, C_out / groups, rows, columns)
    std::cout << layer(x) << '\n';
    // [/first]
    return 0;
}
