// Frameworks' terms: sizes and paddings worked out by hand from each framework's documentation, and its limits.
#include "tconv/frameworks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tconv/problem_text.h"

namespace tconv {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kHuge = std::int64_t{1} << 62;

LayerShapes layer(Sizes input, Sizes weights) {
    LayerShapes shapes;
    shapes.input = std::move(input);
    shapes.weights = std::move(weights);
    return shapes;
}

// One axis: `in` rows, a kernel of `k`.
LayerShapes row(std::int64_t in, std::int64_t k) { return layer({1, 1, in}, {1, 1, k}); }

std::string text(const Result<Problem>& problem) { return problem ? to_text(*problem) : problem.error().message; }

void expect_refused(const Result<Problem>& problem, ErrorCode code, const std::string& part) {
    ASSERT_FALSE(problem) << to_text(*problem);
    EXPECT_EQ(problem.error().code, code) << problem.error().message;
    EXPECT_THAT(problem.error().message, HasSubstr(part));
    EXPECT_EQ(problem.error().message.find('\n'), std::string::npos);
}
void expect_refused(const Result<Problem>& problem, const std::string& part) {
    expect_refused(problem, ErrorCode::invalid_argument, part);
}
void expect_mismatch(const Result<Problem>& problem, const std::string& part) {
    expect_refused(problem, ErrorCode::array_mismatch, part);
}

// --- The arrays, the same for every framework.

TEST(LayerShapes, GiveBatchChannelsAndSizes) {
    LayerShapes shapes = layer({5, 6, 7, 8}, {6, 4, 3, 2});
    shapes.bias_length = 8;
    shapes.dtype = DType::f64;
    PyTorchTerms terms;
    terms.groups = 2;
    EXPECT_EQ(text(from_pytorch(shapes, terms)), "n5 ic6 oc8 i7x8 k3x2 g2 f64 bias");
}

TEST(LayerShapes, HaveChannelsLastWhereTheLayoutSaysSo) {
    LayerShapes shapes = layer({5, 7, 8, 6}, {6, 4, 3, 2});
    shapes.layout = Layout::channels_last;
    EXPECT_EQ(text(from_pytorch(shapes, {})), "n5 ic6 oc4 i7x8 k3x2 nhwc");
    shapes.input = {7, 8, 6};
    EXPECT_EQ(text(from_pytorch(shapes, {})), "ic6 oc4 i7x8 k3x2 nhwc");
}

TEST(LayerShapes, MayLackTheBatch) { EXPECT_EQ(text(from_onnx(layer({6, 7}, {6, 4, 3}), {})), "ic6 oc4 i7 k3"); }

TEST(LayerShapes, MayHaveNoSamplesOrChannels) {
    EXPECT_EQ(text(from_pytorch(layer({0, 6, 7}, {6, 4, 3}), {})), "n0 ic6 oc4 i7 k3");
    EXPECT_EQ(text(from_pytorch(layer({1, 0, 7}, {0, 4, 3}), {})), "ic0 oc4 i7 k3");
    EXPECT_EQ(text(from_pytorch(layer({1, 6, 7}, {6, 0, 3}), {})), "ic6 oc0 i7 k3");
}

TEST(LayerShapes, ThatDisagreeAreMismatches) {
    expect_mismatch(from_pytorch(layer({5, 5}, {4, 3, 3, 3}), {}),
                    "input of rank 2 does not go with weights of rank 4");
    expect_mismatch(from_onnx(layer({1, 1, 4, 5, 5}, {4, 3, 3, 3}), {}), "input of rank 5");
    expect_mismatch(from_keras(layer({4, 5}, {4, 3}), {}), "weights of rank 2");
    expect_mismatch(from_tensorflow(layer({}, {}), {}), "weights of rank 0");
    expect_mismatch(from_mxnet(layer({1, 3, 5}, {4, 3, 3}), {}), "3 channels");
    LayerShapes biased = layer({1, 4, 5}, {4, 3, 3});
    biased.bias_length = 4;
    expect_mismatch(from_pytorch(biased, {}), "bias of length 4 does not go with 3 output channels");
}

TEST(LayerShapes, ThatCannotBeComputedAreRefused) {
    expect_refused(from_pytorch(layer({1, 1, 2, 2, 2, 2}, {1, 1, 2, 2, 2, 2}), {}), "4 spatial axes");
    expect_refused(from_pytorch(row(0, 3), {}), "input size 0 must be at least 1");
    expect_refused(from_pytorch(row(3, 0), {}), "kernel size 0 must be at least 1");
    expect_refused(from_pytorch(layer({-1, 1, 3}, {1, 1, 3}), {}), "negative size");
    expect_refused(from_pytorch(layer({1, 1, 3}, {1, -1, 3}), {}), "negative size");
    expect_refused(from_pytorch(layer({kHuge, kHuge, 3}, {kHuge, 1, 3}), {}), "2^62");
    expect_refused(from_pytorch(layer({1, 1, kHuge}, {1, 1, kHuge}), {}), "62 bits");
}

TEST(Groups, HaveToBePositiveAndDivide) {
    for (const std::int64_t groups : {std::int64_t{0}, std::int64_t{-2}, INT64_MIN, std::int64_t{3}, INT64_MAX}) {
        const LayerShapes shapes = layer({1, 4, 5}, {4, 3, 3});
        expect_refused(from_pytorch(shapes, {{}, {}, {}, {}, groups, {}}), "groups");
        OnnxTerms onnx;
        onnx.group = groups;
        expect_refused(from_onnx(shapes, onnx), "groups");
    }
    expect_refused(from_pytorch(layer({1, 1 << 20, 5}, {1 << 20, kHuge / 2, 3}), {{}, {}, {}, {}, 1 << 20, {}}),
                   "62 bits");
}

TEST(Lists, HaveOneEntryOrOnePerAxis) {
    const LayerShapes shapes = layer({1, 1, 4, 5}, {1, 1, 3, 3});
    EXPECT_EQ(text(from_pytorch(shapes, {{2}, {1}, {1}, {1}, 1, {}})), "i4x5 k3 s2 p1 op1");
    EXPECT_EQ(text(from_pytorch(shapes, {{2, 3}, {1, 0}, {1, 2}, {1, 2}, 1, {}})), "i4x5 k3 s2x3 p1x0 op1x2 d1x2");
    expect_refused(from_pytorch(shapes, {{2, 2, 2}, {}, {}, {}, 1, {}}), "stride has 3 entries for 2 spatial axes");
    expect_refused(from_onnx(shapes, {{}, {1, 1}, {}, {}, 1, {}, {}, "NOTSET"}), "pads has 2 entries");
    EXPECT_EQ(text(from_onnx(shapes, {{}, {1}, {}, {}, 1, {}, {}, "NOTSET"})), "i4x5 k3 p1");
}

TEST(Numbers, OfEverySizeAreAnsweredWithoutOverflow) {
    for (const std::int64_t value :
         {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1} << 31, kHuge - 1, kHuge, INT64_MAX}) {
        const LayerShapes shapes = row(5, 3);
        const Sizes list{value};
        for (const auto& problem : {from_pytorch(shapes, {list, {}, {}, {}, 1, {}}),
                                    from_pytorch(shapes, {{}, list, {}, {}, 1, {}}),
                                    from_pytorch(shapes, {{}, {}, list, {}, 1, {}}),
                                    from_pytorch(shapes, {{}, {}, {}, list, 1, {}}),
                                    from_pytorch(shapes, {{}, {}, {}, {}, 1, list}),
                                    from_onnx(shapes, {{}, list, {}, {}, 1, {}, {}, ""}),
                                    from_onnx(shapes, {{}, {}, list, {}, 1, {}, {}, ""}),
                                    from_onnx(shapes, {{}, {}, {}, {}, 1, list, {}, ""}),
                                    from_onnx(shapes, {{}, {}, {}, {}, 1, {}, list, ""}),
                                    from_onnx(shapes, {list, {}, list, {}, 1, {}, {}, "SAME_UPPER"}),
                                    from_keras(shapes, {list, "same", {}, {}, 1}),
                                    from_keras(shapes, {{2}, "same", list, {}, 1}),
                                    from_keras(shapes, {{}, "valid", {}, list, 1}),
                                    from_tensorflow(shapes, {list, {}, "SAME", {}}),
                                    from_tensorflow(shapes, {{}, list, "VALID", {}}),
                                    from_mxnet(shapes, {list, {}, {}, {}, 1, {}}),
                                    from_mxnet(shapes, {{}, list, {}, {}, 1, {}}),
                                    from_mxnet(shapes, {{}, {}, {}, {}, 1, list}),
                                    from_convolution(shapes, {list, {}, {}, {}, 1}),
                                    from_convolution(shapes, {{}, list, {}, {}, 1}),
                                    from_convolution(shapes, {{}, {}, list, {}, 1}),
                                    from_convolution(shapes, {{}, {}, {}, list, 1})}) {
            if (problem)
                EXPECT_TRUE(validate(*problem)) << to_text(*problem);
            else
                EXPECT_FALSE(problem.error().message.empty());
        }
    }
}

