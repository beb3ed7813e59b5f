// Several input sizes of a convolution give one output size; on the way back, the size wanted says which one it was.
#include <iostream>

#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"

using namespace tconv;

int main() {
    // [collapse]
    const nn::Conv1d down(1, 1, 3, {.stride = 3, .padding = 1});
    const nn::ConvTranspose1d up(1, 1, 3, {.stride = 3, .padding = 1});
    for (int size = 6; size <= 10; ++size) {
        const Tensor y = down(zeros({1, size}));
        std::cout << size << " rows -> " << y.shape(1) << " -> " << up(y).shape(1);
        if (up(y).shape(1) != size) std::cout << ", asked for " << size << ": " << up(y, {size}).shape(1);
        std::cout << '\n';
    }
    // [/collapse]
    return 0;
}
