// One parameter at a time. The input is 1, 10, 100, so the digits of an output tell which taps met which input.
#include <iostream>

#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

using namespace tconv;

namespace {

// [layer]
void show(const char* name, const nn::ConvTransposeOptions& options) {
    nn::ConvTranspose1d layer(1, 1, 3, options);
    layer.weight.data = tensor({{{1, 2, 3}}});
    std::cout << name << layer(tensor({{1, 10, 100}})) << '\n';
}
// [/layer]

}  // namespace

int main() {
    // [calls]
    show("nothing given               ", {.bias = false});
    show("stride 2                    ", {.stride = 2, .bias = false});
    show("stride 2, padding 1         ", {.stride = 2, .padding = 1, .bias = false});
    show("the same, output padding 1  ", {.stride = 2, .padding = 1, .output_padding = 1, .bias = false});
    show("dilation 2                  ", {.dilation = 2, .bias = false});
    // [/calls]
    return 0;
}
