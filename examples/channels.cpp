// Channels and groups, and the round trip of the second seed document.
#include <iostream>

#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

using namespace tconv;

int main() {
    // [groups]
    const Tensor x = tensor({{1}, {10}});  // two channels with one value each
    nn::ConvTranspose1d joined(2, 2, 1, {.bias = false});
    joined.weight.data = tensor({{{1}, {2}}, {{3}, {4}}});  // (C_in, C_out, k)
    nn::ConvTranspose1d apart(2, 2, 1, {.groups = 2, .bias = false});
    apart.weight.data = tensor({{{1}}, {{4}}});  // (C_in, C_out / groups, k)
    std::cout << "one group:  " << joined(x).reshape({2}) << "\ntwo groups: " << apart(x).reshape({2}) << '\n';
    // [/groups]

    // [round_trip]
    const Tensor picture = uniform({1, 10, 16, 16}, 0);
    nn::Conv2d smaller(10, 20, 5, {.stride = 3, .padding = 2});
    nn::ConvTranspose2d larger(20, 10, 5, {.stride = 3, .padding = 2});
    const Tensor features = smaller(picture), back = larger(features);
    std::cout << to_string(picture.shape()) << " to " << to_string(features.shape()) << " to "
              << to_string(back.shape()) << '\n';
    // [/round_trip]
    return picture.shape() == back.shape() ? 0 : 1;
}
