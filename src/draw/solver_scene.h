// The size solver's answers as a table: the parameters, and the overlap that each of them has.
//
//      k   s   p  op   d  taps     taps that reach each output
//      2   2   0   0   1  even     1 1 1 1 ... 1 1
//      3   2   1   1   1  uneven   1 2 1 2 ... 1 2
#pragma once

#include <cstddef>
#include <span>

#include "draw/scene.h"
#include "tconv/sizes.h"

namespace tconv::draw {

/// One step: the first `most` answers, or kMostDrawnSolutions.
Scene solver_scene(const SizeQuestion& question, std::span<const SizeSolution> solutions, std::size_t most);

inline constexpr std::size_t kMostDrawnSolutions = 100;

}  // namespace tconv::draw
