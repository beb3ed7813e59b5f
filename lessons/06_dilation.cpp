// Lesson 06: dilation.
#include <iostream>

#include "lessons.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"
// [headers]
#include "tconv/sizes.h"
// [/headers]

namespace tconv::lessons {

void dilation(Page& page) {
    page.say(
        "Dilation is the distance between the taps of the kernel; 1 is a dense kernel. With dilation D there are D - 1 "
        "cells between neighbouring taps, so a kernel of K taps covers D(K-1)+1 rows. Where the stride spaces the "
        "stamps, the dilation spaces the taps inside one stamp.");
    page.say("Four taps of 1, dilation 2, and stride 2:");
    page.show("dilated");
    // [dilated]
    Tensor input = tensor({{{{1, 2}, {3, 4}}}});
    nn::ConvTranspose2d dilated(1, 1, 2, {.stride = 2, .dilation = 2, .bias = false});
    dilated.weight.data = ones({1, 1, 2, 2});
    for (nn::Parameter* parameter : dilated.parameters()) parameter->requires_grad = false;
    std::cout << dilated(input) << '\n';
    // [/dilated]
    page.say("The dense 3x3 kernel with zeros between the taps does the same, with more multiplications:");
    page.show("dense");
    // [dense]
    nn::ConvTranspose2d dense(1, 1, 3, {.stride = 2, .bias = false});
    dense.weight.data = tensor({{{{1, 0, 1}, {0, 0, 0}, {1, 0, 1}}}});
    std::cout << array_equal(dense(input), dilated(input)) << '\n';
    // [/dense]
    page.say(
        "Why is every second row empty? Stamps start at even rows, and the taps of a stamp lie an even distance apart, "
        "so odd rows are never reached. It happens whenever stride and dilation have a common divisor above 1, and "
        "then no choice of weights fills the holes. With stride 1 the stamps interlock:");
    page.show("interlocked");
    // [interlocked]
    nn::ConvTranspose2d interlocked(1, 1, 2, {.dilation = 2, .bias = false});
    interlocked.weight.data = ones({1, 1, 2, 2});
    std::cout << interlocked(input) << '\n';
    // [/interlocked]
    page.say("evenness_of() tells beforehand, from the kernel, the stride and the dilation of an axis:");
    page.show("headers");
    page.show("evenness");
    // [evenness]
    std::cout << "kernel 2, stride 2, dilation 2: " << to_string(evenness_of(2, 2, 2)) << '\n';
    std::cout << "kernel 2, stride 2, dilation 3: " << to_string(evenness_of(2, 2, 3)) << '\n';
    std::cout << "kernel 3, stride 2, dilation 1: " << to_string(evenness_of(3, 2, 1)) << '\n';
    // [/evenness]
}

}  // namespace tconv::lessons
