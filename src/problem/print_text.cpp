// The canonical text of a problem; problem_text.cpp reads it back.
#include <algorithm>
#include <vector>

#include "tconv/problem_text.h"

namespace tconv {
namespace {

using List = ProblemTokens::List;

List collect(const Problem& problem, std::int64_t (*of)(const Axis&)) {
    List list;
    for (const Axis& axis : problem.spatial()) list.push_back(of(axis));
    return list;
}

std::string join(const List& list) {
    std::string text;
    for (const std::int64_t value : list) {
        if (!text.empty()) text += 'x';
        text += std::to_string(value);
    }
    return text;
}

bool all_equal(const List& list) {
    return std::all_of(list.begin(), list.end(), [&](auto v) { return v == list[0]; });
}

std::string collapsed(const List& list) { return join(all_equal(list) ? List{list[0]} : list); }

bool all_are(const List& list, std::int64_t value) { return all_equal(list) && list[0] == value; }

}  // namespace

std::string to_text(const Problem& problem) {
    std::string text;
    const auto say = [&](const std::string& token) {
        if (token.empty()) return;
        if (!text.empty()) text += ' ';
        text += token;
    };
    const auto scalar = [&](const char* key, std::int64_t value) {
        if (value != 1) say(key + std::to_string(value));
    };
    const auto list = [&](const char* key, const List& values, std::int64_t otherwise) {
        if (!all_are(values, otherwise)) say(key + collapsed(values));
    };
    const auto axes = problem.spatial();
    const bool has_usual_output_padding = std::all_of(axes.begin(), axes.end(), [](const Axis& axis) {
        const std::int64_t op = axis.output_padding();
        return op >= 0 && op < std::max(axis.stride, axis.dilation);
    });

    scalar("n", problem.batch);
    scalar("ic", problem.coarse_channels);
    scalar("oc", problem.fine_channels);
    say("i" + join(collect(problem, [](const Axis& axis) { return axis.coarse; })));
    if (!has_usual_output_padding) say("o" + collapsed(collect(problem, [](const Axis& axis) { return axis.fine; })));
    say("k" + collapsed(collect(problem, [](const Axis& axis) { return axis.kernel; })));
    list("s", collect(problem, [](const Axis& axis) { return axis.stride; }), 1);
    const List begin = collect(problem, [](const Axis& axis) { return axis.padding_begin; });
    const List end = collect(problem, [](const Axis& axis) { return axis.padding_end; });
    if (begin == end)
        list("p", begin, 0);
    else
        say("p" + collapsed(begin) + ":" + collapsed(end));
    if (has_usual_output_padding)
        list("op", collect(problem, [](const Axis& axis) { return axis.output_padding(); }), 0);
    list("d", collect(problem, [](const Axis& axis) { return axis.dilation; }), 1);
    scalar("g", problem.groups);
    if (problem.dtype == DType::f64) say("f64");
    if (problem.layout == Layout::channels_last) say("nhwc");
    if (problem.has_bias) say("bias");
    say(to_text(problem.activation));
    if (problem.has_sum) say("sum");
    if (!problem.name.empty()) say('"' + problem.name + '"');
    return text;
}

}  // namespace tconv
