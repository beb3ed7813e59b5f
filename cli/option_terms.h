// The geometry options as numbers, and their translation: whichever framework's words are used decides whose rules
// hold.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "tconv/frameworks.h"

namespace tconv::cli {

/// The options as they were typed; empty where not given.
struct OptionTexts {
    std::string kernel, input_size, channels, batch, stride, padding, pads, output_padding, output_size, output_shape,
        auto_pad, dilation, groups, layout, dtype;

    /// Whether any is given.
    bool any() const;
};

/// The same, read.
struct OptionTerms {
    Sizes kernel, input_size, channels, stride, padding, pads, output_padding, output_size, output_shape, dilation;
    std::optional<std::int64_t> batch;
    std::int64_t groups = 1;
    std::string auto_pad;
    Layout layout = Layout::channels_first;
    std::optional<DType> dtype;
};

/// What was asked for cannot be: invalid_argument.
inline Error usage(std::string sentence) { return {ErrorCode::invalid_argument, std::move(sentence)}; }

/// Errors (invalid_argument) name the option.
Result<OptionTerms> read_terms(const OptionTexts& texts);

/// The shapes that the options describe, where there are no arrays; where there are weights but no input, the input's.
/// Errors: invalid_argument (a size is missing, lists of different lengths).
Result<LayerShapes> complete_shapes(LayerShapes shapes, const OptionTerms& terms);

/// The problem, by PyTorch's rules, ONNX's (--pads, --output-shape, --auto-pad) or TensorFlow's (--auto-pad tf_...); or
/// that of a convolution. Errors: as the translators, and invalid_argument for words that do not go together.
Result<Problem> translate(const LayerShapes& shapes, const OptionTerms& terms, bool is_convolution);

/// Errors: array_mismatch where a size that was given, although arrays have it, differs from theirs.
Result<void> check_agreement(const Problem& problem, const OptionTerms& terms, bool is_convolution);

}  // namespace tconv::cli