// --- PyTorch: torch.nn.ConvTranspose2d, "Shape".

TEST(PyTorch, SizeIsThatOfTheDocumentation) {
    // (7-1)*3 - 2*1 + 2*(4-1) + 2 + 1 = 25
    const auto problem = from_pytorch(row(7, 4), {{3}, {1}, {2}, {2}, 1, {}});
    ASSERT_TRUE(problem) << problem.error().message;
    EXPECT_EQ(problem->axes[2].fine, 25);
    EXPECT_EQ(problem->axes[2].output_padding(), 2);
}

TEST(PyTorch, OutputPaddingIsBelowStrideOrDilation) {
    EXPECT_EQ(text(from_pytorch(row(5, 3), {{1}, {}, {2}, {3}, 1, {}})), "i5 k3 op2 d3");
    EXPECT_EQ(text(from_pytorch(row(5, 3), {{3}, {}, {2}, {1}, 1, {}})), "i5 k3 s3 op2");
    expect_refused(from_pytorch(row(5, 3), {{2}, {}, {2}, {}, 1, {}}),
                   "output_padding 2 must be smaller than max(stride 2, dilation 1) = 2");
    expect_refused(from_pytorch(row(5, 3), {{1}, {}, {3}, {3}, 1, {}}), "output_padding 3");
    expect_refused(from_pytorch(row(5, 3), {{2}, {}, {-1}, {}, 1, {}}), "output_padding -1");
}

