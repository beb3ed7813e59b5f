// Lesson 01: stamping by hand.
// [headers]
#include <iostream>

#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"
// [/headers]
#include "lessons.h"

namespace tconv::lessons {
namespace {

// [trans_conv]
Tensor trans_conv(const Tensor& X, const Tensor& K) {
    const std::int64_t h = K.shape(0), w = K.shape(1);
    Tensor Y = zeros({X.shape(0) + h - 1, X.shape(1) + w - 1});
    for (std::int64_t i = 0; i < X.shape(0); ++i)
        for (std::int64_t j = 0; j < X.shape(1); ++j) Y(Slice(i, i + h), Slice(j, j + w)) += X(i, j) * K;
    return Y;
}
// [/trans_conv]

// [corr2d]
Tensor corr2d(const Tensor& X, const Tensor& K) {
    const std::int64_t h = K.shape(0), w = K.shape(1);
    Tensor Y = zeros({X.shape(0) - h + 1, X.shape(1) - w + 1});
    for (std::int64_t i = 0; i < Y.shape(0); ++i)
        for (std::int64_t j = 0; j < Y.shape(1); ++j) Y(i, j) = sum(X(Slice(i, i + h), Slice(j, j + w)) * K);
    return Y;
}
// [/corr2d]

}  // namespace

void stamping(Page& page) {
    page.say(
        "A transposed convolution stamps: every input value is multiplied by the whole kernel, and that product is "
        "added into the output, at the place that belongs to the value. One value's product is a stamp.");
    page.say(
        "These lessons use the examples and the numbers of two documents, which docs/seeds.md names cell by cell. "
        "Their code begins with these lines and `using namespace tconv;`. A lesson that needs more headers shows "
        "them.");
    page.show("headers");
    page.say("The definition, as a function. A slice of a tensor is a view, so += adds into Y itself:");
    page.show("trans_conv");
    page.say("A 2x2 input and a 2x2 kernel give a 3x3 output:");
    page.show("result");
    // [result]
    Tensor X = tensor({{0, 1}, {2, 3}});
    Tensor K = tensor({{0, 1}, {2, 3}});
    std::cout << trans_conv(X, K) << '\n';
    // [/result]
    page.say(
        "To watch it happen, give every stamp a tensor of its own, zero everywhere else. The output is the sum of "
        "these intermediate tensors. Where stamps overlap, as in the middle, their values add up:");
    page.show("intermediate");
    // [intermediate]
    Tensor total = zeros({3, 3});
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 2; ++j) {
            Tensor intermediate = zeros({3, 3});
            intermediate(Slice(i, i + 2), Slice(j, j + 2)) = X(i, j) * K;
            std::cout << "X(" << i << ", " << j << ") = " << X(i, j) << " stamps\n" << intermediate << "\n\n";
            total += intermediate;
        }
    std::cout << "and their sum is\n" << total << '\n';
    // [/intermediate]
    page.say(
        "Convolution (corr2d: as everywhere in deep learning, the kernel is not flipped) walks the same places in the "
        "other direction. It reads a window of its input and sums it up through the kernel; trans_conv writes a "
        "window of its output, spreading one value through the kernel. The one makes the array smaller, the other "
        "larger:");
    page.show("corr2d");
    page.show("beside");
    // [beside]
    Tensor Y = trans_conv(X, K);
    std::cout << to_string(X.shape()) << " -> trans_conv -> " << to_string(Y.shape()) << '\n';
    std::cout << to_string(Y.shape()) << " -> corr2d -> " << to_string(corr2d(Y, K).shape()) << '\n';
    std::cout << corr2d(Y, K) << '\n';
    // [/beside]
    page.say(
        "The shape came back, the values did not: a transposed convolution is not the inverse of the convolution. "
        "Lesson 08 says what it is instead.");
    page.say(
        "A layer computes the same. Its input is (batch, channels, height, width), its weights are (input channels, "
        "output channels, height, width). kLazy leaves the input channels open until the first input shows them, and "
        "an initialiser sets the weights and makes the bias zero:");
    page.show("layer");
    // [layer]
    nn::ConvTranspose2d layer(nn::kLazy, 1, 2);
    layer.initialize(nn::constant(K.reshape({1, 1, 2, 2})));
    std::cout << layer(X.reshape({1, 1, 2, 2})) << '\n';
    // [/layer]
    page.say(
        "Another example, which the next lessons vary: the input 1 2 3 4 and a 3x3 kernel of ones. Here the weights "
        "are put in place by hand. Each corner is reached by one stamp alone, the four cells in the middle by all "
        "four: 10 = "
        "1 + 2 + 3 + 4.");
    page.show("basic");
    // [basic]
    Tensor input = tensor({{{{1, 2}, {3, 4}}}});
    nn::ConvTranspose2d basic(1, 1, 3, {.bias = false});
    basic.weight.data = ones({1, 1, 3, 3});
    std::cout << basic(input) << '\n';
    // [/basic]
}

}  // namespace tconv::lessons
