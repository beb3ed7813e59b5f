// winograd: the phase GEMM (phase_gemm.h) with fewer multiplications, over two axes whose phases have two taps each, or
// three (winograd_axis.h): k4 s2, k8 s4, and k3 s1, k6 s2 of either pass with stride 1 on the side that is read.
// Outputs are computed in tiles of 2 x 2 points of each phase; with `place` a point of the grid of tiles,
//
//     M[i, j][row][place]  =  sum over read channels of   U[i, j][channel][row] * V[i, j][channel][place]
//
// for the 9, 12 or 16 products (i, j). U are the weights' sums, packed; V the inputs' differences, taken from the
// panel's planes of even and odd rows and columns; rows are (phase of the last axis, written channel) of one phase of
// the axis before. What a tile's outputs are of M is a phase GEMM's tile of twice the stride: it goes out by
// PhaseStore.
//
// Faster where channels are many; and less exact: sums of inputs are rounded before they are multiplied, and parts that
// are larger than their sum cancel (docs/methods.md has the errors). An infinity or NaN among the inputs reaches all
// outputs of its tile. So it is taken only where it is asked for.
#pragma once

#include "methods/method.h"

namespace tconv::methods {

Result<Estimate> consider_winograd(const Request& request);

}  // namespace tconv::methods
