// Field: an array as panels of cells, with its name written above. A panel is a matrix: a 2-D array has one panel a
// channel, a 3-D array one for each channel and slice, a 1-D array panels of one row.
//
//     input x  3 x 4            a title, in the role's colour
//     channel 0   channel 1     labels, where there are several panels
//     [][][][]    [][][][]
//     [][][][]    [][][][]      panel_columns = 2
//     [][][][]    [][][][]
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "draw/scene.h"
#include "tconv/trace.h"

namespace tconv::draw {

using reference::Position;

struct Box {
    double x = 0, y = 0, width = 0, height = 0;
    double middle_x() const noexcept { return x + width / 2; }
    double middle_y() const noexcept { return y + height / 2; }
    Box grown(double by) const noexcept { return {x - by, y - by, width + 2 * by, height + 2 * by}; }
};

Rect rect(const Box& box, Paint fill, Paint stroke = {}, double stroke_width = 1);

/// A cell that holds nothing of the output.
Rect hatched(const Box& box, Hatch hatch);

/// A cell that can be pointed at, with its number in full. Without a text of its own it answers "name = number".
Hit number_hit(const Box& box, std::string name, double value, std::string text = {}, int step = -1,
               std::vector<int> related = {});

struct Field {
    Role role = Role::none;
    std::string title;
    std::vector<std::string> labels;  ///< one for each panel; empty: none is written
    std::int64_t panels = 1, panel_columns = 1;
    Position size{1, 1, 1};  ///< slices, rows, columns
    double cell = 40;        ///< pixels
    double x = 0, y = 0;     ///< the upper left corner of the whole

    double width() const noexcept;
    double height() const noexcept;
    /// The cell of a panel: channel * slices + slice for arrays, with the last two numbers of `at` as row and column.
    Box box(std::int64_t channel, const Position& at) const noexcept;
    /// The cells from `first` to before `end` of one panel.
    Box box(std::int64_t channel, const Position& first, std::int64_t rows, std::int64_t columns) const noexcept;

    /// Title, labels, and every cell as an empty square.
    void draw(Scene& scene) const;

private:
    double label_size() const noexcept;
    double label_height() const noexcept { return labels.empty() ? 0 : label_size() + 6; }
    double pitch_x() const noexcept;
    double pitch_y() const noexcept;
};

/// Calls visit(position) for every position, row by row.
template <class Visit>
void for_each_position(const Position& size, Visit&& visit) {
    Position at{};
    for (at[0] = 0; at[0] < size[0]; ++at[0])
        for (at[1] = 0; at[1] < size[1]; ++at[1])
            for (at[2] = 0; at[2] < size[2]; ++at[2]) visit(static_cast<const Position&>(at));
}

/// Sizes of a grid, one number of each axis.
Position sizes_of(const Problem& problem, std::int64_t Axis::* size);

/// "4 x 4", on the axes that the user named.
std::string size_text(const Problem& problem, const Position& size);

/// The fonts in which numbers fit the cells: of sums, and of what is added to them in a corner. 0: they do not fit.
inline constexpr double kSmallestText = 6.5;
struct CellText {
    double number = 0, corner = 0;
};
CellText fit_text(double cell, const std::string& longest, const std::string& longest_corner);

/// The smallest cell in which a text of a size fits.
double smallest_cell(const std::string& text, double size);

/// A text in the middle of a cell.
Text centred(const Box& box, std::string text, double size, Paint paint);

}  // namespace tconv::draw
