// Frameworks' terms: each framework's transposed convolution, in that framework's own words and limits, as a
// Problem. output_padding, output_size, output_shape, target_shape, auto_pad and SAME all become a fine size and
// a padding here; the rest of tconv knows only those. Where frameworks disagree, the rule chosen is written beside
// the function.
//
// Every list has one entry (for all axes) or one per axis; an empty list means the framework's default.
// Errors: invalid_argument (a geometry that the framework or tconv refuses), array_mismatch (shapes that disagree
// with each other: rank, channels, bias length).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tconv/problem.h"
#include "tconv/problem_text.h"
#include "tconv/result.h"

namespace tconv {

/// One number for all axes, or one per axis; empty: the default.
using Sizes = std::vector<std::int64_t>;

/// The arrays a layer is given. The spatial rank is that of the weights less 2; the input has the weights' rank, or
/// one axis fewer (unbatched: batch 1). Weights are (C_in, C_out / groups, kernel...) whatever the layout.
struct LayerShapes {
    Sizes input;                                ///< (N, C_in, sizes...), or as the layout says
    Sizes weights;                              ///< (C_in, C_out / groups, kernel...)
    std::optional<std::int64_t> bias_length{};  ///< numbers in the bias, where there is one
    DType dtype = DType::f32;                   ///< of every array
    Layout layout = Layout::channels_first;     ///< of the input
};

/// torch.nn.ConvTransposeNd / F.conv_transposeNd. Limits: 0 <= output_padding < max(stride, dilation) on each axis.
/// output_size (spatial, or with batch and channels in front) chooses output_padding and reaches from the smallest
/// size to that + stride - 1; given together with an output_padding it is refused.
struct PyTorchTerms {
    Sizes stride{};           ///< default 1
    Sizes padding{};          ///< rows cropped from both ends, default 0
    Sizes output_padding{};   ///< rows un-cropped at the end, default 0
    Sizes dilation{};         ///< default 1, dense
    std::int64_t groups = 1;  ///< both channel numbers are divisible by it
    Sizes output_size{};      ///< the size wanted; empty: what the other numbers give
};
/// The transposed convolution of torch.nn.ConvTransposeNd as a problem. Errors: as at the top of this file.
Result<Problem> from_pytorch(const LayerShapes& shapes, const PyTorchTerms& terms);

/// ONNX ConvTranspose. The SAME split is that of opset 11 and 22 for every opset: SAME_UPPER puts the odd row at the
/// end; SAME_LOWER, and NOTSET or VALID with output_shape, put it in front (as ONNX Runtime does). SAME without
/// output_shape: out = min(in * stride, natural + output_padding), natural = (in-1) stride + (k-1) dilation + 1.
/// output_shape (spatial) overrides pads; above natural by less than the stride it adds rows at the end, by more it is
/// refused. auto_pad other than NOTSET together with pads is refused.
struct OnnxTerms {
    Sizes strides{};                  ///< default 1
    Sizes pads{};                     ///< rows cropped: all begins, then all ends; default 0
    Sizes output_padding{};           ///< rows un-cropped at the end, default 0
    Sizes dilations{};                ///< default 1, dense
    std::int64_t group = 1;           ///< both channel numbers are divisible by it
    Sizes output_shape{};             ///< the size wanted; empty: what the other numbers give
    Sizes kernel_shape{};             ///< must agree with the weights when given
    std::string auto_pad = "NOTSET";  ///< NOTSET, SAME_UPPER, SAME_LOWER or VALID
};
/// The ConvTranspose node as a problem. Errors: as at the top of this file.
Result<Problem> from_onnx(const LayerShapes& shapes, const OnnxTerms& terms);

/// Keras Conv{1,2,3}DTranspose. `valid` gives (in-1) s + max(extent, s), or with output_padding (in-1) s + extent +
/// output_padding; `same` gives in * s, or with output_padding (in-1) s + extent - 2 floor(extent / 2) +
/// output_padding; the crop is TensorFlow's SAME. Limits: output_padding < stride.
struct KerasTerms {
    Sizes strides{};                ///< default 1
    std::string padding = "valid";  ///< valid or same
    Sizes output_padding{};         ///< empty: Keras derives the size, which is not the same as 0
    Sizes dilation_rate{};          ///< default 1, dense
    std::int64_t groups = 1;        ///< Keras itself has none
};
/// The layer ConvNDTranspose as a problem. Errors: as at the top of this file.
Result<Problem> from_keras(const LayerShapes& shapes, const KerasTerms& terms);

/// tf.nn.convNd_transpose: the gradient of a convolution that reads `output_shape` with SAME or VALID padding. SAME
/// crops max((in-1) s + extent - out, 0) rows, the smaller half in front. `output_shape` empty: in * s (SAME), or
/// (in-1) s + max(extent, s) (VALID). An output_shape whose forward convolution does not give `in` is refused.
struct TensorFlowTerms {
    Sizes output_shape{};          ///< spatial, or with batch and channels; empty: derived
    Sizes strides{};               ///< default 1
    std::string padding = "SAME";  ///< SAME or VALID
    Sizes dilations{};             ///< default 1, dense
};
/// The operation convNd_transpose as a problem. Errors: as at the top of this file.
Result<Problem> from_tensorflow(const LayerShapes& shapes, const TensorFlowTerms& terms);

/// MXNet Deconvolution. Limits: adj < stride. target_shape overrides pad and adj: total = natural - target >= 0 is
/// cropped, the larger half in front.
struct MxnetTerms {
    Sizes stride{};              ///< default 1
    Sizes pad{};                 ///< rows cropped from both ends, default 0
    Sizes adj{};                 ///< rows un-cropped at the end, default 0
    Sizes dilate{};              ///< default 1, dense
    std::int64_t num_group = 1;  ///< both channel numbers are divisible by it
    Sizes target_shape{};        ///< the size wanted; empty: what the other numbers give
};
/// The Deconvolution operator as a problem. Errors: as at the top of this file.
Result<Problem> from_mxnet(const LayerShapes& shapes, const MxnetTerms& terms);

/// A *convolution* in PyTorch's terms: the input is the fine side, the weights are (C_out, C_in / groups, kernel...),
/// out = floor((in + 2 padding - extent) / stride) + 1 becomes the coarse size. pads (all begins, then all ends) may be
/// given instead of padding.
struct ConvTerms {
    Sizes stride{};           ///< default 1
    Sizes padding{};          ///< rows of zeros at both ends of the input, default 0
    Sizes pads{};             ///< all begins, then all ends
    Sizes dilation{};         ///< default 1, dense
    std::int64_t groups = 1;  ///< both channel numbers are divisible by it
    /// PyTorch's padding='same' (stride 1; dilation * (kernel - 1) zeros, the larger half at the end) or 'valid'
    /// (none), instead of numbers.
    std::string auto_pad{};
};
/// The convolution's geometry, seen from its output: the coarse side. Errors: as at the top of this file.
Result<Problem> from_convolution(const LayerShapes& shapes, const ConvTerms& terms);

/// tconv's own terms: the tokens of a problem text, filled up from the arrays. What the text gives has to agree with
/// them (array_mismatch). `layer` is scatter for a transposed convolution, gather for a convolution; the layout is the
/// text's; an empty shapes.input means that only the weights are there.
Result<Problem> from_tokens(LayerShapes shapes, ProblemTokens tokens, Pass layer);

}  // namespace tconv
