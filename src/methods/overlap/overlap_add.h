// OverlapAdd: the scatter as it is defined, a tile at a time. For a box of positions, a block of output channels f and
// one tap j after the other,
//
//     acc[o(i, j)][f]  +=  sum over channels c of  X[i][c] * W[c][j][f]        o(i, j) = i * stride + j * dilation - p
//
// for exactly the pixels i that the tap puts into the box. A tile is some neighbouring pixels times the block's lanes;
// the sums are added where they belong, in a cache, and a box leaves it once, through bias, residual and activation.
// There is no column buffer, no pair outside the frame is kept, and no value meets a padded one, so it serves every
// scatter, and infinities and NaN travel as defined. Best where maps are small and channels many, and where taps or
// strides are so many that a row of taps fills the lanes (overlap_tiling.h has the words and the choices).
#pragma once

#include <memory>

#include "methods/method.h"
#include "methods/overlap/overlap_tiling.h"

namespace tconv::methods {

/// As decided, or with any tiling of the problem for the unit's kernels.
///@{
Result<Estimate> consider_overlap_add(const Request& request);
std::unique_ptr<Method> make_overlap_add(const Request& request);
std::unique_ptr<Method> make_overlap_add(const Request& request, const OverlapTiling& tiling);
TileShape overlap_shape(const Request& request) noexcept;
///@}

}  // namespace tconv::methods
