// Lesson 03: stride.
#include <iostream>

#include "lessons.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

namespace tconv::lessons {
namespace {

// [trans_conv]
Tensor trans_conv(const Tensor& X, const Tensor& K, std::int64_t stride) {
    const std::int64_t h = K.shape(0), w = K.shape(1);
    Tensor Y = zeros({(X.shape(0) - 1) * stride + h, (X.shape(1) - 1) * stride + w});
    for (std::int64_t i = 0; i < X.shape(0); ++i)
        for (std::int64_t j = 0; j < X.shape(1); ++j) {
            const std::int64_t row = i * stride, column = j * stride;
            Y(Slice(row, row + h), Slice(column, column + w)) += X(i, j) * K;
        }
    return Y;
}
// [/trans_conv]

}  // namespace

void stride(Page& page) {
    page.say(
        "The stride is the distance between neighbouring stamps in the output. In a convolution it is how far the "
        "window moves in the input; a transposed convolution has it on the other side. Only two places in the "
        "function of lesson 01 change:");
    page.show("trans_conv");
    page.say(
        "The 2x2 input with the 3x3 kernel of ones, stride 2. Stamps now share one row or column with their "
        "neighbour, and all four share the cell in the centre:");
    page.show("ones");
    // [ones]
    Tensor input = tensor({{{{1, 2}, {3, 4}}}});
    nn::ConvTranspose2d layer(1, 1, 3, {.stride = 2, .bias = false});
    layer.weight.data = ones({1, 1, 3, 3});
    for (nn::Parameter* parameter : layer.parameters()) parameter->requires_grad = false;
    std::cout << layer(input) << '\n';
    std::cout << "by hand the same: " << array_equal(trans_conv(input(0, 0), ones({3, 3}), 2), layer(input)(0, 0))
              << '\n';
    // [/ones]
    page.say(
        "(requires_grad only tells backward() which gradients to compute. A forward pass is the same with and without "
        "it.)");
    page.say(
        "With a kernel as wide as the stride, the stamps tile the output and nothing is added up. Each quarter of the "
        "output below is one input value times the kernel:");
    page.show("tiles");
    // [tiles]
    Tensor X = tensor({{0, 1}, {2, 3}});
    Tensor K = tensor({{0, 1}, {2, 3}});
    nn::ConvTranspose2d tiles(nn::kLazy, 1, 2, {.stride = 2});
    tiles.initialize(nn::constant(K.reshape({1, 1, 2, 2})));
    std::cout << tiles(X.reshape({1, 1, 2, 2})) << '\n';
    // [/tiles]
    page.say(
        "And with a stride larger than the kernel there are gaps that no stamp reaches. They hold zero, or the bias "
        "where the layer has one:");
    page.show("gaps");
    // [gaps]
    nn::ConvTranspose1d gaps(1, 1, 2, {.stride = 3});
    gaps.initialize(nn::constant(1));
    gaps.bias->data.fill(0.5);
    std::cout << gaps(tensor({{{1, 2, 3}}})) << '\n';
    // [/gaps]
    page.say(
        "There is a second description of a strided transposed convolution: put stride - 1 zeros between the inputs, "
        "then go with stride 1. That is where the name \"fractionally strided convolution\" comes from, because one "
        "step there is 1/stride of a step between inputs. Both descriptions give the same numbers:");
    page.show("stuffed");
    // [stuffed]
    Tensor stuffed = zeros({3, 3});
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 2; ++j) stuffed(2 * i, 2 * j) = X(i, j);
    std::cout << stuffed << '\n';
    std::cout << array_equal(trans_conv(stuffed, K, 1), trans_conv(X, K, 2)) << '\n';
    // [/stuffed]
}

}  // namespace tconv::lessons
