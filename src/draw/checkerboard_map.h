// The checkerboard of one layer as a picture: how many taps reach each output, in the corner where the border ramp is
// too, and beside it what a constant becomes there, over two periods.
//
//     taps that reach an output        what a constant becomes, share of the mean
//     4 2 4 2 4                        1.2  0.8  1.2  0.8
//     2 1 2 1 2                        0.9  1.1  0.9  1.1
#pragma once

#include "draw/scene.h"
#include "tconv/lint.h"

namespace tconv::draw {

/// Three-dimensional layers show a slice from their middle. Large outputs and periods are cut, and say so.
Scene checkerboard_map(const lint::JudgedNode& node);

}  // namespace tconv::draw