TEST(PyTorch, OutputSizeChoosesOutputPadding) {
    const LayerShapes shapes = layer({1, 4, 6, 6}, {4, 3, 3, 3});  // the smallest size is (6-1)*3 + 3 = 18
    EXPECT_EQ(text(from_pytorch(shapes, {{3}, {}, {}, {}, 1, {18, 18}})), "ic4 oc3 i6x6 k3 s3");
    EXPECT_EQ(text(from_pytorch(shapes, {{3}, {}, {}, {}, 1, {19, 20}})), "ic4 oc3 i6x6 k3 s3 op1x2");
    EXPECT_EQ(text(from_pytorch(shapes, {{3}, {}, {0, 0}, {}, 1, {1, 3, 19, 20}})), "ic4 oc3 i6x6 k3 s3 op1x2");
    expect_refused(from_pytorch(shapes, {{3}, {}, {}, {}, 1, {17, 18}}), "from 18 to 20");
    expect_refused(from_pytorch(shapes, {{3}, {}, {}, {}, 1, {21, 18}}), "from 18 to 20");
    expect_refused(from_pytorch(shapes, {{3}, {}, {}, {}, 1, {19}}), "output_size has 1 entries");
    expect_refused(from_pytorch(shapes, {{3}, {}, {}, {}, 1, {1, 19, 20}}), "output_size has 3 entries");
    expect_refused(from_pytorch(shapes, {{3}, {}, {1}, {}, 1, {19, 20}}), "given together");
}

