#include "given_files.h"

#include <cctype>
#include <cmath>
#include <cstdlib>

#include "tconv/passes.h"

namespace tconv::cli {
namespace {

// `count` elements, or nothing of an array that is not there.
std::vector<double> values_of(const Tensor* array, std::int64_t first, std::int64_t count) {
    std::vector<double> values;
    for (std::int64_t i = first; array && i < first + count; ++i) values.push_back(element(*array, i));
    return values;
}

// "0,1,-2.5"; nothing where any part is no number: then it is a file's name.
std::vector<double> numbers_of(const std::string& text) {
    std::vector<double> numbers;
    for (const char* at = text.c_str();;) {
        if (std::isdigit(static_cast<unsigned char>(*at)) == 0 &&
            (*at == '\0' || std::string("+-.").find(*at) == std::string::npos))
            return {};
        char* end = nullptr;
        numbers.push_back(std::strtod(at, &end));
        if (end == at || !std::isfinite(numbers.back())) return {};
        if (*end == '\0') return numbers;
        if (*end != ',') return {};
        at = end + 1;
    }
}

Result<ReadArray> read_array(const std::string& text) {
    ReadArray read;
    read.numbers = numbers_of(text);
    if (!read.numbers.empty()) return read;
    auto array = read_optional(text);
    if (!array) return array.error();
    read.array = std::move(*array);
    return read;
}

// The array in a problem's shape; `shorter` (not empty) may be given instead: without the batch.
Result<void> fit(ReadArray& read, const char* what, const Shape& shape, const Shape& shorter, DType dtype) {
    if (read.array) {
        if (read.array->shape() == shape || (!shorter.empty() && read.array->shape() == shorter)) return {};
        return Error{ErrorCode::array_mismatch, std::string("the ") + what + " has shape " +
                                                    to_string(read.array->shape()) + ", but the problem needs " +
                                                    to_string(shape)};
    }
    if (read.numbers.empty()) return {};
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    const auto given = static_cast<std::int64_t>(read.numbers.size());
    if (given != 1 && given != count)
        return Error{ErrorCode::array_mismatch, std::string("the ") + what + " is given " + std::to_string(given) +
                                                    " numbers, but the problem has " + std::to_string(count) +
                                                    "; give as many, or one for all"};
    constexpr std::int64_t kMost = std::int64_t{1} << 24;
    if (count > kMost)
        return Error{ErrorCode::out_of_memory,
                     std::string("the ") + what + " would have " + std::to_string(count) +
                         " numbers, over the limit of 2^24; give a file (.npy), or use smaller sizes"};
    auto array = Tensor::zeros(shape, DType::f64);
    if (!array) return array.error();
    const auto values = array->as<double>();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = read.numbers[given == 1 ? 0 : i];
    auto rounded = array->to(dtype);
    if (!rounded) return rounded.error();
    read.array = std::move(*rounded);
    return {};
}

}  // namespace

void GivenFiles::declare(CLI::App& app, const std::string& without) {
    app.add_option("--x", input, "the input (.npy, or numbers: 1,2,3); " + without)->option_text("X");
    declare_weights(app, without);
    app.add_option("-b,--bias", bias, "the bias, likewise")->option_text("B");
}

void GivenFiles::declare_weights(CLI::App& app, const std::string& without) {
    app.add_option("--w,--weights", weights, "the weights (.npy, or numbers; one for all); " + without)
        ->option_text("W");
}

Result<Problem> ReadArrays::resolve(const GeometryOptions& geometry) {
    auto problem = geometry.resolve(given());
    if (!problem) return problem;
    if (bias.is_given()) problem->has_bias = true;
    const Shape coarse = coarse_shape(*problem);
    const Shape sample = problem->batch == 1 ? Shape(coarse.begin() + 1, coarse.end()) : Shape{};
    if (auto ok = fit(input, "input", coarse, sample, problem->dtype); !ok) return ok.error();
    if (auto ok = fit(weights, "array of weights", weight_shape(*problem), {}, problem->dtype); !ok) return ok.error();
    if (auto ok = fit(bias, "bias", {problem->fine_channels}, {}, problem->dtype); !ok) return ok.error();
    return problem;
}

GivenArrays ReadArrays::given() const {
    GivenArrays arrays;
    arrays.input = pointer_to(input.array);
    arrays.weights = pointer_to(weights.array);
    arrays.bias = pointer_to(bias.array);
    return arrays;
}

Result<ReadArrays> read_arrays(const GivenFiles& files) {
    if (auto ok = check_one_stdin({&files.input, &files.weights, &files.bias}); !ok) return ok.error();
    auto input = read_array(files.input);
    if (!input) return input.error();
    auto weights = read_array(files.weights);
    if (!weights) return weights.error();
    auto bias = read_array(files.bias);
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
