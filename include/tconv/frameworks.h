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

using Sizes = std::vector<std::int64_t>;

/// The arrays a layer is given. The spatial rank is that of the weights less 2; the input has the weights' rank, or
/// one axis fewer (unbatched: batch 1). Weights are (C_in, C_out / groups, kernel...) whatever the layout.
struct LayerShapes {
    Sizes input;
    Sizes weights;
    std::optional<std::int64_t> bias_length{};
    DType dtype = DType::f32;
    Layout layout = Layout::channels_first;
};

/// torch.nn.ConvTransposeNd / F.conv_transposeNd. Limits: 0 <= output_padding < max(stride, dilation) on each axis.
/// output_size (spatial, or with batch and channels in front) chooses output_padding and reaches from the smallest
/// size to that + stride - 1; given together with an output_padding it is refused.
struct PyTorchTerms {
    Sizes stride{}, padding{}, output_padding{}, dilation{};
    std::int64_t groups = 1;
    Sizes output_size{};
};
Result<Problem> from_pytorch(const LayerShapes& shapes, const PyTorchTerms& terms);

/// ONNX ConvTranspose. The SAME split is that of opset 11 and 22 for every opset: SAME_UPPER puts the odd row at the
/// end; SAME_LOWER, and NOTSET or VALID with output_shape, put it in front (as ONNX Runtime does). SAME without
/// output_shape: out = min(in * stride, natural + output_padding), natural = (in-1) stride + (k-1) dilation + 1.
/// output_shape (spatial) overrides pads; above natural by less than the stride it adds rows at the end, by more it is
/// refused. auto_pad other than NOTSET together with pads is refused.
struct OnnxTerms {
    Sizes strides{}, pads{}, output_padding{}, dilations{};  ///< pads: all begins, then all ends
    std::int64_t group = 1;
    Sizes output_shape{};
    Sizes kernel_shape{};             ///< must agree with the weights when given
    std::string auto_pad = "NOTSET";  ///< NOTSET, SAME_UPPER, SAME_LOWER or VALID
};
Result<Problem> from_onnx(const LayerShapes& shapes, const OnnxTerms& terms);

/// Keras Conv{1,2,3}DTranspose. `valid` gives (in-1) s + max(extent, s), or with output_padding (in-1) s + extent +
/// output_padding; `same` gives in * s, or with output_padding (in-1) s + extent - 2 floor(extent / 2) +
/// output_padding; the crop is TensorFlow's SAME. Limits: output_padding < stride.
struct KerasTerms {
    Sizes strides{};
    std::string padding = "valid";  ///< valid or same
    Sizes output_padding{}, dilation_rate{};
    std::int64_t groups = 1;  ///< Keras itself has none
};
Result<Problem> from_keras(const LayerShapes& shapes, const KerasTerms& terms);

/// tf.nn.convNd_transpose: the gradient of a convolution that reads `output_shape` with SAME or VALID padding. SAME
/// crops max((in-1) s + extent - out, 0) rows, the smaller half in front. `output_shape` empty: in * s (SAME), or
/// (in-1) s + max(extent, s) (VALID). An output_shape whose forward convolution does not give `in` is refused.
struct TensorFlowTerms {
    Sizes output_shape{}, strides{};
    std::string padding = "SAME";  ///< SAME or VALID
    Sizes dilations{};
};
Result<Problem> from_tensorflow(const LayerShapes& shapes, const TensorFlowTerms& terms);

/// MXNet Deconvolution. Limits: adj < stride. target_shape overrides pad and adj: total = natural - target >= 0 is
/// cropped, the larger half in front.
struct MxnetTerms {
    Sizes stride{}, pad{}, adj{}, dilate{};
    std::int64_t num_group = 1;
    Sizes target_shape{};
};
Result<Problem> from_mxnet(const LayerShapes& shapes, const MxnetTerms& terms);

/// A *convolution* in PyTorch's terms: the input is the fine side, the weights are (C_out, C_in / groups, kernel...),
/// out = floor((in + 2 padding - extent) / stride) + 1 becomes the coarse size. pads (all begins, then all ends) may be
/// given instead of padding.
struct ConvTerms {
    Sizes stride{}, padding{}, pads{}, dilation{};
    std::int64_t groups = 1;
};
Result<Problem> from_convolution(const LayerShapes& shapes, const ConvTerms& terms);

/// tconv's own terms: the tokens of a problem text, filled up from the arrays. What the text gives has to agree with
/// them (array_mismatch). `layer` is scatter for a transposed convolution, gather for a convolution; the layout is the
/// text's; an empty shapes.input means that only the weights are there.
Result<Problem> from_tokens(LayerShapes shapes, ProblemTokens tokens, Pass layer);

}  // namespace tconv