TEST(PyTorch, OutputSizeCountsDilation) {  // pytorch#14272
    EXPECT_EQ(text(from_pytorch(row(4, 3), {{2}, {1}, {}, {3}, 1, {12}})), "i4 k3 s2 p1 op1 d3");
}

TEST(PyTorch, OutputSizeOfAnUnbatchedInputHasChannelsInFront) {
    EXPECT_EQ(text(from_pytorch(layer({4, 6, 6}, {4, 3, 3, 3}), {{3}, {}, {}, {}, 1, {3, 19, 20}})),
              "ic4 oc3 i6x6 k3 s3 op1x2");
}

TEST(PyTorch, PaddingMayBeLargerThanTheKernelButNotThanTheOutput) {
    EXPECT_EQ(text(from_pytorch(row(9, 3), {{}, {4}, {}, {}, 1, {}})), "i9 k3 p4");
    expect_refused(from_pytorch(row(5, 3), {{}, {4}, {}, {}, 1, {}}), "output (fine) size -1 must be at least 1");
    expect_refused(from_pytorch(row(5, 3), {{}, {-1}, {}, {}, 1, {}}), "padding -1");
}

// --- ONNX: ConvTranspose-22, and ONNX Runtime where the specification is silent.

OnnxTerms same(const char* mode, std::int64_t stride, Sizes output_shape = {}, std::int64_t output_padding = 0) {
    OnnxTerms terms;
    terms.auto_pad = mode;
    terms.strides = {stride};
    terms.output_shape = std::move(output_shape);
    terms.output_padding = {output_padding};
    return terms;
}

TEST(Onnx, SameUpperAndLowerSplitOddTotals) {
    EXPECT_EQ(text(from_onnx(row(3, 3), same("SAME_UPPER", 2))), "i3 k3 s2 p0:1");  // natural 7, one row goes
    EXPECT_EQ(text(from_onnx(row(3, 3), same("SAME_LOWER", 2))), "i3 k3 s2 p1:0");
    EXPECT_EQ(text(from_onnx(row(3, 4), same("SAME_UPPER", 2))), "i3 k4 s2 p1");
    EXPECT_EQ(text(from_onnx(row(3, 5), same("SAME_UPPER", 2))), "i3 k5 s2 p1:2");
}

TEST(Onnx, SameIsNeverAboveTheNaturalSize) {
    EXPECT_EQ(text(from_onnx(row(3, 1), same("SAME_UPPER", 2))), "i3 k1 s2");                // 5, not 6
    EXPECT_EQ(text(from_onnx(row(3, 1), same("SAME_UPPER", 2, {}, 1))), "i3 k1 s2 op1");     // 6
    EXPECT_EQ(text(from_onnx(row(3, 3), same("SAME_UPPER", 2, {}, 1))), "i3 k3 s2 p1 op1");  // 6, not 7
}

TEST(Onnx, OutputShapeDecidesThePads) {
    // natural 7: 4 wanted, 3 rows go
    EXPECT_EQ(text(from_onnx(row(3, 3), same("SAME_UPPER", 2, {4}))), "i3 k3 s2 p1:2");
    EXPECT_EQ(text(from_onnx(row(3, 3), same("SAME_LOWER", 2, {4}))), "i3 k3 s2 p2:1");
    EXPECT_EQ(text(from_onnx(row(3, 3), same("NOTSET", 2, {4}))), "i3 k3 s2 p2:1");
    EXPECT_EQ(text(from_onnx(row(3, 3), same("VALID", 2, {4}))), "i3 k3 s2 p2:1");
    EXPECT_EQ(text(from_onnx(row(3, 3), same("NOTSET", 2, {7}))), "i3 k3 s2");
    EXPECT_EQ(text(from_onnx(row(3, 3), same("NOTSET", 2, {7}, 1))), "i3 k3 s2 p1:0 op1");
}

