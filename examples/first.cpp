// The smallest real program: one transposed convolution, and what it computes.
#include <algorithm>
#include <array>
#include <cstdio>

#include "tconv/passes.h"
#include "tconv/problem_text.h"

int main() {
    // [first]
    using namespace tconv;
    // A 2x2 input, a 3x3 kernel, stride 2: the first seed document's second case.
    const Problem problem = parse_problem("i2x2 k3 s2").value();
    Tensor x = Tensor::zeros(coarse_shape(problem), DType::f32).value();
    Tensor weights = Tensor::zeros(weight_shape(problem), DType::f32).value();
    std::ranges::copy(std::array{1.0f, 2.0f, 3.0f, 4.0f}, x.as<float>().begin());
    std::ranges::fill(weights.as<float>(), 1.0f);

    const Tensor y = scatter(problem, x, weights).value();  // (1, 1, 5, 5)
    for (int row = 0; row < 5; ++row) {
        for (int column = 0; column < 5; ++column)
            std::printf("%3.0f", static_cast<double>(y.as<float>()[static_cast<std::size_t>(row * 5 + column)]));
        std::printf("\n");
    }
    // [/first]
    return 0;
}
