// One weight tensor in the orders of four frameworks; 4 channels in, 6 out, kernel 3x5.
#include <iostream>

#include "tconv/factories.h"

using namespace tconv;

int main() {
    // [layouts]
    const Tensor weights = zeros({4, 6, 3, 5});  // (C_in, C_out, rows, columns)
    const auto print = [](const char* name, const Tensor& w) { std::cout << name << to_string(w.shape()) << '\n'; };
    print("PyTorch, ONNX, tconv  ", weights);
    print("Keras, TensorFlow     ", weights.transpose({2, 3, 1, 0}));
    print("TensorFlow Lite       ", weights.transpose({1, 2, 3, 0}));
    print("ncnn                  ", weights.transpose({1, 0, 2, 3}));
    // [/layouts]
    return 0;
}
