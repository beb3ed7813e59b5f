// WinogradAxis: two neighbouring outputs of a phase with T = 2 or 3 taps, from T + 1 products instead of 2 T, along one
// axis. With d[0..T] the inputs that the two outputs read and h[0..T-1] the taps in the order of what they read,
//
//     T = 2    products   (d0 - d1) h0,   d1 (h0 + h1),   (d2 - d1) h1
//              outputs    m0 + m1,   m1 + m2
//
//     T = 3    products   (d0 - d2) h0,   (d1 + d2) (h0 + h1 + h2) / 2,   (d2 - d1) (h0 - h1 + h2) / 2,   (d1 - d3) h2
//              outputs    m0 + m1 + m2,   m1 - m2 - m3
//
// (S. Winograd, Arithmetic Complexity of Computations, 1980; A. Lavin and S. Gray, Fast Algorithms for Convolutional
// Neural Networks, 2016, for T = 3.) On two axes the products multiply: 9 instead of 16, 16 instead of 36. All phases
// of a transposed convolution read the same inputs, so that the differences are taken once for all of them.
#pragma once

#include <array>
#include <cstdint>

namespace tconv::methods {

/// A sum of two of a list: of [first] and factor * [second]; factor 0: of [first] alone.
struct WinogradTerm {
    int first = 0, second = 0, factor = 0;
};

struct WinogradAxis {
    static constexpr int kMostPoints = 4, kMostTaps = 3;

    int taps = 2, points = 3;
    std::array<WinogradTerm, kMostPoints> inputs{};                    ///< of d, for each product
    std::array<std::array<double, kMostTaps>, kMostPoints> weights{};  ///< of h, for each product
    std::array<std::array<int, kMostPoints>, 2> outputs{};             ///< of the products: 1, 0 or -1
};

/// For 2 or 3 taps.
constexpr WinogradAxis winograd_axis(int taps) noexcept {
    WinogradAxis axis;
    axis.taps = taps;
    axis.points = taps + 1;
    if (taps == 2) {
        axis.inputs = {{{0, 1, -1}, {1, 0, 0}, {2, 1, -1}}};
        axis.weights = {{{1, 0}, {1, 1}, {0, 1}}};
        axis.outputs = {{{1, 1, 0}, {0, 1, 1}}};
    } else {
        axis.inputs = {{{0, 2, -1}, {1, 2, 1}, {2, 1, -1}, {1, 3, -1}}};
        axis.weights = {{{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}}};
        axis.outputs = {{{1, 1, 1, 0}, {0, 1, -1, -1}}};
    }
    return axis;
}

}  // namespace tconv::methods
