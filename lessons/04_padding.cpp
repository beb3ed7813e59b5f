// Lesson 04: padding.
#include <iostream>

#include "lessons.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

namespace tconv::lessons {

void padding(Page& page) {
    page.say(
        "Padding crops. The full output is computed as if there were none, then `padding` rows and columns are removed "
        "from every side. It has the name of the convolution's parameter because it undoes it: what a convolution "
        "added around its input, the transposed convolution cuts off its output.");
    page.say("Start from the stride lesson's output, which is 5x5:");
    page.show("full");
    // [full]
    Tensor input = tensor({{{{1, 2}, {3, 4}}}});
    nn::ConvTranspose2d full(1, 1, 3, {.stride = 2, .bias = false});
    full.weight.data = ones({1, 1, 3, 3});
    std::cout << full(input) << '\n';
    // [/full]
    page.say("With padding 1, the central 3x3 remains. The values in it are the full output's, not one has changed:");
    page.show("one");
    // [one]
    nn::ConvTranspose2d padded(1, 1, 3, {.stride = 2, .padding = 1, .bias = false});
    padded.weight.data = ones({1, 1, 3, 3});
    std::cout << padded(input) << '\n';

    const Slice centre(1, -1);
    std::cout << "cut out of the full output: " << array_equal(padded(input)(0, 0), full(input)(0, 0, centre, centre))
              << '\n';
    // [/one]
    page.say("With padding 2, only the cell in the centre remains:");
    page.show("two");
    // [two]
    nn::ConvTranspose2d centre_only(1, 1, 3, {.stride = 2, .padding = 2, .bias = false});
    centre_only.weight.data = ones({1, 1, 3, 3});
    for (nn::Parameter* parameter : centre_only.parameters()) parameter->requires_grad = false;
    std::cout << centre_only(input) << '\n';
    // [/two]
    page.say(
        "A slip to know about, if you come from the first document. Its third case describes padding 1 and the "
        "central 3x3, and the comment in its code says padding=1 too, but the call says padding=2, so that the "
        "printed result is the 1x1. Text and result are each right for their own padding; both are above.");
    page.say("The second document's kernel, 2x2 with padding 1, takes one row off each side of the 3x3 of lesson 01:");
    page.show("second");
    // [second]
    Tensor K = tensor({{{{0, 1}, {2, 3}}}});
    nn::ConvTranspose2d small(nn::kLazy, 1, 2, {.padding = 1});
    small.initialize(nn::constant(K));
    std::cout << small(tensor({{{{0, 1}, {2, 3}}}})) << '\n';
    // [/second]
    page.say("One number pads every axis; a list gives each axis its own:");
    page.show("per_axis");
    // [per_axis]
    nn::ConvTranspose2d rows_only(1, 1, 3, {.stride = 2, .padding = {1, 0}, .bias = false});
    rows_only.weight.data = ones({1, 1, 3, 3});
    std::cout << rows_only(input) << '\n';
    // [/per_axis]
}

}  // namespace tconv::lessons
