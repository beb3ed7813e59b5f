// Sizes: the output size of a transposed convolution, derived as it is taught, and its inverse.
//
//     the first input writes K = d(k-1)+1 rows; every further input shifts the stamp by S = stride:
//     K, K + S, K + 2S, ..., K + (m-1)S;     padding crops both ends, output_padding un-crops the end:
//
//     output = (input - 1) * stride + dilation * (kernel - 1) + 1 - padding_begin - padding_end + output_padding
//
// (torch.nn.ConvTranspose2d, "Shape"; ONNX ConvTranspose, output_shape formula.)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tconv/problem.h"
#include "tconv/result.h"

namespace tconv {

/// One size derived step by step; an axis at a time, or all axes at once where they are equal.
struct SizeDerivation {
    std::vector<std::int64_t> input_size;   ///< rows of the coarse side, one number per axis
    std::vector<std::int64_t> full_size;    ///< rows before padding crops
    std::vector<std::int64_t> output_size;  ///< rows of the fine side
    std::vector<std::string> steps;         ///< sentences, in order, ready to print
};

/// The derivation for a valid problem.
SizeDerivation derive_size(const Problem& problem);

/// How evenly the taps of a layer cover its outputs.
enum class Evenness : std::uint8_t {
    even,    ///< every output row is reached by as many taps: gcd(dilation, stride) = 1 and kernel mod stride = 0
    uneven,  ///< some rows are reached by more taps than others
    holes,   ///< some rows are reached by none
};
/// "even", "uneven" or "holes".
const char* to_string(Evenness evenness) noexcept;
/// The verdict for one axis; it does not depend on sizes or padding (borders are left out of account).
Evenness evenness_of(std::int64_t kernel, std::int64_t stride, std::int64_t dilation) noexcept;

/// One way to get from one size to another along one axis; the padding is symmetric.
struct SizeSolution {
    std::int64_t kernel = 1;             ///< taps
    std::int64_t stride = 1;             ///< distance of the stamps
    std::int64_t padding = 0;            ///< rows cropped from each end
    std::int64_t output_padding = 0;     ///< rows un-cropped at the end
    std::int64_t dilation = 1;           ///< distance of the taps
    Evenness evenness = Evenness::even;  ///< of these numbers
    /// Member by member.
    bool operator==(const SizeSolution&) const = default;
};

/// The solver's question. Its answers have kernel <= max_kernel, dilation <= max_dilation (1 where the kernel
/// is 1), padding <= dilation * (kernel - 1) (every input is used), output_padding < max(stride, dilation), and
/// where `from` is 1, so that the stride moves nothing, stride <= max_kernel.
struct SizeQuestion {
    std::int64_t from = 1;          ///< input rows
    std::int64_t want = 1;          ///< output rows
    std::int64_t max_kernel = 8;    ///< the largest kernel tried, up to 64
    std::int64_t max_dilation = 8;  ///< the largest dilation tried, up to 64
};

/// Every solution, the plainest first: dense before dilated, even before uneven before holes, without output
/// padding before with, small kernels first. Errors (invalid_argument): sizes or bounds below 1, kernels or
/// dilations above 64, sizes above 2^40, over a million solutions.
Result<std::vector<SizeSolution>> solve_size(const SizeQuestion& question);

}  // namespace tconv
