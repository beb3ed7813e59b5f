// Problem: WHAT is asked, as a plain comparable value. A geometry joins a coarse grid and a fine grid, axis
// by axis: coarse element i and kernel tap j meet at fine element
//
//     o = i * stride + j * dilation - padding_begin          (and only if 0 <= o < fine)
//
// A transposed convolution reads the coarse grid and writes the fine one (`scatter`); a convolution reads
// the fine grid and writes the coarse one (`gather`); both share the weights (C_coarse, C_fine / groups, k...).
// One Problem therefore describes both layers and all their gradients. It holds integers only and says
// nothing of how anything is computed.
//
//     coarse   x0    x1    x2            the full canvas is (coarse - 1) * stride + dilation * (kernel - 1) + 1
//              |\\\  |\\\  |\\\          rows; padding_begin rows are cropped in front, and the crop frame is
//     fine   [ y0 y1 y2 y3 y4 y5 ... ]   `fine` rows long. What the frame covers beyond the canvas holds the bias.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "tconv/result.h"

/// Transposed convolution and its transpose: what is asked, what it means, and tensors to do it with.
namespace tconv {

/// The type of every array's elements.
enum class DType : std::uint8_t {
    f32,  ///< float: IEEE binary32
    f64,  ///< double: IEEE binary64
};

/// Where the channels stand in the arrays of both sides; the weights' order is always the same.
enum class Layout : std::uint8_t {
    channels_first,  ///< (N, C, sizes...), as PyTorch and ONNX
    channels_last,   ///< (N, sizes..., C), as Keras and TensorFlow
};

/// The three passes over a geometry; see reference.h for their definition.
enum class Pass : std::uint8_t {
    scatter,      ///< coarse to fine
    gather,       ///< fine to coarse
    weight_grad,  ///< coarse and fine to weights
};

/// The spatial sizes and parameters of one axis. `padding_end` and `fine` together determine output_padding().
struct Axis {
    std::int64_t coarse = 1;         ///< rows of the coarse grid: a transposed convolution's input
    std::int64_t fine = 1;           ///< rows of the fine grid: its output
    std::int64_t kernel = 1;         ///< taps
    std::int64_t stride = 1;         ///< fine rows from one stamp to the next
    std::int64_t dilation = 1;       ///< fine rows from one tap to the next; 1 = dense
    std::int64_t padding_begin = 0;  ///< rows cropped in front
    std::int64_t padding_end = 0;    ///< rows cropped at the end

    /// Member by member.
    bool operator==(const Axis&) const = default;

    /// Rows that one stamp covers: dilation * (kernel - 1) + 1.
    std::int64_t kernel_extent() const noexcept { return dilation * (kernel - 1) + 1; }
    /// Rows of the uncropped output: (coarse - 1) * stride + kernel_extent().
    std::int64_t full_size() const noexcept { return (coarse - 1) * stride + kernel_extent(); }
    /// Rows un-cropped at the end: fine - (full_size() - padding_begin - padding_end). May be any integer;
    /// PyTorch allows 0 <= output_padding < max(stride, dilation).
    std::int64_t output_padding() const noexcept { return fine - (full_size() - padding_begin - padding_end); }
};

/// A pointwise function applied to conv + bias + residual. NaN stays NaN in each of them.
struct Activation {
    /// Which function.
    enum class Kind : std::uint8_t {
        none,     ///< x
        relu,     ///< max(x, 0)
        leaky,    ///< x, below zero alpha x
        tanh,     ///< the hyperbolic tangent
        sigmoid,  ///< 1 / (1 + exp(-x))
        clamp,    ///< x kept within alpha and beta
    };
    Kind kind = Kind::none;  ///< none by default
    double alpha = 0;        ///< leaky: the slope below zero; clamp: the lower bound
    double beta = 0;         ///< clamp: the upper bound

    /// Member by member.
    bool operator==(const Activation&) const = default;
};

/// What is asked: sizes, parameters, formats, epilogue. Made by parse_problem() (problem_text.h), by a
/// framework's terms (frameworks.h), or by hand; validate() tells whether it is one that can be computed.
struct Problem {
    static constexpr int kMaxRank = 3;  ///< the most spatial axes

    std::int64_t batch = 1;            ///< samples, N
    std::int64_t groups = 1;           ///< coarse and fine channels are joined within a group only
    std::int64_t coarse_channels = 1;  ///< a transposed convolution's C_in; divisible by groups
    std::int64_t fine_channels = 1;    ///< its C_out; divisible by groups
    int rank = 2;                      ///< spatial axes, 1 to 3
    /// Always three axes; the first 3 - rank are the identity Axis{}. So ranks 1, 2 and 3 are one code path.
    std::array<Axis, kMaxRank> axes{};
    DType dtype = DType::f32;                ///< of every array
    Layout layout = Layout::channels_first;  ///< of both sides
    bool has_bias = false;                   ///< one number for each channel of the side that is written
    bool has_sum = false;                    ///< y = activation(conv + bias + residual), the residual of y's shape
    Activation activation{};                 ///< none by default
    std::string name{};  ///< any text without a double quote or a control character; no part of the mathematics

    /// Member by member, the name too.
    bool operator==(const Problem&) const = default;

    /// The axes that the user named: the last `rank` of `axes`.
    ///@{
    std::span<Axis> spatial() noexcept { return std::span(axes).last(static_cast<std::size_t>(rank)); }
    std::span<const Axis> spatial() const noexcept { return std::span(axes).last(static_cast<std::size_t>(rank)); }
    ///@}

    // Element counts; exact for a validated problem.
    std::int64_t coarse_positions() const noexcept;  ///< product of the coarse sizes
    std::int64_t fine_positions() const noexcept;    ///< product of the fine sizes
    std::int64_t taps() const noexcept;              ///< product of the kernel sizes
    /// Elements of the coarse side's array.
    std::int64_t coarse_elements() const noexcept { return batch * coarse_channels * coarse_positions(); }
    /// Elements of the fine side's array.
    std::int64_t fine_elements() const noexcept { return batch * fine_channels * fine_positions(); }
    /// Elements of the weights.
    std::int64_t weight_elements() const noexcept { return coarse_channels * (fine_channels / groups) * taps(); }
};

/// Bytes of one element: 4 or 8.
constexpr std::int64_t size_of(DType dtype) noexcept { return dtype == DType::f32 ? 4 : 8; }

/// Accepts every problem that the passes can compute and refuses the others with a sentence (invalid_argument):
/// rank 1 to 3; sizes, kernel, stride, dilation, groups >= 1; paddings >= 0; batch and channels >= 0 (zero of
/// them is an empty array, or the bias alone); channels divisible by groups; every extent and every array's
/// bytes within 62 bits, so that no size arithmetic in tconv can overflow.
Result<void> validate(const Problem& problem);

}  // namespace tconv
