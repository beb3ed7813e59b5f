// Text blocks: arrays as lines of text, cell by cell, for the terminal. Marks tell what colours tell elsewhere:
//
//     [ 5]   meant now      / 5/   cropped by the padding      # 0#   empty: no tap reaches it
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "draw/scene.h"

namespace tconv::draw {

struct TextOptions {
    bool has_color = false;     ///< ANSI, 256 colours
    std::size_t columns = 100;  ///< arrays stand side by side where they fit into so many
};

enum class Mark : std::uint8_t { none, lit, cropped, empty };

struct TextCell {
    std::string text;
    Mark mark = Mark::none;
    Role role = Role::none;
};

/// Lines, and how many columns each takes, whatever colours are in it.
struct TextBlock {
    std::vector<std::string> lines;
    std::vector<std::size_t> widths;
    std::size_t width = 0;  ///< of the longest

    void add(const std::string& line, std::size_t columns);
};

/// Characters of UTF-8.
std::size_t columns_of(const std::string& text);

/// A cell of `width` characters between its marks.
std::string written(const TextCell& cell, std::size_t width, bool has_color);

/// Side by side where that fits, else one below the other; no blanks at the ends of lines.
std::string beside(const std::vector<TextBlock>& blocks, std::size_t columns);

/// What the marks mean, as a line.
inline constexpr char kMarks[] = "[ ] meant now   / / cropped by the padding   # # empty: no tap reaches it\n";

}  // namespace tconv::draw
