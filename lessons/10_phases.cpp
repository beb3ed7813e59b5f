// Lesson 10: phases.
#include <iostream>

// [headers]
#include "tconv/geometry.h"
#include "tconv/problem_text.h"
// [/headers]
#include "lessons.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

namespace tconv::lessons {
namespace {

// [show]
void show_phases(const char* text) {
    const Problem problem = parse_problem(text).value();
    const Axis& axis = problem.spatial()[0];
    std::cout << text << '\n';
    for (std::int64_t phase = 0; phase < axis.stride; ++phase) {
        const PhaseTaps taps = taps_of_phase(axis, phase);
        std::cout << "  phase " << phase << ": " << (taps.count == 0 ? "no tap" : "taps");
        for (std::int64_t t = 0; t < taps.count; ++t) std::cout << ' ' << taps.first + t * taps.step;
        std::cout << '\n';
    }
}
// [/show]

}  // namespace

void phases(Page& page) {
    page.say(
        "Which outputs does one tap of the kernel reach? The stamp of input i begins in row i*S, and its tap j lands "
        "j*D further on, in row i*S + j*D. Whatever i is, divided by S that leaves the remainder of j*D. So the rows "
        "of "
        "the full output fall into S classes by their remainder, the phases, and a tap serves one phase alone. Let the "
        "input be 1, 10, 100 and the kernel 1, 2, 3, 4, so that the digits of an output tell which tap met which "
        "input; "
        "with stride 2, write the output in rows of two:");
    page.show("columns");
    // [columns]
    Tensor x = tensor({{{1, 10, 100}}}), w = tensor({{{1, 2, 3, 4}}});
    nn::ConvTranspose1d layer(1, 1, 4, {.stride = 2, .bias = false});
    layer.weight.data = w;
    Tensor y = layer(x);
    std::cout << y << "\n\n" << y.reshape({4, 2}) << '\n';
    // [/columns]
    page.say(
        "A column is a phase. The first one knows the taps 1 and 3 only, the second 2 and 4. Each of them is a "
        "transposed convolution of its own, with stride 1 and a kernel of its taps:");
    page.show("each");
    // [each]
    for (std::int64_t phase = 0; phase < 2; ++phase) {
        Tensor taps = w.reshape({2, 2})(Slice(), phase);  // every second tap
        nn::ConvTranspose1d part(1, 1, 2, {.bias = false});
        part.weight.data = taps.reshape({1, 1, 2});
        std::cout << taps << " makes " << part(x)(0, 0)
                  << ", the column: " << array_equal(part(x)(0, 0), y.reshape({4, 2})(Slice(), phase)) << '\n';
    }
    // [/each]
    page.say(
        "So a transposed convolution with stride S is S small dense convolutions whose outputs are dealt out in turn, "
        "in two dimensions S*S of them, one for each pair of remainders. Nothing is multiplied by a zero, as it would "
        "be "
        "if zeros were put between the inputs and a window slid over them: there, S-1 of S values are zeros.");
    page.say("The taps of a phase lie evenly spaced. tconv's geometry has them in closed form:");
    page.show("headers");
    page.show("show");
    page.show("phases");
    // [phases]
    show_phases("i3 k4 s2");
    show_phases("i3 k3 s2");
    show_phases("i3 k3 s2 d3");
    // [/phases]
    page.say(
        "Kernel 4 deals its taps evenly. Kernel 3 cannot: one phase has two taps and the other one, which is where "
        "checkerboards come from (lesson 12). Dilation 3 spreads the taps, yet their phases are as before, since 3 "
        "leaves the remainder 1. Two cases leave phases with nothing at all, so that their outputs hold the bias "
        "whatever the network learns: fewer taps than phases, and a dilation that has a divisor in common with the "
        "stride, since then all taps land on the same phases again:");
    page.show("empty");
    // [empty]
    show_phases("i3 k2 s3");
    show_phases("i3 k4 s2 d2");
    // [/empty]
    page.say(
        "Padding takes rows away in front, and so decides only with which phase the output begins: output o has the "
        "phase (o + P) mod S. With padding 1 and stride 2 it begins with phase 1:");
    page.show("padding");
    // [padding]
    const Problem padded = parse_problem("i3 k4 s2 p1").value();
    for (std::int64_t o = 0; o < padded.spatial()[0].fine; ++o) std::cout << phase_of(padded.spatial()[0], o) << ' ';
    std::cout << '\n';
    // [/padding]
    page.say(
        "(`tconv explain -p 'i4x4 k4 s2 p1' --at 3,4` names the phase of an output, and every tap that feeds it.)");
}

}  // namespace tconv::lessons
