// Four ways to double three rows with a kernel of three: the same numbers, and one row of difference.
#include <iostream>

#include "tconv/factories.h"
#include "tconv/frameworks.h"
#include "tconv/passes.h"
#include "tconv/print.h"

using namespace tconv;

namespace {

void show(const char* name, const Result<Problem>& problem) {
    const Tensor x = tensor({{{1, 10, 100}}}), weights = tensor({{{1, 2, 3}}});
    const Axis& axis = problem.value().spatial()[0];
    std::cout << name << "crops " << axis.padding_begin << " in front, "
              << axis.full_size() - axis.padding_begin - axis.fine
              << " at the end: " << scatter(*problem, x, weights).value().reshape({-1}) << '\n';
}

}  // namespace

int main() {
    // [same]
    const LayerShapes shapes{.input = {1, 1, 3}, .weights = {1, 1, 3}};
    show("TensorFlow SAME  ", from_tensorflow(shapes, {.strides = {2}, .padding = "SAME"}));
    show("ONNX SAME_UPPER  ", from_onnx(shapes, {.strides = {2}, .auto_pad = "SAME_UPPER"}));
    show("ONNX SAME_LOWER  ", from_onnx(shapes, {.strides = {2}, .auto_pad = "SAME_LOWER"}));
    show("PyTorch p1 op1   ", from_pytorch(shapes, {.stride = {2}, .padding = {1}, .output_padding = {1}}));
    // [/same]
    return 0;
}