TEST(Onnx, OutputShapeOverridesPads) {
    OnnxTerms terms = same("NOTSET", 2, {6});
    terms.pads = {3, 3};
    EXPECT_EQ(text(from_onnx(row(3, 3), terms)), "i3 k3 s2 p1:0");
}

TEST(Onnx, OutputShapeReachesLessThanAStrideAboveTheNaturalSize) {
    EXPECT_EQ(text(from_onnx(row(3, 3), same("NOTSET", 3, {11}))), "i3 k3 s3 op2");
    expect_refused(from_onnx(row(3, 3), same("NOTSET", 3, {12})), "above the natural size 9 by 3");
    expect_refused(from_onnx(row(3, 3), same("NOTSET", 3, {0})), "output_shape 0 must be at least 1");
    expect_refused(from_onnx(layer({1, 1, 3, 3}, {1, 1, 3, 3}), same("NOTSET", 3, {9})), "output_shape has 1 entries");
}

TEST(Onnx, ValidCropsNothing) { EXPECT_EQ(text(from_onnx(row(3, 3), same("VALID", 2, {}, 1))), "i3 k3 s2 op1"); }

TEST(Onnx, OutputPaddingMayBeAnythingFromZero) {
    EXPECT_EQ(text(from_onnx(row(3, 3), same("NOTSET", 1, {}, 4))), "i3 o9 k3");
    expect_refused(from_onnx(row(3, 3), same("NOTSET", 2, {}, -1)), "output_padding -1 must be at least 0");
}

TEST(Onnx, PadsAreBeginsThenEnds) {
    OnnxTerms terms;
    terms.pads = {1, 2, 0, 1};
    EXPECT_EQ(text(from_onnx(layer({1, 1, 5, 6}, {1, 1, 3, 3}), terms)), "i5x6 k3 p1x2:0x1");
    terms.pads = {1, -1, 0, 1};
    expect_refused(from_onnx(layer({1, 1, 5, 6}, {1, 1, 3, 3}), terms), "pads -1");
}

TEST(Onnx, AutoPadAndPadsExcludeEachOther) {
    for (const char* mode : {"SAME_UPPER", "SAME_LOWER", "VALID"}) {
        OnnxTerms terms = same(mode, 2);
        terms.pads = {1, 1};
        expect_refused(from_onnx(row(3, 3), terms), "given together");
        terms.pads = {0, 0};  // exporters write them out
        EXPECT_TRUE(from_onnx(row(3, 3), terms));
    }
    expect_refused(from_onnx(row(3, 3), same("SAME", 2)), "auto_pad 'SAME' is unknown");
    expect_refused(from_onnx(row(3, 3), same("a\nb", 2)), "auto_pad 'a?b' is unknown");
}

TEST(Onnx, KernelShapeAgreesWithTheWeights) {
    OnnxTerms terms;
    terms.kernel_shape = {3, 2};
    EXPECT_EQ(text(from_onnx(layer({1, 1, 5, 6}, {1, 1, 3, 2}), terms)), "i5x6 k3x2");
    expect_mismatch(from_onnx(layer({1, 1, 5, 6}, {1, 1, 2, 3}), terms), "kernel_shape (3, 2) disagrees");
    terms.kernel_shape = {3};
    expect_mismatch(from_onnx(layer({1, 1, 5, 6}, {1, 1, 3, 3}), terms), "kernel_shape (3) disagrees");
}

// --- Keras: Conv2DTranspose, "Output shape".

