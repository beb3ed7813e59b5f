#include "given_files.h"

namespace tconv::cli {
namespace {

// `count` elements, or nothing of an array that is not there.
std::vector<double> values_of(const Tensor* array, std::int64_t first, std::int64_t count) {
    std::vector<double> values;
    for (std::int64_t i = first; array && i < first + count; ++i) values.push_back(element(*array, i));
    return values;
}

}  // namespace

void GivenFiles::declare(CLI::App& app, const std::string& without) {
    app.add_option("--x", input, "the input (.npy); " + without)->option_text("X.npy");
    app.add_option("--w", weights, "the weights (.npy); " + without)->option_text("W.npy");
    app.add_option("-b,--bias", bias, "the bias (.npy)")->option_text("B.npy");
}

GivenArrays ReadArrays::given() const {
    GivenArrays arrays;
    arrays.input = pointer_to(input);
    arrays.weights = pointer_to(weights);
    arrays.bias = pointer_to(bias);
    return arrays;
}

Result<ReadArrays> read_arrays(const GivenFiles& files) {
    if (auto ok = check_one_stdin({&files.input, &files.weights, &files.bias}); !ok) return ok.error();
    auto input = read_optional(files.input);
    if (!input) return input.error();
    auto weights = read_optional(files.weights);
    if (!weights) return weights.error();
    auto bias = read_optional(files.bias);
    if (!bias) return bias.error();
    return ReadArrays{std::move(*input), std::move(*weights), std::move(*bias)};
}

draw::Numbers sample_numbers(const Problem& problem, const GivenArrays& arrays, std::int64_t sample) {
    const std::int64_t each = problem.coarse_elements() / problem.batch;
    return {values_of(arrays.input, sample * each, each), values_of(arrays.weights, 0, problem.weight_elements()),
            values_of(arrays.bias, 0, problem.fine_channels)};
}

Result<draw::Story> tell_story(const Problem& problem, const GivenArrays& arrays, std::int64_t sample) {
    if (auto story = draw::tell(problem, {}); !story) return story.error();
    return draw::tell(problem, sample_numbers(problem, arrays, sample));
}

}  // namespace tconv::cli
