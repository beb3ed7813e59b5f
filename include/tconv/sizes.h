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
    std::vector<std::int64_t> input_size, full_size, output_size;  ///< one number per axis
    std::vector<std::string> steps;                                ///< sentences, in order, ready to print
};

/// The derivation for a valid problem.
SizeDerivation derive_size(const Problem& problem);

/// How evenly the taps of a layer cover its outputs.
/// even: every output row is reached by the same number of taps (gcd(dilation, stride) = 1 and
/// kernel mod stride = 0); holes: some rows are reached by none; uneven: anything between.
enum class Evenness : std::uint8_t { even, uneven, holes };
const char* to_string(Evenness evenness) noexcept;
Evenness evenness_of(std::int64_t kernel, std::int64_t stride, std::int64_t dilation) noexcept;

/// One way to get from one size to another along one axis; the padding is symmetric.
struct SizeSolution {
    std::int64_t kernel = 1, stride = 1, padding = 0, output_padding = 0, dilation = 1;
    Evenness evenness = Evenness::even;
    bool operator==(const SizeSolution&) const = default;
};

/// The solver's question. Its answers have kernel <= max_kernel, dilation <= max_dilation (1 where the kernel
/// is 1), padding <= dilation * (kernel - 1) (every input is used), output_padding < max(stride, dilation), and
/// where `from` is 1, so that the stride moves nothing, stride <= max_kernel.
struct SizeQuestion {
    std::int64_t from = 1, want = 1;
    std::int64_t max_kernel = 8;
    std::int64_t max_dilation = 8;
};

/// Every solution, the plainest first: dense before dilated, even before uneven before holes, without output
/// padding before with, small kernels first. Errors (invalid_argument): sizes or bounds below 1, kernels or
/// dilations above 64, sizes above 2^40, over a million solutions.
Result<std::vector<SizeSolution>> solve_size(const SizeQuestion& question);

}  // namespace tconv
