#include "tconv/problem_text.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "problem/axis.h"
#include "problem/layer_shapes.h"

namespace tconv {
namespace {

using List = ProblemTokens::List;

// Shortened, and without control characters: whatever the token holds, the sentence stays one line.
std::string quoted(std::string_view text) { return layer::quoted(std::string(text)); }

Error refuse(std::string sentence) { return {ErrorCode::invalid_argument, std::move(sentence)}; }

Result<std::int64_t> parse_integer(std::string_view digits, std::string_view token) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error == std::errc::result_out_of_range) return refuse("the number in " + quoted(token) + " is beyond 64 bits");
    if (error != std::errc{} || end != digits.data() + digits.size())
        return refuse("cannot read " + quoted(token) + ": after the key, a number or a list such as 4x3 is expected");
    return value;
}

Result<List> parse_list(std::string_view text, std::string_view token) {
    List list;
    while (true) {
        const std::size_t x = text.find('x');
        auto value = parse_integer(text.substr(0, x), token);
        if (!value) return value.error();
        list.push_back(*value);
        if (static_cast<int>(list.size()) > Problem::kMaxRank)
            return refuse(quoted(token) + " has more than 3 axes; at most 3 spatial axes are supported");
        if (x == std::string_view::npos) return list;
        text.remove_prefix(x + 1);
    }
}

// All of the text as a number.
bool reads_real(std::string_view text, double& value) {
#if defined(__cpp_lib_to_chars)
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
#else  // libc++ has it for integers only; strtod takes more, and in the programs that need it no locale has been set
    if (text.empty() || text.find_first_of("xX+ \t\n\v\f\r") < text.find_first_of("eE")) return false;
    const std::string copy(text);
    char* end = nullptr;
    errno = 0;
    value = std::strtod(copy.c_str(), &end);
    return errno == 0 && end == copy.c_str() + copy.size();
#endif
}

Result<double> parse_real(std::string_view text, std::string_view token) {
    double value = 0;
    if (!reads_real(text, value) || std::isnan(value))
        return refuse("cannot read the number " + quoted(text) + " in " + quoted(token));
    return value;
}

Result<void> once(bool given, std::string_view token) {
    if (given) return refuse(quoted(token) + " is given twice; give each token once");
    return {};
}

// One `key` + value token; the key is the longest that fits ("ic8" is channels, not "i" of "c8").
Result<void> take_keyed(std::string_view token, ProblemTokens& tokens) {
    struct Scalar {
        std::string_view key;
        std::optional<std::int64_t>* slot;
    };
    for (const Scalar& scalar : {Scalar{"ic", &tokens.coarse_channels}, Scalar{"oc", &tokens.fine_channels},
                                 Scalar{"n", &tokens.batch}, Scalar{"g", &tokens.groups}}) {
        if (!token.starts_with(scalar.key)) continue;
        if (auto ok = once(scalar.slot->has_value(), token); !ok) return ok;
        auto value = parse_integer(token.substr(scalar.key.size()), token);
        if (!value) return value.error();
        *scalar.slot = *value;
        return {};
    }
    if (token.starts_with("p")) {
        if (auto ok = once(tokens.padding_begin.has_value(), token); !ok) return ok;
        const std::string_view both = token.substr(1);
        const std::size_t colon = both.find(':');
        auto begin = parse_list(both.substr(0, colon), token);
        if (!begin) return begin.error();
        auto end = colon == std::string_view::npos ? begin : parse_list(both.substr(colon + 1), token);
        if (!end) return end.error();
        tokens.padding_begin = *begin;
        tokens.padding_end = *end;
        return {};
    }
    struct Listed {
        std::string_view key;
        std::optional<List>* slot;
    };
    for (const Listed& listed :
         {Listed{"op", &tokens.output_padding}, Listed{"i", &tokens.coarse}, Listed{"o", &tokens.fine},
          Listed{"k", &tokens.kernel}, Listed{"s", &tokens.stride}, Listed{"d", &tokens.dilation}}) {
        if (!token.starts_with(listed.key)) continue;
        if (auto ok = once(listed.slot->has_value(), token); !ok) return ok;
        auto list = parse_list(token.substr(listed.key.size()), token);
        if (!list) return list.error();
        *listed.slot = *list;
        return {};
    }
    return refuse("unknown token " + quoted(token) +
                  "; known are n ic i oc o k s p op d g with a number, f32 f64 nchw nhwc bias sum, an activation (relu "
                  "leaky:0.2 tanh sigmoid clamp:0:6) and a name in double quotes");
}

