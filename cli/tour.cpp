// tconv tour: the lessons of lessons/, read out: a short explanation, the code, and what that code prints.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "lessons/lessons.h"
#include "verb.h"

namespace tconv::cli {
namespace {

using lessons::kLessons;
using lessons::Lesson;

Error no_such_lesson(const std::string& given) {
    std::string list;
    for (const Lesson& lesson : kLessons)
        list += fmt::format("{}{} {}", list.empty() ? "" : ", ", lesson.number(), lesson.title);
    return {ErrorCode::invalid_argument, "there is no lesson '" + given + "'; the lessons are " + list};
}

// "4" and "04" are lesson 4.
const Lesson* find_lesson(const std::string& given) {
    const std::string number = given.size() == 1 ? "0" + given : given;
    const auto* const found = std::ranges::find_if(
        kLessons, [&](const Lesson& lesson) { return std::string_view(lesson.file).starts_with(number + "_"); });
    return found == std::end(kLessons) ? nullptr : found;
}

Result<int> tour(const std::vector<std::string>& numbers) {
    std::vector<const Lesson*> chosen;
    for (const std::string& number : numbers) {
        chosen.push_back(find_lesson(number));
        if (!chosen.back()) return no_such_lesson(number);
    }
    if (numbers.empty())
        for (const Lesson& lesson : kLessons) chosen.push_back(&lesson);
    for (std::size_t i = 0; i < chosen.size(); ++i)
        fmt::print("{}{}", i == 0 ? "" : "\n\n", lessons::read_out(*chosen[i]));
    return kDone;
}

Action declare_tour(CLI::App& app) {
    auto numbers = std::make_shared<std::vector<std::string>>();
    app.add_option("N", *numbers, "lessons by number; without one, all of them");
    return [numbers] { return tour(*numbers); };
}

}  // namespace

const Verb kTour{"tour", "the lessons: what a transposed convolution does, step by step, as code that runs",
                 "  tconv tour            all of them, in order\n"
                 "  tconv tour 1          stamping by hand\n"
                 "  tconv tour 4 5        padding, then output padding\n",
                 declare_tour};

}  // namespace tconv::cli
