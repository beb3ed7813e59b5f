// Lesson 05: output padding.
#include <iostream>

#include "lessons.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

namespace tconv::lessons {

void output_padding(Page& page) {
    page.say(
        "Output padding moves the end of the crop outwards: the output gets that many more rows at the bottom and "
        "columns on the right. It adds cells, not zeros. What those cells hold is computed as everywhere else.");
    page.say(
        "Padding 1 cuts the central 3x3 out of the 5x5 of lesson 03. Output padding 1 gives one of the removed rows "
        "and columns back, with the values that were there:");
    page.show("computed");
    // [computed]
    Tensor input = tensor({{{{1, 2}, {3, 4}}}});
    nn::ConvTranspose2d layer(1, 1, 3, {.stride = 2, .padding = 1, .output_padding = 1, .bias = false});
    layer.weight.data = ones({1, 1, 3, 3});
    std::cout << layer(input) << '\n';

    nn::ConvTranspose2d full(1, 1, 3, {.stride = 2, .bias = false});
    full.weight.data = ones({1, 1, 3, 3});
    const Slice without_first(1, 5);
    std::cout << "cut out of the full output: "
              << array_equal(layer(input)(0, 0), full(input)(0, 0, without_first, without_first)) << '\n';
    // [/computed]
    page.say(
        "Zeros appear only where no tap reaches. The first document's fourth case is of that kind: it has no padding, "
        "so there is nothing to give back, and the frame reaches beyond the full output. Its text speaks of stride 2 "
        "and output padding 1:");
    page.show("as_told");
    // [as_told]
    nn::ConvTranspose2d as_told(1, 1, 3, {.stride = 2, .output_padding = 1, .bias = false});
    as_told.weight.data = ones({1, 1, 3, 3});
    std::cout << as_told(input) << '\n';
    // [/as_told]
    page.say(
        "A slip to know about: its code runs something else. The comment repeats stride 2 and output padding 1, but "
        "the layer is made with kernel size 4, stride 3 and output padding 2, and then its 4x4 weights are replaced by "
        "3x3 ones. The kernel is the size of the weights, so this computes with a 3x3 kernel: (2-1)*3 + 3 + 2 = 8.");
    page.show("as_coded");
    // [as_coded]
    nn::ConvTranspose2d as_coded(1, 1, 4, {.stride = 3, .output_padding = 2, .bias = false});
    as_coded.weight.data = ones({1, 1, 3, 3});
    std::cout << as_coded(input) << '\n';
    // [/as_coded]
    page.say(
        "With a bias, the cells that no tap reaches hold the bias. That shows that they are computed too; their sum "
        "is merely empty:");
    page.show("bias");
    // [bias]
    nn::ConvTranspose1d with_bias(1, 1, 3, {.stride = 3, .output_padding = 2});
    with_bias.initialize(nn::constant(1));
    with_bias.bias->data.fill(0.5);
    std::cout << with_bias(tensor({{{1, 2}}})) << '\n';
    // [/bias]
    page.say(
        "What is it for? A convolution with a stride rounds down, so several input sizes give one output size, and a "
        "layer that wants to come back has to be told which one it was. There are never more than `stride` of them, "
        "so output padding is smaller than the stride (PyTorch, and tconv's layers, also allow it below the "
        "dilation):");
    page.show("collapse");
    // [collapse]
    nn::Conv1d down(1, 1, 3, {.stride = 2, .padding = 1});
    for (int n = 5; n <= 8; ++n) std::cout << n << " -> " << down(ones({1, 1, n})).shape(-1) << '\n';
    // [/collapse]
    page.say("Rather than working it out, name the size that you want in the call; it chooses the output padding:");
    page.show("by_size");
    // [by_size]
    nn::ConvTranspose1d up(1, 1, 3, {.stride = 2, .padding = 1});
    Tensor y = ones({1, 1, 4});
    std::cout << up(y).shape(-1) << ", or " << up(y, {8}).shape(-1) << '\n';
    // [/by_size]
}

}  // namespace tconv::lessons