Result<void> take(std::string_view token, ProblemTokens& tokens) {
    if (token == "f32" || token == "f64") {
        if (auto ok = once(tokens.dtype.has_value(), token); !ok) return ok;
        tokens.dtype = token == "f32" ? DType::f32 : DType::f64;
    } else if (token == "nchw" || token == "nhwc") {
        if (auto ok = once(tokens.layout.has_value(), token); !ok) return ok;
        tokens.layout = token == "nchw" ? Layout::channels_first : Layout::channels_last;
    } else if (token == "bias") {
        if (auto ok = once(tokens.has_bias, token); !ok) return ok;
        tokens.has_bias = true;
    } else if (token == "sum") {
        if (auto ok = once(tokens.has_sum, token); !ok) return ok;
        tokens.has_sum = true;
    } else if (const std::string_view word = token.substr(0, token.find(':'));
               word == "relu" || word == "leaky" || word == "tanh" || word == "sigmoid" || word == "clamp") {
        if (auto ok = once(tokens.activation.has_value(), token); !ok) return ok;
        auto activation = parse_activation(token);
        if (!activation) return activation.error();
        tokens.activation = *activation;
    } else {
        return take_keyed(token, tokens);
    }
    return {};
}

std::string real_text(double value) {
    char digits[64];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    return std::string(digits, error == std::errc{} ? end : digits);
}

// A list on one axis: its only entry, or the axis's own.
std::int64_t entry(const std::optional<List>& list, std::size_t axis, std::int64_t otherwise) {
    if (!list) return otherwise;
    return list->size() == 1 ? list->front() : (*list)[axis];
}

// The rank is that of the longest list; the others have one entry, or as many.
Result<std::size_t> common_rank(const ProblemTokens& tokens) {
    struct Named {
        const char* key;
        const std::optional<List>& list;
        std::size_t size() const { return list ? list->size() : 1; }
        std::string text() const { return std::string("'") + key + "' with " + std::to_string(size()) + " entries"; }
    };
    const Named lists[] = {{"i", tokens.coarse},          {"o", tokens.fine},          {"k", tokens.kernel},
                           {"s", tokens.stride},          {"p", tokens.padding_begin}, {"p", tokens.padding_end},
                           {"op", tokens.output_padding}, {"d", tokens.dilation}};
    const Named& longest = *std::max_element(std::begin(lists), std::end(lists),
                                             [](const Named& a, const Named& b) { return a.size() < b.size(); });
    for (const Named& named : lists)
        if (named.size() != 1 && named.size() != longest.size())
            return refuse(named.text() + " stands beside " + longest.text() +
                          "; give one entry for all axes, or one per axis");
    return longest.size();
}

}  // namespace

Result<Activation> parse_activation(std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::string_view rest = text;;) {
        const std::size_t colon = rest.find(':');
        parts.push_back(rest.substr(0, colon));
        if (colon == std::string_view::npos) break;
        rest.remove_prefix(colon + 1);
    }
    using Kind = Activation::Kind;
    struct Plain {
        std::string_view word;
        Kind kind;
    };
    for (const Plain& plain : {Plain{"none", Kind::none}, Plain{"relu", Kind::relu}, Plain{"tanh", Kind::tanh},
                               Plain{"sigmoid", Kind::sigmoid}}) {
        if (text == plain.word) return Activation{plain.kind, 0, 0};
    }
    if (parts[0] == "leaky" && parts.size() <= 2) {
        auto slope = parts.size() == 2 ? parse_real(parts[1], text) : Result<double>(0.01);
        if (!slope) return slope.error();
        if (!std::isfinite(*slope)) return refuse("leaky's slope must be a finite number");
        return Activation{Kind::leaky, *slope, 0};
    }
    if (parts[0] == "clamp" && parts.size() == 3) {
        auto low = parse_real(parts[1], text);
        if (!low) return low.error();
        auto high = parse_real(parts[2], text);
        if (!high) return high.error();
        if (*low > *high)
            return refuse("clamp's lower bound " + real_text(*low) + " is above its upper bound " + real_text(*high));
        return Activation{Kind::clamp, *low, *high};
    }
    return refuse("unknown activation " + quoted(text) +
                  "; known are none, relu, leaky:SLOPE, tanh, sigmoid and clamp:LOW:HIGH");
}

