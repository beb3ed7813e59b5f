// The other way to see a stride: zeros between the inputs, then an ordinary convolution with the kernel turned around.
#include <iostream>

#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

using namespace tconv;

int main() {
    // [zero_stuffing]
    nn::ConvTranspose1d stamps(1, 1, 3, {.stride = 2, .bias = false});
    stamps.weight.data = tensor({{{1, 2, 3}}});
    std::cout << "stamping       " << stamps(tensor({{1, 10, 100}})) << '\n';

    // One zero between neighbours (stride - 1), two around (kernel - 1); the kernel turned by 180 degrees; stride 1.
    nn::Conv1d window(1, 1, 3, {.padding = 2, .bias = false});
    window.weight.data = tensor({{{3, 2, 1}}});
    std::cout << "zero-stuffing  " << window(tensor({{1, 0, 10, 0, 100}})) << '\n';
    // [/zero_stuffing]
    return 0;
}
