#include "draw/text_block.h"

#include <algorithm>

namespace tconv::draw {
namespace {

// 256-colour backgrounds: blue, orange, green.
std::string painted(const std::string& text, const TextCell& cell) {
    const char* code = "";
    if (cell.mark == Mark::cropped)
        code = "\033[2m";
    else if (cell.mark == Mark::empty)
        code = "\033[31m";
    else if (cell.role == Role::input)
        code = cell.mark == Mark::lit ? "\033[48;5;33;38;5;231m" : "\033[48;5;153;38;5;16m";
    else if (cell.role == Role::weights)
        code = cell.mark == Mark::lit ? "\033[48;5;208;38;5;16m" : "\033[48;5;223;38;5;16m";
    else if (cell.role == Role::output)
        code = cell.mark == Mark::lit ? "\033[48;5;35;38;5;16m" : "\033[48;5;151;38;5;16m";
    return *code ? code + text + "\033[0m" : text;
}

}  // namespace

void TextBlock::add(const std::string& line, std::size_t columns) {
    lines.push_back(line);
    widths.push_back(columns);
    width = std::max(width, columns);
}

std::size_t columns_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string written(const TextCell& cell, std::size_t width, bool has_color) {
    static constexpr const char* kSides[][2] = {{" ", " "}, {"[", "]"}, {"/", "/"}, {"#", "#"}};
    const auto& side = kSides[static_cast<std::size_t>(cell.mark)];
    const std::string pad(width - std::min(width, columns_of(cell.text)), ' ');
    const std::string text = side[0] + pad + cell.text + side[1];
    return has_color ? painted(text, cell) : text;
}

std::string beside(const std::vector<TextBlock>& blocks, std::size_t columns) {
    std::size_t width = 0, height = 0;
    for (const TextBlock& block : blocks) {
        width += block.width + 3;
        height = std::max(height, block.lines.size());
    }
    std::string text;
    const auto end_line = [&] {
        while (!text.empty() && text.back() == ' ') text.pop_back();
        text += "\n";
    };
    if (width > columns + 3) {
        for (const TextBlock& block : blocks)
            for (const std::string& line : block.lines) {
                text += line;
                end_line();
            }
        return text;
    }
    for (std::size_t row = 0; row < height; ++row) {
        for (const TextBlock& block : blocks) {
            const bool is_there = row < block.lines.size();
            if (is_there) text += block.lines[row];
            text += std::string(block.width + 3 - (is_there ? block.widths[row] : 0), ' ');
        }
        end_line();
    }
    return text;
}

}  // namespace tconv::draw
