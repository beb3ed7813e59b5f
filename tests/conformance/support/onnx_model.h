// One of ONNX's own backend tests: a model with a single ConvTranspose, its inputs and the output it has to give.
#pragma once

#include <string>
#include <vector>

#include "tconv/frameworks.h"

namespace tconv::test {

struct Array {
    Sizes shape;
    std::vector<float> values;
};

struct OnnxTest {
    OnnxTerms terms;
    Array input, weights, output;
    std::optional<Array> bias;
};

/// Reads FOLDER/model.onnx and FOLDER/test_data_set_0; throws std::runtime_error where something is amiss.
OnnxTest read_onnx_test(const std::string& folder);

}  // namespace tconv::test
