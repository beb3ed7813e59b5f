// A convolution and a transposed convolution that share their weights: what one does forward, the other does backward.
#include <iostream>

#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

using namespace tconv;

int main() {
    // [exchange]
    nn::Conv2d down(3, 10, 4, {.stride = 2, .padding = 1, .bias = false});
    nn::ConvTranspose2d up(10, 3, 4, {.stride = 2, .padding = 1, .bias = false});
    up.weight = down.weight;  // (10, 3, 4, 4) is the shape of both

    const Tensor fine = uniform({1, 3, 8, 8}, 1), coarse = uniform({1, 10, 4, 4}, 2);
    const auto down_back = down.backward(fine, coarse);  // x is fine, dL/dy is coarse
    const auto up_back = up.backward(coarse, fine);      // x is coarse, dL/dy is fine

    std::cout << std::boolalpha  //
              << "up(coarse)  is down's gradient for its input: " << allclose(up(coarse), down_back.input_grad) << '\n'
              << "down(fine)  is up's gradient for its input:   " << allclose(down(fine), up_back.input_grad) << '\n'
              << "both have the same gradient for the weights:  "
              << allclose(*down_back.weight_grad, *up_back.weight_grad) << '\n'
              << "<down(fine), coarse> = <fine, up(coarse)>:    "
              << allclose(sum(down(fine) * coarse), sum(fine * up(coarse))) << '\n';
    // [/exchange]
    return 0;
}