TEST(Keras, ValidReachesAtLeastTheStride) {
    EXPECT_EQ(text(from_keras(row(4, 3), {{2}, "valid", {}, {}, 1})), "i4 k3 s2");       // 9
    EXPECT_EQ(text(from_keras(row(4, 2), {{3}, "valid", {}, {}, 1})), "i4 k2 s3 op1");   // 12
    EXPECT_EQ(text(from_keras(row(4, 2), {{3}, "valid", {0}, {}, 1})), "i4 k2 s3");      // 11
    EXPECT_EQ(text(from_keras(row(4, 2), {{3}, "valid", {2}, {}, 1})), "i4 k2 s3 op2");  // 13
    EXPECT_EQ(text(from_keras(row(4, 3), {{}, "valid", {}, {2}, 1})), "i4 k3 d2");       // 8
}

TEST(Keras, SameGivesInputTimesStrideCroppedAsTensorFlowDoes) {
    EXPECT_EQ(text(from_keras(row(4, 3), {{2}, "same", {}, {}, 1})), "i4 k3 s2 p0:1");
    EXPECT_EQ(text(from_keras(row(4, 4), {{2}, "same", {}, {}, 1})), "i4 k4 s2 p1");
    EXPECT_EQ(text(from_keras(row(4, 5), {{2}, "Same", {}, {}, 1})), "i4 k5 s2 p1:2");
    EXPECT_EQ(text(from_keras(row(4, 1), {{2}, "SAME", {}, {}, 1})), "i4 k1 s2 op1");
    EXPECT_EQ(text(from_keras(row(4, 2), {{}, "same", {}, {}, 1})), "i4 k2 p0:1");
}

TEST(Keras, SameWithOutputPaddingCropsAnEvenKernelWhole) {
    EXPECT_EQ(text(from_keras(row(4, 3), {{2}, "same", {0}, {}, 1})), "i4 k3 s2 p1");    // 6 + 1 = 7
    EXPECT_EQ(text(from_keras(row(4, 3), {{2}, "same", {1}, {}, 1})), "i4 k3 s2 p0:1");  // 8
    EXPECT_EQ(text(from_keras(row(4, 4), {{2}, "same", {0}, {}, 1})), "i4 k4 s2 p2");    // 6 + 0
    EXPECT_EQ(text(from_keras(row(4, 4), {{2}, "same", {1}, {}, 1})), "i4 k4 s2 p1:2");  // 7
    EXPECT_EQ(text(from_keras(row(4, 1), {{3}, "same", {2}, {}, 1})), "i4 k1 s3 op2");   // 9 + 1 + 2 = 12
}

TEST(Keras, RefusesWhatItsLayersRefuse) {
    expect_refused(from_keras(row(4, 3), {{2}, "same", {2}, {}, 1}),
                   "output_padding 2 must be smaller than the stride 2");
    expect_refused(from_keras(row(4, 3), {{1}, "valid", {1}, {2}, 1}),
                   "output_padding 1 must be smaller than the stride 1");
    expect_refused(from_keras(row(4, 3), {{2}, "causal", {}, {}, 1}), "padding 'causal' is unknown");
    expect_refused(from_keras(row(1, 4), {{2}, "same", {0}, {}, 1}), "at least 1");
}

// --- TensorFlow: tf.nn.conv2d_transpose, the gradient of conv2d; its padding rules ("Notes on padding").

TEST(TensorFlow, SameAndValidWithoutOutputShape) {
    EXPECT_EQ(text(from_tensorflow(row(4, 3), {{}, {2}, "SAME", {}})), "i4 k3 s2 p0:1");
    EXPECT_EQ(text(from_tensorflow(row(4, 3), {{}, {2}, "VALID", {}})), "i4 k3 s2");
    EXPECT_EQ(text(from_tensorflow(row(4, 2), {{}, {3}, "VALID", {}})), "i4 k2 s3 op1");
}

