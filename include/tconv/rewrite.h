// Rewrites: other layers that enlarge, as the transposed convolution that computes the same. One set of measures then
// serves them all (checkerboard.h), and so does one set of methods.
//
//     sub-pixel       convolution (stride 1) to C*s channels, then depth-to-space by s
//                     = transposed convolution with kernel e*s, stride s, padding (e-1-p)*s, where e = d(k-1) + 1:
//                       tap a + (e-1-jd)s of channel c is tap j of the convolution's channel for (c, a)
//     nearest resize  every value repeated s times, then convolution (stride 1, padding p, dilation d)
//                     = transposed convolution with kernel e + s - 1, stride s, padding e-1-p: box_s *
//                     flip(convolution)
//
// Both are exact, borders included. The first leads back only where all phases have the same bias: a transposed
// convolution has one per channel. (Shi et al. 2016; Odena, Dumoulin, Olah 2016.)
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tconv/problem.h"
#include "tconv/result.h"

namespace tconv::checkerboard {

/// A layer: its geometry and its weights (C_coarse, C_fine / groups, kernel...).
struct Layer {
    Problem problem;              ///< validated
    std::vector<double> weights;  ///< as many as the problem has
};

/// Which channel of the convolution becomes which phase: ONNX DepthToSpace's mode.
enum class PhaseOrder : std::uint8_t {
    depth_column_row,  ///< DCR: channel (a * C + c), TensorFlow's order
    column_row_depth,  ///< CRD: channel (c * s^rank + a), PyTorch's PixelShuffle
};

/// A convolution of stride 1 (its output, the coarse side, has C * s^rank channels), then depth-to-space by `factor` on
/// every axis. Errors (invalid_argument): another stride, groups, channels that factor^rank does not divide, a padding
/// above e - 1, and what validate() refuses; array_mismatch: another number of weights.
Result<Layer> from_sub_pixel(const Problem& convolution, std::span<const double> weights, std::int64_t factor,
                             PhaseOrder order);

/// Nearest-neighbour enlargement by `factors` (one per spatial axis), then a convolution of stride 1 that reads it.
/// Errors (invalid_argument): another stride, a fine size that is no multiple of its factor, a padding above e - 1;
/// array_mismatch: another number of weights, or of factors.
Result<Layer> from_nearest_resize(const Problem& convolution, std::span<const double> weights,
                                  std::span<const std::int64_t> factors);

}  // namespace tconv::checkerboard
