#include "zoo_layer.h"

#include <optional>
#include <vector>

#include "tconv/problem_text.h"

namespace tconv::cli {
namespace {

Error wrong_field(const char* name, const char* wanted) {
    return {ErrorCode::invalid_argument, std::string("the layer's \"") + name + "\" must be " + wanted};
}

bool is_integer(const Json& value) {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
    if (!value.is_number_integer()) return false;
    return !value.is_number_unsigned() || value.get<std::uint64_t>() <= kMost;
}

Result<std::optional<std::int64_t>> number(const Json& layer, const char* name) {
    const auto found = layer.find(name);
    if (found == layer.end()) return std::optional<std::int64_t>();
    if (!is_integer(*found)) return wrong_field(name, "a whole number");
    return std::optional(found->get<std::int64_t>());
}

Result<std::optional<ProblemTokens::List>> list(const Json& layer, const char* name) {
    const auto found = layer.find(name);
    if (found == layer.end()) return std::optional<ProblemTokens::List>();
    constexpr const char* kWanted = "a list of whole numbers, one for each of up to 3 axes";
    if (!found->is_array() || found->empty() || found->size() > Problem::kMaxRank) return wrong_field(name, kWanted);
    ProblemTokens::List numbers;
    for (const Json& entry : *found) {
        if (!is_integer(entry)) return wrong_field(name, kWanted);
        numbers.push_back(entry.get<std::int64_t>());
    }
    return std::optional(std::move(numbers));
}

}  // namespace

Result<Problem> problem_of_layer(const Json& layer) {
    if (!layer.is_object()) return Error{ErrorCode::invalid_argument, "a layer must be a JSON object"};
    ProblemTokens tokens;
    struct Number {
        const char* name;
        std::optional<std::int64_t>& value;
    };
    for (const Number& entry : {Number{"n", tokens.batch}, Number{"cin", tokens.coarse_channels},
                                Number{"cout", tokens.fine_channels}, Number{"g", tokens.groups}}) {
        auto value = number(layer, entry.name);
        if (!value) return value.error();
        entry.value = *value;
    }
    struct Numbers {
        const char* name;
        std::optional<ProblemTokens::List>& value;
    };
    for (const Numbers& entry :
         {Numbers{"in", tokens.coarse}, Numbers{"k", tokens.kernel}, Numbers{"s", tokens.stride},
          Numbers{"p", tokens.padding_begin}, Numbers{"op", tokens.output_padding}, Numbers{"d", tokens.dilation}}) {
        auto value = list(layer, entry.name);
        if (!value) return value.error();
        entry.value = std::move(*value);
    }
    for (const char* needed : {"in", "k"})
        if (!layer.contains(needed)) return wrong_field(needed, "there");
    tokens.padding_end = tokens.padding_begin;
    return to_problem(tokens);
}

}  // namespace tconv::cli