TEST(TensorFlow, OutputShapeIsOneThatTheForwardConvolutionMapsToTheInput) {
    // SAME, stride 2: ceil(out / 2) = 4 for 7 and 8. 7 crops two of 9 rows, 8 crops one.
    EXPECT_EQ(text(from_tensorflow(row(4, 3), {{7}, {2}, "SAME", {}})), "i4 k3 s2 p1");
    EXPECT_EQ(text(from_tensorflow(row(4, 3), {{8}, {2}, "SAME", {}})), "i4 k3 s2 p0:1");
    expect_refused(from_tensorflow(row(4, 3), {{6}, {2}, "SAME", {}}), "from 7 to 8");
    expect_refused(from_tensorflow(row(4, 3), {{9}, {2}, "SAME", {}}), "from 7 to 8");
    // VALID, stride 2: floor((out - 3) / 2) + 1 = 4 for 9 and 10
    EXPECT_EQ(text(from_tensorflow(row(4, 3), {{10}, {2}, "VALID", {}})), "i4 k3 s2 op1");
    expect_refused(from_tensorflow(row(4, 3), {{8}, {2}, "VALID", {}}), "from 9 to 10");
    expect_refused(from_tensorflow(row(4, 3), {{11}, {2}, "VALID", {}}), "from 9 to 10");
    expect_refused(from_tensorflow(row(4, 3), {{2}, {2}, "VALID", {}}), "convolved to 0 rows");
}

TEST(TensorFlow, OutputShapeMayBeTheWholeShape) {
    LayerShapes shapes = layer({2, 4, 5, 3}, {3, 7, 3, 3});
    shapes.layout = Layout::channels_last;
    EXPECT_EQ(text(from_tensorflow(shapes, {{2, 8, 10, 7}, {2}, "SAME", {}})),
              text(from_tensorflow(shapes, {{8, 10}, {2}, "SAME", {}})));
    EXPECT_EQ(text(from_tensorflow(shapes, {{8, 10}, {2}, "SAME", {}})), "n2 ic3 oc7 i4x5 k3 s2 p0:1 nhwc");
    expect_mismatch(from_tensorflow(shapes, {{2, 8, 10, 6}, {2}, "SAME", {}}), "6 channels");
    expect_mismatch(from_tensorflow(shapes, {{2, 7, 8, 10}, {2}, "SAME", {}}), "10 channels");
    expect_refused(from_tensorflow(shapes, {{8, 10, 7}, {2}, "SAME", {}}), "output_shape has 3 entries");
}

TEST(TensorFlow, PaddingIsSameOrValid) {
    expect_refused(from_tensorflow(row(4, 3), {{}, {2}, "same", {}}), "padding 'same' is unknown");
}

// --- MXNet: Deconvolution, pad, adj and target_shape.

TEST(Mxnet, AdjIsBelowTheStride) {
    EXPECT_EQ(text(from_mxnet(row(4, 3), {{2}, {1}, {1}, {}, 1, {}})), "i4 k3 s2 p1 op1");
    expect_refused(from_mxnet(row(4, 3), {{2}, {1}, {2}, {}, 1, {}}), "adj 2 must be smaller than the stride 2");
    expect_refused(from_mxnet(row(4, 3), {{1}, {1}, {1}, {2}, 1, {}}), "adj 1 must be smaller than the stride 1");
}