std::string to_text(const Activation& activation) {
    switch (activation.kind) {
        case Activation::Kind::none:
            return "";
        case Activation::Kind::relu:
            return "relu";
        case Activation::Kind::leaky:
            return "leaky:" + real_text(activation.alpha);
        case Activation::Kind::tanh:
            return "tanh";
        case Activation::Kind::sigmoid:
            return "sigmoid";
        default:
            return "clamp:" + real_text(activation.alpha) + ":" + real_text(activation.beta);
    }
}

Result<ProblemTokens> parse_tokens(std::string_view text) {
    ProblemTokens tokens;
    bool named = false;
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    for (std::size_t at = 0; at < text.size();) {
        if (is_space(text[at])) {
            ++at;
        } else if (text[at] == '"') {
            const std::size_t close = text.find('"', at + 1);
            if (close == std::string_view::npos) return refuse("the name's closing double quote is missing");
            if (auto ok = once(named, text.substr(at, close + 1 - at)); !ok) return ok.error();
            named = true;
            tokens.name = text.substr(at + 1, close - at - 1);
            at = close + 1;
        } else {
            std::size_t end = at;
            while (end < text.size() && !is_space(text[end]) && text[end] != '"') ++end;
            if (auto ok = take(text.substr(at, end - at), tokens); !ok) return ok.error();
            at = end;
        }
    }
    return tokens;
}

Result<Problem> to_problem(const ProblemTokens& tokens) {
    const auto common = common_rank(tokens);
    if (!common) return common.error();
    const std::size_t rank = *common;
    if (!tokens.kernel) return refuse("the kernel size is missing; give it as k4 or k4x3");
    if (!tokens.coarse && !tokens.fine)
        return refuse("the size is missing; give the coarse size as i8x8, or the fine size as o16x16");
    if (tokens.fine && tokens.output_padding)
        return refuse("o and op are given together; give the fine size as o, or the output padding as op");
    if (!tokens.coarse && tokens.output_padding)
        return refuse("op needs the coarse size i; give i, or the fine size as o alone");

    Problem problem;
    problem.batch = tokens.batch.value_or(1);
    problem.groups = tokens.groups.value_or(1);
    problem.coarse_channels = tokens.coarse_channels.value_or(1);
    problem.fine_channels = tokens.fine_channels.value_or(1);
    problem.rank = static_cast<int>(rank);
    problem.dtype = tokens.dtype.value_or(DType::f32);
    problem.layout = tokens.layout.value_or(Layout::channels_first);
    problem.has_bias = tokens.has_bias;
    problem.has_sum = tokens.has_sum;
    problem.activation = tokens.activation.value_or(Activation{});
    problem.name = tokens.name;
    for (std::size_t i = 0; i < rank; ++i) {
        const AxisTerms terms{entry(tokens.coarse, i, 0),      entry(tokens.fine, i, 0),
                              entry(tokens.kernel, i, 1),      entry(tokens.stride, i, 1),
                              entry(tokens.dilation, i, 1),    entry(tokens.padding_begin, i, 0),
                              entry(tokens.padding_end, i, 0), entry(tokens.output_padding, i, 0)};
        auto axis = tokens.fine ? axis_to_fine_size(terms, tokens.coarse.has_value()) : axis_from_output_padding(terms);
        if (!axis) return axis.error();
        problem.axes[Problem::kMaxRank - rank + i] = *axis;
    }
    if (auto ok = validate(problem); !ok) return ok.error();
    return problem;
}

Result<Problem> parse_problem(std::string_view text) {
    auto tokens = parse_tokens(text);
    if (!tokens) return tokens.error();
    return to_problem(*tokens);
}

}  // namespace tconv
