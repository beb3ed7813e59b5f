// Lesson 12: checkerboards.
#include <cmath>
#include <iostream>

// [headers]
#include "tconv/checkerboard.h"
#include "tconv/problem_text.h"
#include "tconv/repair.h"
// [/headers]
#include "lessons.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

namespace tconv::lessons {
namespace {

// [line]
// What a line of ones becomes: the middle of the output, away from the borders.
Tensor line(const Tensor& kernel, std::int64_t stride, std::int64_t dilation = 1) {
    nn::ConvTranspose1d layer(1, 1, kernel.shape(0), {.stride = stride, .dilation = dilation, .bias = false});
    layer.weight.data = kernel.reshape({1, 1, kernel.shape(0)});
    return layer(ones({1, 1, 8}))(0, 0, Slice(6, 12));
}
// [/line]

}  // namespace

void checkerboards(Page& page) {
    page.say(
        "Pictures out of a transposed convolution often carry a fine grid that was in no input. It begins with "
        "counting: how many taps reach an output? Ones through a kernel of ones are the count. Kernel 3 and stride 2:");
    page.show("counts");
    // [counts]
    nn::ConvTranspose2d layer(1, 1, 3, {.stride = 2, .bias = false});
    layer.weight.data = ones({1, 1, 3, 3});
    std::cout << layer(ones({1, 1, 4, 4}))(0, 0) << '\n';
    // [/counts]
    page.say(
        "Inside, the counts are 4, 2 and 1 in turn: one phase has two taps along an axis and the other one (lesson "
        "10), "
        "and two axes multiply. (At the border some stamps are missing, which darkens it; that is another matter.) One "
        "axis is enough to go on with:");
    page.show("line");
    page.show("divisible");
    // [divisible]
    std::cout << "k3 s2  " << line(ones({3}), 2) << '\n';
    std::cout << "k4 s2  " << line(ones({4}), 2) << '\n';
    // [/divisible]
    page.say(
        "So the usual advice: take a kernel that the stride divides, and every output collects as many taps. The "
        "counts "
        "are then even, but a layer does not count its taps. It adds up their weights, each phase its own:");
    page.show("sums");
    // [sums]
    std::cout << "weights 1 2 3 4  " << line(tensor({1, 2, 3, 4}), 2) << '\n';
    // [/sums]
    page.say(
        "1 + 3 and 2 + 4: a constant comes out striped, with kernel 4 and stride 2. The sum that a phase makes of a "
        "constant is its gain. How much the gains differ is one number, epsilon: 0 where they are equal, 1 where a "
        "constant becomes nothing but pattern.");
    page.show("headers");
    page.show("epsilon");
    // [epsilon]
    const Problem even = parse_problem("i8 k4 s2 p1").value();
    const double four_taps[] = {1, 2, 3, 4};
    std::cout << checkerboard::measure(even, four_taps).value().epsilon << '\n';
    // [/epsilon]
    page.say(
        "Weights as a network starts with them are random, and then the number of taps does not matter at all. On "
        "average over random kernels, epsilon squared is 1 - 1/P with P phases, one half for stride 2:");
    page.show("random");
    // [random]
    for (const char* text : {"i8 k3 s2", "i8 k4 s2", "i8 k16 s2"}) {
        const Problem problem = parse_problem(text).value();
        double squares = 0;
        for (std::uint64_t seed = 0; seed < 4000; ++seed) {
            const Tensor weights = normal({problem.taps()}, seed, 0, 1, DType::f64);
            squares += std::pow(checkerboard::measure(problem, weights.as<double>()).value().epsilon, 2);
        }
        std::cout << text << ": " << std::round(squares / 40) / 100 << '\n';
    }
    // [/random]
    page.say(
        "And a kernel that the stride does not divide can be perfectly clean. These are 1, 2, 1 with stride 2, which "
        "interpolate between neighbours, and a kernel of 5 with stride 3, which repeats every value three times and "
        "averages three neighbours:");
    page.show("clean");
    // [clean]
    std::cout << "1 2 1 by stride 2      " << line(tensor({1, 2, 1}), 2) << '\n';
    std::cout << "1 2 3 2 1 by stride 3  " << line(tensor({1, 2, 3, 2, 1}), 3) << '\n';
    // [/clean]
    page.say(
        "The rule says nothing of dilation either. Kernel 4 by stride 2 with dilation 2 puts all its taps on one "
        "phase, "
        "and the other stays empty:");
    page.show("holes");
    // [holes]
    std::cout << line(ones({4}), 2, 2) << '\n';
    // [/holes]
    page.say(
        "What helps is to look at the sums. Training can even them out, or teach the layers behind to take the pattern "
        "away; weights can start with equal sums, as bilinear ones do; and weights that are there can be changed by as "
        "little as it takes. Repair R2 adds the same to all taps of a phase. It is the smallest change after which a "
        "constant stays one:");
    page.show("repair");
    // [repair]
    const checkerboard::Repaired repaired = checkerboard::project_dc(even, four_taps).value();
    for (const double weight : repaired.layer.weights) std::cout << weight << ' ';
    std::cout << "\nepsilon " << checkerboard::measure(repaired.layer.problem, repaired.layer.weights).value().epsilon
              << '\n';
    // [/repair]
    page.say(
        "(`tconv lint MODEL.onnx` does this for the layers of a model, `tconv trace -p 'i9x9 k3 s2' --view overlap -o "
        "overlap.svg` draws the counts. The backward pass of a strided convolution is a transposed convolution, lesson "
        "09, so gradients have checkerboards too.)");
}

}  // namespace tconv::lessons
