// The matrix view as a picture: W, the convolution's matrix, and its transpose times the input, which is the transposed
// convolution. Rows and columns stand in memory order; strong lines part the rows of the two grids, so that each block
// is a band that repeats along a diagonal.
//
//     W: coarse x fine            Wᵀ: fine x coarse     x       y
//     1 2 3|0 4 5 6|0 7 8 9       1 0 0 0               1       1
//     0 1 2|3 0 4 5|6 0 7 8       2 1 0 0          .    2   =   4
//                                 3 2 0 0               3       7       an output that no tap reaches is hatched
#pragma once

#include "draw/scene.h"
#include "draw/story.h"
#include "tconv/result.h"

namespace tconv::draw {

/// What is drawn of W at most: cells, and rows or columns.
inline constexpr std::int64_t kMostMatrixCells = 8192, kMostMatrixRows = 128;

/// One step, from the story's kept deposits; without W itself where `is_transposed`. Errors: invalid_argument where W
/// is larger than what is drawn.
Result<Scene> matrix_scene(const Story& story, bool is_transposed);

}  // namespace tconv::draw
