// SAME, output_shape and pads: which rows are cropped, and where.
#include <gtest/gtest.h>

#include "graveyard/graves.h"
#include "tconv/problem_text.h"

namespace tconv::test {
namespace {

// Stamps 1 10 100, 2 20 200, 3 30 300, two apart: 1 10 102 20 203 30 300.
const Doubles kInput = {1, 2, 3}, kWeights = {1, 10, 100};

LayerShapes shapes(Sizes input, Sizes weights) {
    LayerShapes of;
    of.input = std::move(input);
    of.weights = std::move(weights);
    return of;
}

Doubles onnx(const char* auto_pad, Sizes output_shape = {}, std::int64_t output_padding = 0) {
    OnnxTerms terms;
    terms.strides = {2};
    terms.auto_pad = auto_pad;
    terms.output_shape = std::move(output_shape);
    terms.output_padding = {output_padding};
    return forward(from_onnx(shapes({1, 1, 3}, {1, 1, 3}), terms).value(), kInput, kWeights);
}

TEST(Same, GivesInputTimesStride) {  // onnxruntime#4086, #4698, onnx#2788, openvino#7321, #20848, tvm#19450
    EXPECT_EQ(onnx("SAME_UPPER").size(), 6u);
    EXPECT_EQ(onnx("SAME_LOWER").size(), 6u);
}

TEST(Same, SplitsAnOddTotal) {  // onnx#1609, #2095, #3019, onnxruntime#5368, #8769, #13311
    EXPECT_EQ(onnx("SAME_UPPER"), (Doubles{1, 10, 102, 20, 203, 30}));
    EXPECT_EQ(onnx("SAME_LOWER"), (Doubles{10, 102, 20, 203, 30, 300}));
}

TEST(Same, WithOutputPaddingIsStillInputTimesStride) {  // onnxruntime#11927, onnx#4299: 6, not 7
    EXPECT_EQ(onnx("SAME_UPPER", {}, 1), (Doubles{10, 102, 20, 203, 30, 300}));
}

TEST(OutputShape, SmallerThanNaturalCrops) {  // onnx#4527, onnxruntime#26271, #26665; openvino's odd SAME_UPPER
    EXPECT_EQ(onnx("SAME_UPPER", {4}), (Doubles{10, 102, 20, 203}));
    EXPECT_EQ(onnx("SAME_LOWER", {4}), (Doubles{102, 20, 203, 30}));
    EXPECT_EQ(onnx("NOTSET", {4}), (Doubles{102, 20, 203, 30}));
    EXPECT_EQ(onnx("VALID", {4}), (Doubles{102, 20, 203, 30}));
}

TEST(OutputShape, LargerThanNaturalAddsRowsAtTheEnd) {
    EXPECT_EQ(onnx("NOTSET", {8}), (Doubles{1, 10, 102, 20, 203, 30, 300, 0}));
}

TEST(OutputShape, OfEverySizeIsConsistentOrRefused) {  // onnxruntime#29446: Col2im reads past the heap
    for (std::int64_t size = -3; size <= 12; ++size) {
        OnnxTerms terms;
        terms.strides = {2};
        terms.output_shape = {size};
        const auto translated = from_onnx(shapes({1, 1, 3}, {1, 1, 3}), terms);
        ASSERT_EQ(translated.ok(), size >= 1 && size <= 8) << size;
        if (translated) expect_ways_agree(to_text(*translated));
    }
}

TEST(OutputShape, WithBatchAndChannelsIsRefused) {  // openvino#30798, #32854
    OnnxTerms terms;
    terms.output_shape = {1, 1, 5};
    EXPECT_FALSE(from_onnx(shapes({1, 1, 3}, {1, 1, 3}), terms));
}

TEST(TensorFlowSame,
     UnevenKernelsKeepTheirAxes) {  // tensorflow#24151: H and W swapped; opencv#10702: in and out swapped
    // Rows: natural 2 + 2 = 4, 3 wanted, 0:1. Columns: natural 2 * 2 + 5 = 9, 6 wanted, 1:2.
    TensorFlowTerms terms;
    terms.strides = {1, 2};
    const Problem p = from_tensorflow(shapes({1, 1, 3, 3}, {1, 1, 2, 5}), terms).value();
    EXPECT_EQ(to_text(p), "i3x3 k2x5 s1x2 p0x1:1x2");
    Doubles x(9, 0), w(10, 0), expected(18, 0);
    x[1 * 3 + 1] = w[0] = 1;
    expected[1 * 6 + 1] = 1;  // row 1 * 1 - 0, column 1 * 2 - 1
    EXPECT_EQ(forward(p, x, w), expected);
}

TEST(TensorFlowSame, UnevenStridesAreNotZero) {  // LiteRT#9256
    for (const Sizes& strides : {Sizes{3, 4}, Sizes{4, 3}}) {
        TensorFlowTerms terms;
        terms.strides = strides;
        const Problem p = from_tensorflow(shapes({1, 1, 1, 2}, {1, 1, 1, 1}), terms).value();
        ASSERT_EQ(p.fine_positions(), strides[0] * 2 * strides[1]);
        Doubles expected(static_cast<std::size_t>(p.fine_positions()), 0);
        expected[0] = 1;
        expected[static_cast<std::size_t>(strides[1])] = 2;
        EXPECT_EQ(forward(p, {1, 2}, {1}), expected);
    }
}

TEST(Pads, CropTheSideTheyName) {  // ARM ComputeLibrary#331, #743: shifted; #482: right and top swapped
    const Doubles numbers = {1, 2, 3, 4, 5, 6, 7, 8, 9};  // a single input of 1 stamps the kernel
    OnnxTerms terms;
    const auto cropped = [&](Sizes pads) {
        terms.pads = std::move(pads);
        return forward(from_onnx(shapes({1, 1, 1, 1}, {1, 1, 3, 3}), terms).value(), {1}, numbers);
    };
    EXPECT_EQ(cropped({1, 0, 0, 2}), (Doubles{4, 7}));              // top 1, right 2
    EXPECT_EQ(cropped({0, 2, 1, 0}), (Doubles{3, 6}));              // left 2, bottom 1
    EXPECT_EQ(cropped({2, 0, 0, 0}), (Doubles{7, 8, 9}));           // top
    EXPECT_EQ(cropped({0, 0, 2, 0}), (Doubles{1, 2, 3}));           // bottom
    EXPECT_EQ(cropped({0, 1, 0, 0}), (Doubles{2, 3, 5, 6, 8, 9}));  // left
    EXPECT_EQ(cropped({0, 0, 0, 1}), (Doubles{1, 2, 4, 5, 7, 8}));  // right
}

TEST(OutputSize, UndoesEveryConvolution) {  // pytorch#14272, #43793: dilation ignored
    for (std::int64_t k = 1; k <= 4; ++k)
        for (std::int64_t s = 1; s <= 4; ++s)
            for (std::int64_t p = 0; p <= 2; ++p)
                for (std::int64_t d = 1; d <= 3; ++d)
                    for (std::int64_t size = 10; size <= 13; ++size) {
                        const auto down = from_convolution(shapes({1, 1, size}, {1, 1, k}), {{s}, {p}, {}, {d}, 1});
                        ASSERT_TRUE(down) << down.error().message;
                        const auto up = from_pytorch(shapes({1, 1, down->axes[2].coarse}, {1, 1, k}),
                                                     {{s}, {p}, {}, {d}, 1, {size}});
                        ASSERT_TRUE(up) << up.error().message;
                        EXPECT_EQ(*up, *down);
                        EXPECT_EQ(up->axes[2].fine, size);
                    }
}

}  // namespace
}  // namespace tconv::test
