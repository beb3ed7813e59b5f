// ONNX's own backend tests for ConvTranspose, through tensors in f32.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "conformance/support/cases.h"
#include "conformance/support/onnx_model.h"
#include "tconv/passes.h"

namespace tconv::test {
namespace {

Tensor to_tensor(const Array& array) {
    Tensor tensor = Tensor::zeros(array.shape, DType::f32).value();
    std::copy(array.values.begin(), array.values.end(), tensor.as<float>().begin());
    return tensor;
}

class OnnxModel : public testing::TestWithParam<const char*> {};

TEST_P(OnnxModel, GivesItsOutput) {
    if (const std::string why = why_no_cases(); !why.empty()) GTEST_SKIP() << why;
    const OnnxTest test = read_onnx_test(conformance_folder() + "/onnx/" + GetParam());
    LayerShapes shapes;
    shapes.input = test.input.shape;
    shapes.weights = test.weights.shape;
    if (test.bias) shapes.bias_length = test.bias->shape.at(0);
    const auto problem = from_onnx(shapes, test.terms);
    ASSERT_TRUE(problem) << problem.error().message;

    const Tensor bias = test.bias ? to_tensor(*test.bias) : Tensor();
    const auto output = scatter(*problem, to_tensor(test.input), to_tensor(test.weights), test.bias ? &bias : nullptr);
    ASSERT_TRUE(output) << output.error().message;
    ASSERT_EQ(output->shape(), test.output.shape);
    const auto values = output->as<float>();
    for (std::size_t i = 0; i < values.size(); ++i)
        EXPECT_NEAR(values[i], test.output.values[i], 1e-5 + 1e-5 * std::fabs(test.output.values[i]))
            << "element " << i;
}

INSTANTIATE_TEST_SUITE_P(Onnx, OnnxModel,
                         testing::Values("test_ConvTranspose2d", "test_ConvTranspose2d_no_bias", "test_convtranspose",
                                         "test_convtranspose_1d", "test_convtranspose_3d",
                                         "test_convtranspose_autopad_same", "test_convtranspose_dilations",
                                         "test_convtranspose_group_2", "test_convtranspose_group_2_image_3",
                                         "test_convtranspose_kernel_shape", "test_convtranspose_output_shape",
                                         "test_convtranspose_pad", "test_convtranspose_pads",
                                         "test_operator_convtranspose"),
                         [](const auto& named) { return std::string(named.param); });

}  // namespace
}  // namespace tconv::test
