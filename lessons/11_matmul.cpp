// Lesson 11: from phases to matrix multiplication.
#include <iostream>

#include "lessons.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/geometry.h"
#include "tconv/nn.h"
#include "tconv/print.h"

namespace tconv::lessons {
namespace {

// [windows]
// A row for each output (r, c) of a phase with T x T taps: the values of all channels that reach it, the last tap's
// first, zeros beyond the input.
Tensor windows_of(const Tensor& x, std::int64_t T) {
    const std::int64_t channels = x.shape(0), m = x.shape(1), n = m + T - 1;
    Tensor padded = zeros({channels, m + 2 * (T - 1), m + 2 * (T - 1)});
    padded(Slice(), Slice(T - 1, T - 1 + m), Slice(T - 1, T - 1 + m)) += x;
    Tensor windows = zeros({n, n, channels, T, T});
    for (std::int64_t r = 0; r < n; ++r)
        for (std::int64_t c = 0; c < n; ++c)
            for (std::int64_t t = 0; t < T; ++t)
                for (std::int64_t u = 0; u < T; ++u)
                    windows(r, c, Slice(), t, u) += padded(Slice(), r + T - 1 - t, c + T - 1 - u);
    return windows.reshape({n * n, channels * T * T});
}
// [/windows]

}  // namespace

void phase_products(Page& page) {
    page.say(
        "Lesson 08 wrote the layer as one multiplication by a matrix that is nearly all zeros. Nobody computes it that "
        "way. But phases have no zeros in them, and they are matrix products of the dense kind, which every processor "
        "is built for. The simplest case first: kernel 2 and stride 2, so that stamps lie side by side and nothing is "
        "added up. Each position of the input, a row of 2 channels, is multiplied by all weights at once, and what "
        "comes "
        "out is moved to its place:");
    page.show("tiles");
    // [tiles]
    Tensor x = uniform({2, 3, 3}, 1);        // 2 channels of 3 x 3
    Tensor tile = uniform({2, 3, 2, 2}, 2);  // to 3 channels
    nn::ConvTranspose2d tiles(2, 3, 2, {.stride = 2, .bias = false});
    tiles.weight.data = tile;

    Tensor product = matmul(x.reshape({2, 9}).transpose(), tile.reshape({2, 12}));
    std::cout << to_string(product.shape()) << '\n';
    // row, column, channel, tap row, tap column  ->  channel, row and tap row, column and tap column
    Tensor placed = product.reshape({3, 3, 3, 2, 2}).transpose({2, 0, 3, 1, 4}).reshape({3, 6, 6});
    std::cout << allclose(placed, tiles(x)) << '\n';
    // [/tiles]
    page.say(
        "The moving is what other frameworks call depth-to-space or pixel shuffle: this layer and theirs are one and "
        "the same.");
    page.say(
        "With kernel 4 and stride 2 stamps overlap. Each of the four phases has 2 x 2 of the taps (lesson 10), so an "
        "output collects a window of 2 x 2 inputs from every channel. The windows, written as the rows of a matrix:");
    page.show("windows");
    page.say("A phase is that matrix times the weights of its own taps, tap t*S + a along an axis for phase a:");
    page.show("phases");
    // [phases]
    Tensor W = uniform({2, 3, 4, 4}, 3);
    nn::ConvTranspose2d layer(2, 3, 4, {.stride = 2, .bias = false});
    layer.weight.data = W;

    Tensor windows = windows_of(x, 2), taps = W.reshape({2, 3, 2, 2, 2, 2});  // in, out, t, a, u, b
    Tensor y = zeros({4, 2, 4, 2, 3});                                        // row, a, column, b, channel
    for (std::int64_t a = 0; a < 2; ++a)
        for (std::int64_t b = 0; b < 2; ++b) {
            Tensor matrix = taps(Slice(), Slice(), Slice(), a, Slice(), b).transpose({0, 2, 3, 1}).reshape({8, 3});
            y(Slice(), a, Slice(), b) += matmul(windows, matrix).reshape({4, 4, 3});
        }
    std::cout << to_string(windows.shape()) << " times (8, 3), four times\n";
    std::cout << allclose(y.transpose({4, 0, 1, 2, 3}).reshape({3, 8, 8}), layer(x)) << '\n';
    // [/phases]
    page.say(
        "All four products read the same windows. Their weights side by side are one matrix, and the whole layer one "
        "product, with the results dealt out to the phases as they come:");
    page.show("one");
    // [one]
    Tensor all = taps.transpose({0, 2, 4, 3, 5, 1}).reshape({8, 12});  // in, t, u  x  a, b, out
    Tensor once = matmul(windows, all).reshape({4, 4, 2, 2, 3}).transpose({0, 2, 1, 3, 4});
    std::cout << to_string(windows.shape()) << " times " << to_string(all.shape()) << '\n' << allclose(once, y) << '\n';
    // [/one]
    page.say("What it saves, in multiplications:");
    page.show("count");
    // [count]
    const Problem problem = layer.problem({1, 2, 3, 3});
    const std::int64_t pairs = meeting_pairs(problem.axes[1]) * meeting_pairs(problem.axes[2]);  // of input and tap
    std::cout << "that meet in the output:       " << 2 * 3 * pairs << '\n'
              << "as the product of windows:     " << 16 * 8 * 12 << '\n'
              << "a window over stuffed zeros:   " << 8 * 8 * 3 * 2 * 16 << '\n'
              << "the matrix W of lesson 08:     " << (2 * 9) * (3 * 64) << '\n';
    // [/count]
    page.say(
        "The product of windows has some zeros too, but only at the border, and on a large picture they vanish: it "
        "then "
        "multiplies what meets and nothing else, S*S = 4 times less than the stuffed zeros. W grows with the square of "
        "the picture. tconv's method phase_gemm is this product, without ever writing the windows down: "
        "`tconv explain -p 'ic64 oc32 i32x32 k4 s2 p1'` says what is chosen for a layer and why.");
}

}  // namespace tconv::lessons
