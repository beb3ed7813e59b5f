// One transposed convolution through the public API, and one array through io: what a user's first program does.
#include <tconv/io.h>
#include <tconv/passes.h>
#include <tconv/problem_text.h>

#include <cstdio>

int main() {
    const auto problem = tconv::parse_problem("i2x2 k3 s2");
    if (!problem) return 1;
    auto input = tconv::Tensor::zeros(tconv::coarse_shape(*problem), problem->dtype);
    auto weights = tconv::Tensor::zeros(tconv::weight_shape(*problem), problem->dtype);
    if (!input || !weights) return 2;
    float next = 1;
    for (float& value : input->as<float>()) value = next++;
    for (float& value : weights->as<float>()) value = 1;

    const auto output = tconv::scatter(*problem, *input, *weights);
    if (!output) return 3;
    const auto file = tconv::io::encode_npy(*output);
    if (!file) return 4;
    std::printf("%s %s, %zu bytes as npy\n", tconv::to_text(*problem).c_str(),
                tconv::to_string(output->shape()).c_str(), file->size());
    for (int row = 0; row < 5; ++row) {
        for (int column = 0; column < 5; ++column)
            std::printf(" %g", output->as<float>()[static_cast<std::size_t>(5 * row + column)]);
        std::printf("\n");
    }
}
