#include "page.h"

#include <algorithm>
#include <iostream>
#include <stdexcept>

namespace tconv::lessons {
namespace {

constexpr std::size_t kWidth = 88;

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::string_view trimmed(std::string_view line) {
    const std::size_t first = std::min(line.find_first_not_of(' '), line.size());
    return line.substr(first, line.find_last_not_of(' ') + 1 - first);
}

// "name" for "// [name]", "/name" for "// [/name]", empty for every other line.
std::string_view mark_of(std::string_view line) {
    line = trimmed(line);
    const bool is_mark = line.starts_with("// [") && line.ends_with(']') && line.find(' ', 3) == std::string_view::npos;
    return is_mark ? line.substr(4, line.size() - 5) : std::string_view();
}

std::string wrapped(std::string_view paragraph) {
    std::string text;
    std::size_t column = 0;
    std::istringstream words{std::string(paragraph)};
    for (std::string word; words >> word; column += word.size()) {
        if (column > 0) {
            const bool fits = column + 1 + word.size() <= kWidth;
            text += fits ? ' ' : '\n';
            column = fits ? column + 1 : 0;
        }
        text += word;
    }
    return text + '\n';
}

std::string prefixed(const std::string& text, std::string_view prefix) {
    std::string result;
    for (const std::string_view line : lines_of(text)) {
        const std::string whole = std::string(prefix) + std::string(line);
        result += whole.substr(0, whole.find_last_not_of(' ') + 1) + '\n';
    }
    return result;
}

}  // namespace

std::string region_of(std::string_view source, std::string_view region) {
    std::vector<std::string_view> found;
    bool is_inside = false;
    for (const std::string_view line : lines_of(source)) {
        const std::string_view mark = mark_of(line);
        if (mark == region)
            is_inside = true;
        else if (mark.starts_with('/') && mark.substr(1) == region)
            is_inside = false;
        else if (is_inside)
            found.push_back(line);
    }
    std::size_t indent = std::string_view::npos;
    for (const std::string_view line : found) indent = std::min(indent, line.find_first_not_of(' '));
    std::string text;
    for (const std::string_view line : found) text += std::string(line.substr(std::min(indent, line.size()))) + '\n';
    return text;
}

std::vector<std::string> regions_of(std::string_view source) {
    std::vector<std::string> names;
    for (const std::string_view line : lines_of(source)) {
        const std::string_view mark = mark_of(line);
        if (!mark.empty() && !mark.starts_with('/')) names.emplace_back(mark);
    }
    return names;
}

Page::Page(std::string_view heading, std::string_view source)
    : source_(source),
      text_(std::string(heading) + '\n' + std::string(heading.size(), '=') + '\n'),
      real_output_(std::cout.rdbuf(output_.rdbuf())),
      real_flags_(std::cout.flags()) {
    std::cout << std::boolalpha;
}

Page::~Page() {
    std::cout.rdbuf(real_output_);
    std::cout.flags(real_flags_);
}

void Page::say(std::string_view paragraph) {
    take_output();
    text_ += '\n' + wrapped(paragraph);
}

void Page::show(std::string_view region) {
    const std::string code = region_of(source_, region);
    if (code.empty()) throw std::logic_error("the lesson has no region [" + std::string(region) + "]");
    take_output();
    text_ += '\n' + prefixed(code, "    ");
}

std::string Page::text() {
    take_output();
    return text_;
}

void Page::take_output() {
    if (const std::string printed = output_.str(); !printed.empty()) text_ += '\n' + prefixed(printed, "  | ");
    output_.str({});
}

}  // namespace tconv::lessons
