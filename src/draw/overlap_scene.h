// The overlap map: how many taps reach each output, before any weight is looked at. Along one axis the stamps stand
// above the outputs that they reach, so that a number below is the count of the filled cells above it; along two axes
// the map is the product of the axes' strips, which stand at its sides; three show a slice.
//
//     x    [ ]   [ ]   [ ]               1 2 1 2        the strip of the columns
//          ===== =====                1  1 2 1 2
//             =====                   2  2 4 2 4        4 = 2 along the rows, 2 along the columns
//     y    1 1 2 1 2 1 1              1  1 2 1 2
#pragma once

#include <string>

#include "draw/scene.h"
#include "draw/text_block.h"
#include "tconv/problem.h"

namespace tconv::draw {

/// One step. Any valid problem: of large outputs it shows the beginnings and the ends.
Scene overlap_scene(const Problem& problem);

/// The same as text: a line for each row that is shown.
std::string overlap_text(const Problem& problem, const TextOptions& options);

/// The verdict and the ratio: "uneven: outputs away from the borders collect 1 to 4 taps (4 to 1)".
std::string overlap_sentence(const Problem& problem);

}  // namespace tconv::draw
