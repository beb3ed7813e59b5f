// Is the kernel flipped? The kernel is the letter F, the input a single 1.
#include <iostream>

#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

using namespace tconv;

int main() {
    // [letter]
    const Tensor letter = tensor({{1, 1, 1}, {1, 0, 0}, {1, 1, 0}, {1, 0, 0}, {1, 0, 0}});
    nn::ConvTranspose2d stamps(1, 1, {5, 3}, {.bias = false});
    nn::Conv2d window(1, 1, {5, 3}, {.padding = {4, 2}, .bias = false});
    stamps.weight.data = letter.reshape({1, 1, 5, 3});
    window.weight = stamps.weight;

    const Tensor one = ones({1, 1, 1});
    std::cout << "transposed convolution\n" << stamps(one)(0) << "\nconvolution\n" << window(one)(0) << '\n';
    // [/letter]
    return 0;
}
