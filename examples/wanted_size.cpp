// One size wanted, four frameworks: PyTorch's output_size, ONNX's and TensorFlow's output_shape, MXNet's target_shape.
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <string>

#include "tconv/frameworks.h"

using namespace tconv;

namespace {

// The rows cropped in front and at the end, or that it is refused.
std::string crop(const Result<Problem>& problem) {
    if (!problem) return "refused";
    const Axis& axis = problem->spatial()[0];
    return std::to_string(axis.padding_begin) + " and " +
           std::to_string(axis.full_size() - axis.padding_begin - axis.fine);
}

}  // namespace

int main() {
    std::cout << "wanted     PyTorch        ONNX       MXNet  TensorFlow\n";
    // [wanted]
    const LayerShapes shapes{.input = {1, 1, 4}, .weights = {1, 1, 3}};
    for (std::int64_t size = 6; size <= 10; ++size) {
        const Result<Problem> problems[] = {
            from_pytorch(shapes, {.stride = {2}, .padding = {1}, .output_size = {size}}),
            from_onnx(shapes, {.strides = {2}, .pads = {1, 1}, .output_shape = {size}}),
            from_mxnet(shapes, {.stride = {2}, .pad = {1}, .target_shape = {size}}),
            from_tensorflow(shapes, {.output_shape = {size}, .strides = {2}, .padding = "SAME"}),
        };
        std::cout << std::setw(6) << size;
        for (const Result<Problem>& problem : problems) std::cout << "  " << std::setw(10) << crop(problem);
        std::cout << '\n';
    }
    // [/wanted]
    return 0;
}
