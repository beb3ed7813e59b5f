// A convolution after its transposed convolution gives the shape back, not the values.
#include <iostream>

#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

using namespace tconv;

int main() {
    // [not_an_inverse]
    nn::ConvTranspose1d up(1, 1, 3, {.stride = 2, .bias = false});
    nn::Conv1d down(1, 1, 3, {.stride = 2, .bias = false});
    up.weight.data = tensor({{{1, 2, 1}}});
    down.weight = up.weight;

    const Tensor x = tensor({{1, 2, 3}});
    std::cout << "x           " << x << "\nup(x)       " << up(x) << "\ndown(up(x)) " << down(up(x)) << '\n';
    // [/not_an_inverse]
    return 0;
}
