// Interpolation: enlarging by a whole factor s, written as the weights of a transposed convolution with stride s.
// Every output y lies at u = (y + 1/2) / s - 1/2 on the input's grid (pixels are areas, corners meet corners, as in
// PyTorch's align_corners=False), and input i counts with weight f(u - i). Tap j of the kernel is therefore
//
//     taps[j] = f((j - c) / s),   c = padding + (s - 1) / 2,   output = s * input exactly
//
// | kind     | f(t)                                    | taps, padding: s even | s odd             |
// |----------|-----------------------------------------|-----------------------|-------------------|
// | nearest  | 1 where -1/2 <= t < 1/2                 | s, 0                  | s, 0              |
// | bilinear | 1 - |t|                                 | 2s, s/2               | 2s - 1, (s - 1)/2 |
// | bicubic  | Keys' cubic, a = -1/2, zero from |t| = 2 | 4s, 3s/2              | 4s - 1, (3s - 1)/2 |
//
// Each phase of a kernel sums to 1, so constants stay constant, except near the border: outside the input there is
// nothing to add. Bilinear is the initialisation of FCN's upsampling layers (Long, Shelhamer, Darrell 2015). Keys
// (1981) shows that a = -1/2 alone reproduces quadratics; Pillow uses it, while OpenCV and PyTorch use a = -3/4.
// Enlarging a picture with its border repeated is more than a layer: the command `tconv upsample` does it.
#pragma once

#include <cstdint>
#include <vector>

#include "tconv/problem.h"
#include "tconv/result.h"
#include "tconv/tensor.h"

namespace tconv {

/// The kinds in the table above.
enum class Interpolation : std::uint8_t {
    nearest,   ///< every input value becomes a block
    bilinear,  ///< straight lines between input values
    bicubic,   ///< Keys' cubics between input values
};

/// One axis of a layer that enlarges by `stride`: a kernel of taps.size(), `padding` at both ends.
struct InterpolationTaps {
    std::int64_t stride = 1;   ///< the factor
    std::int64_t padding = 0;  ///< rows cropped from each end
    std::vector<double> taps;  ///< the kernel along this axis
};

/// The largest factor; a bicubic kernel then has 4096 taps per axis.
constexpr std::int64_t kLargestInterpolationFactor = 1024;

/// The taps for a whole factor. Errors (invalid_argument): a factor outside 1..kLargestInterpolationFactor.
Result<InterpolationTaps> interpolation_taps(Interpolation kind, std::int64_t factor);

/// Depthwise weights (channels, 1, k, ... k) with `rank` kernel axes: the product of the taps along each axis, the same
/// for every channel. Errors: invalid_argument (a rank outside 1..3, negative channels), out_of_memory.
Result<Tensor> depthwise_weights(const InterpolationTaps& axis, std::int64_t channels, int rank, DType dtype);

}  // namespace tconv
