// The five cases of the first seed document as one program.
#include <iostream>

#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

int main() {
    // [five_cases]
    using namespace tconv;
    const Tensor input = tensor({{{{1, 2}, {3, 4}}}});  // (1, 1, 2, 2)

    nn::ConvTranspose2d basic(1, 1, 3, {.bias = false});
    nn::ConvTranspose2d stride(1, 1, 3, {.stride = 2, .bias = false});
    nn::ConvTranspose2d padding(1, 1, 3, {.stride = 2, .padding = 2, .bias = false});
    nn::ConvTranspose2d output_padding(1, 1, 4, {.stride = 3, .output_padding = 2, .bias = false});
    nn::ConvTranspose2d dilation(1, 1, 2, {.stride = 2, .dilation = 2, .bias = false});

    for (auto* layer : {&basic, &stride, &padding, &output_padding}) layer->weight.data = ones({1, 1, 3, 3});
    dilation.weight.data = ones({1, 1, 2, 2});
    for (auto* layer : {&basic, &stride, &padding, &output_padding, &dilation}) std::cout << (*layer)(input) << "\n\n";
    // [/five_cases]
    return 0;
}
