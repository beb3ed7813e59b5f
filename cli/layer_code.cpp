#include "layer_code.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "did_you_mean.h"
#include "tconv/problem_text.h"

namespace tconv::cli {
namespace {

struct Language {
    const char* name;
    Result<std::string> (*write)(const Problem&);
};

constexpr Language kLanguages[] = {
    {"pytorch", pytorch_code}, {"keras", keras_code}, {"onnx", onnx_code}, {"cpp", cpp_code}};

}  // namespace

std::vector<std::string> code_languages() {
    std::vector<std::string> names;
    for (const Language& language : kLanguages) names.emplace_back(language.name);
    return names;
}

Result<std::string> layer_code(const std::string& language, const Problem& problem) {
    for (const Language& known : kLanguages)
        if (language == known.name) return known.write(problem);
    const std::string nearest = nearest_word(language, code_languages());
    return Error{ErrorCode::invalid_argument,
                 fmt::format("unknown language '{}' for --code; {}", language,
                             nearest.empty() ? fmt::format("known are {}", fmt::join(code_languages(), ", "))
                                             : "did you mean " + nearest + "?")};
}

Cut cut_of(const Axis& axis, std::int64_t made) {
    const std::int64_t missing = axis.padding_begin + axis.fine - made;
    const std::int64_t extra = missing > 0 ? (missing + axis.stride - 1) / axis.stride : 0;
    return {extra, axis.padding_begin, extra * axis.stride - missing};
}

std::string text_without_name(const Problem& problem) {
    Problem nameless = problem;
    nameless.name.clear();
    return to_text(nameless);
}

std::string size_text(const std::vector<std::int64_t>& sizes) { return fmt::format("{}", fmt::join(sizes, " x ")); }

std::vector<std::int64_t> per_axis(const Problem& problem, std::int64_t (*of)(const Axis&)) {
    std::vector<std::int64_t> values;
    for (const Axis& axis : problem.spatial()) values.push_back(of(axis));
    return values;
}

std::string python_tuple(const std::vector<std::int64_t>& values) {
    return fmt::format("({}{})", fmt::join(values, ", "), values.size() == 1 ? "," : "");
}

std::string python_sizes(const std::vector<std::int64_t>& values) {
    const bool are_equal = std::all_of(values.begin(), values.end(), [&](auto value) { return value == values[0]; });
    return are_equal ? std::to_string(values[0]) : python_tuple(values);
}

std::string python_number(double value) {
    if (!std::isfinite(value)) return fmt::format("float('{}')", value);
    const std::string digits = fmt::format("{}", value);
    return digits.find_first_of(".e") == std::string::npos ? digits + ".0" : digits;
}

}  // namespace tconv::cli
