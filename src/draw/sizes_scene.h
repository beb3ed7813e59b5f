// The output's size as it grows, stamp by stamp: a line for each sentence of derive_size().
//
//     x[0]  ===              K = 3
//     x[1]    ===            K + S = 3 + 2 = 5
//     x[2]      ===          K + 2S = 3 + 4 = 7
//           /-----/          7 - 1 - 1 = 5: padding
#pragma once

#include "draw/scene.h"
#include "tconv/problem.h"

namespace tconv::draw {

/// A step for each sentence, which is its caption; one section for all axes where they are equal. Any valid problem:
/// long axes are cut, or drawn to scale without cells.
Scene sizes_scene(const Problem& problem);

}  // namespace tconv::draw
