// Lesson 07: channels and groups.
#include <iostream>

#include "lessons.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

namespace tconv::lessons {

void channels(Page& page) {
    page.say(
        "Every pair of an input channel and an output channel has its own kernel. An output channel is the sum over "
        "all input channels, each stamped with the kernel of that pair. The weights of a transposed convolution are "
        "(input channels, output channels, kernel...): the other way round than a convolution's, because the weights "
        "of a convolution and of its transpose are the same array. Two channels in, one out:");
    page.show("sum");
    // [sum]
    Tensor X = tensor({{{{1, 2}, {3, 4}}, {{10, 20}, {30, 40}}}});  // (1, 2, 2, 2)
    nn::ConvTranspose2d layer(2, 1, 2, {.bias = false});
    layer.weight.data(0, 0) = ones({2, 2});
    layer.weight.data(1, 0) = 2 * ones({2, 2});
    std::cout << layer(X) << '\n';

    nn::ConvTranspose2d first(1, 1, 2, {.bias = false}), second(1, 1, 2, {.bias = false});
    first.weight.data = ones({1, 1, 2, 2});
    second.weight.data = 2 * ones({1, 1, 2, 2});
    const Tensor by_channel = first(X(Slice(), Slice(0, 1))) + second(X(Slice(), Slice(1, 2)));
    std::cout << "the sum over the channels: " << array_equal(layer(X), by_channel) << '\n';
    // [/sum]
    page.say(
        "A convolution f makes Y from X. A transposed convolution g with the same kernel, padding and stride, and with "
        "X's channels as its output, should give Y the shape of X again. The second document checks it like this:");
    page.show("round_trip");
    // [round_trip]
    Tensor images = uniform({1, 10, 16, 16}, /*seed=*/1);
    nn::Conv2d conv(nn::kLazy, 20, 5, {.stride = 3, .padding = 2});
    nn::ConvTranspose2d tconv(nn::kLazy, 10, 5, {.stride = 3, .padding = 2});
    conv.initialize();
    tconv.initialize();
    std::cout << (tconv(conv(images)).shape() == images.shape()) << '\n';
    // [/round_trip]
    page.say("And with a kernel of 4, padding 1 and stride 2, which halve a size and double it again:");
    page.show("halve");
    // [halve]
    nn::Conv2d halve(nn::kLazy, 10, 4, {.stride = 2, .padding = 1});
    nn::ConvTranspose2d twice(nn::kLazy, 3, 4, {.stride = 2, .padding = 1});
    Tensor Y = halve(uniform({1, 3, 64, 64}, /*seed=*/2));
    std::cout << to_string(Y.shape()) << '\n';
    std::cout << to_string(twice(Y).shape()) << '\n';
    // [/halve]
    page.say(
        "Does the shape always come back? No. The convolution rounds (n + 2p - k)/s down, and the transposed "
        "convolution cannot know what was lost. The size n comes back if and only if (n + 2p - k) mod s = 0. With "
        "kernel 5, padding 2 and stride 3:");
    page.show("when");
    // [when]
    nn::Conv1d down(1, 1, 5, {.stride = 3, .padding = 2});
    nn::ConvTranspose1d up(1, 1, 5, {.stride = 3, .padding = 2});
    for (int n = 13; n <= 19; ++n) {
        const Tensor small = down(ones({1, 1, n}));
        std::cout << n << " -> " << small.shape(-1) << " -> " << up(small).shape(-1)
                  << "    (n + 2p - k) mod s = " << (n + 2 * 2 - 5) % 3 << '\n';
    }
    // [/when]
    page.say(
        "What is missing is the remainder itself. Asking for the size in the call gives it back, as output padding:");
    page.show("ask");
    // [ask]
    std::cout << up(down(ones({1, 1, 18})), {18}).shape(-1) << '\n';
    // [/ask]
    page.say(
        "Groups split the channels: with g groups, each 1/g of the input channels is connected to its own 1/g of the "
        "output channels and to no other. A grouped layer is g smaller layers side by side. Its weights are (input "
        "channels, output channels / g, kernel...):");
    page.show("groups");
    // [groups]
    Tensor x = uniform({1, 4, 3, 3}, /*seed=*/3);
    nn::ConvTranspose2d grouped(4, 6, 2, {.stride = 2, .groups = 2, .bias = false});
    std::cout << to_string(grouped.weight.data.shape()) << '\n';

    nn::ConvTranspose2d half(2, 3, 2, {.stride = 2, .bias = false});
    for (int g = 0; g < 2; ++g) {
        half.weight.data = grouped.weight.data(Slice(2 * g, 2 * g + 2));
        const Tensor expected = half(x(Slice(), Slice(2 * g, 2 * g + 2)));
        std::cout << array_equal(grouped(x)(Slice(), Slice(3 * g, 3 * g + 3)), expected) << '\n';
    }
    // [/groups]
}

}  // namespace tconv::lessons