TEST(Mxnet, TargetShapeCropsTheLargerHalfInFront) {
    EXPECT_EQ(text(from_mxnet(row(4, 3), {{2}, {9}, {9}, {}, 1, {8}})),
              "i4 k3 s2 p1:0");  // pad and adj do not count
    EXPECT_EQ(text(from_mxnet(row(4, 3), {{2}, {}, {}, {}, 1, {9}})), "i4 k3 s2");
    EXPECT_EQ(text(from_mxnet(row(4, 3), {{2}, {1}, {}, {}, 1, {0}})), "i4 k3 s2 p1");  // all zero: not set
    expect_refused(from_mxnet(row(4, 3), {{2}, {}, {}, {}, 1, {10}}), "larger than the full output 9");
    expect_refused(from_mxnet(row(4, 3), {{1}, {}, {}, {}, 1, {5}}), "odd number of rows");
    EXPECT_EQ(text(from_mxnet(row(4, 3), {{1}, {}, {}, {}, 1, {4}})), "i4 k3 p1");
    expect_refused(from_mxnet(layer({1, 1, 4, 4}, {1, 1, 3, 3}), {{2}, {}, {}, {}, 1, {8, 0}}),
                   "target_shape 0 must be at least 1");
}

// --- A convolution: torch.nn.Conv2d, "Shape".

TEST(Convolution, TakesTheFineSide) {
    LayerShapes shapes = layer({2, 6, 9, 10}, {8, 3, 3, 3});
    shapes.bias_length = 8;
    // floor((9 + 2 - 3) / 2) + 1 = 5, floor((10 + 2 - 3) / 2) + 1 = 5, one row left over
    const auto problem = from_convolution(shapes, {{2}, {1}, {}, {}, 2});
    ASSERT_TRUE(problem) << problem.error().message;
    EXPECT_EQ(to_text(*problem), "n2 ic8 oc6 i5x5 k3 s2 p1 op0x1 g2 bias");
    EXPECT_EQ(text(from_convolution(shapes, {{2}, {}, {1, 1, 0, 1}, {}, 2})),
              "n2 ic8 oc6 i4x5 k3 s2 p1:0x1 op1 g2 bias");
}

// torch.nn.functional.conv2d, "padding": 'same' puts the odd row of dilation * (kernel - 1) at the end.
TEST(Convolution, TakesPaddingByName) {
    ConvTerms terms;
    terms.auto_pad = "same";
    EXPECT_EQ(text(from_convolution(layer({1, 1, 9, 9}, {1, 1, 3, 4}), terms)), "i9x9 k3x4 p1:1x2");
    terms.dilation = {2};
    EXPECT_EQ(text(from_convolution(layer({1, 1, 9}, {1, 1, 4}), terms)), "i9 k4 p3 d2");
    terms.auto_pad = "valid";
    EXPECT_EQ(text(from_convolution(layer({1, 1, 9}, {1, 1, 4}), terms)), "i3 k4 d2");
    terms.padding = {1};
    expect_refused(from_convolution(layer({1, 1, 9}, {1, 1, 4}), terms), "give one of them");
    terms = {.stride = {2}, .auto_pad = "same"};
    expect_refused(from_convolution(layer({1, 1, 9}, {1, 1, 4}), terms), "needs stride 1");
    terms = {.auto_pad = "full"};
    expect_refused(from_convolution(layer({1, 1, 9}, {1, 1, 4}), terms), "'full' is unknown");
    terms = {.dilation = {std::int64_t{1} << 61}, .auto_pad = "same"};
    expect_refused(from_convolution(layer({1, 1, 9}, {1, 1, 9}), terms), "62 bits");
}

TEST(Convolution, RefusesWhatDoesNotFit) {
    expect_mismatch(from_convolution(layer({1, 4, 9}, {8, 3, 3}), {}), "the input has 4 channels");
    LayerShapes biased = layer({1, 3, 9}, {8, 3, 3});
    biased.bias_length = 3;
    expect_mismatch(from_convolution(biased, {}), "bias of length 3 does not go with 8 output channels");
    expect_refused(from_convolution(row(2, 3), {}), "larger than the padded size 2");
    expect_refused(from_convolution(row(2, 3), {{}, {1}, {1, 1}, {}, 1}), "given together");
    expect_refused(from_convolution(layer({1, 3, 9}, {9, 3, 3}), {{}, {}, {}, {}, 2}), "groups 2");
}

}  // namespace
}  // namespace tconv
