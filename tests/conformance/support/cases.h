// The conformance cases: layers from other projects' tests, in the terms of those projects, with the sizes that they
// state. They live outside the repository, in $TCONV_SHARED (or the CMake variable TCONV_SHARED_DIR); without them the
// shapes in tests/shapes remain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tconv/frameworks.h"

namespace tconv::test {

/// The folder with the cases; empty where there is none.
std::string conformance_folder();

/// Why tests over the cases cannot run here, for GTEST_SKIP; empty where they can.
std::string why_no_cases();

/// One layer as its source gives it. Shapes are (N, C, sizes...) whatever the layout.
struct Case {
    std::string id, source;
    Sizes input, weights, stride, dilation, output_padding, pads;  ///< pads: all begins, then all ends
    std::int64_t groups = 1;
    std::optional<std::int64_t> bias_length{};
    Sizes output_shape{}, output_size{};  ///< empty: not given
    std::string auto_pad{};               ///< ONNX's words, TF_SAME, TF_VALID, or empty
    Layout layout = Layout::channels_first;

    // What the source states.
    Sizes stated_output{}, stated_begin{}, stated_end{}, stated_output_padding{};
};
const std::vector<Case>& all_cases();

/// A layer with the verdict that it deserves.
struct Verdict {
    Case layer;
    std::string why, terms;
    bool accepted = false;
};
const std::vector<Verdict>& all_verdicts();

/// The case in its own terms: TensorFlow's where auto_pad is TF_*, ONNX's where it has ONNX's auto_pad or output_shape
/// or uneven pads or comes from a project with ONNX's rules, PyTorch's otherwise.
Result<Problem> translate(const Case& layer);

/// The case by its resolved pads and output padding, in ONNX's terms.
Result<Problem> translate_resolved(const Case& layer);

/// The arrays' shapes in the case's layout.
LayerShapes shapes_of(const Case& layer);

}  // namespace tconv::test
