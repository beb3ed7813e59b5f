// Strip: one axis of the output as a line of cells, each with the number of taps that reach it. It is the whole canvas
// (story.h), with the output framed in it. A long axis is cut: where it begins, and where it ends.
//
//     /1/[1][2][1][2] ... [2][1][1]/1/        k3 s2 p1: 1 and 2 taps in turn
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "draw/field.h"
#include "draw/scene.h"
#include "tconv/geometry.h"
#include "tconv/problem.h"

namespace tconv::draw {

/// The rows of a canvas's axis that are seen. What is left out is a gap of one cell.
class Window {
public:
    /// `most` rows or fewer, the first and the last of the output among them.
    Window(const Axis& axis, std::int64_t most);
    /// The same without the rows that are cropped.
    static Window of_output(const Axis& axis, std::int64_t most);
    /// Parts of a whole, in order, none empty, at least one.
    Window(std::vector<Range> parts, Range whole) : parts_(std::move(parts)), whole_(whole) {}

    const std::vector<Range>& parts() const noexcept { return parts_; }
    /// The length of the whole, in cells.
    double cells() const noexcept;
    bool shows(std::int64_t row) const noexcept;
    /// Where a part, or a row of one of them, begins, in cells.
    double place_of(std::size_t part) const noexcept;
    double place(std::int64_t row) const noexcept;
    /// The middles of the gaps, in cells.
    std::vector<double> gaps() const;

    template <class Visit>
    void for_each_row(Visit&& visit) const {
        for (const Range& part : parts_)
            for (std::int64_t row = part.begin; row < part.end; ++row) visit(row);
    }

private:
    void cut(std::int64_t begin, std::int64_t end, std::int64_t most, std::int64_t least_tail);

    std::vector<Range> parts_;
    Range whole_{};
};

/// The pairs of input and tap that meet in a row of the canvas.
std::int64_t overlap_on_canvas(const Axis& axis, std::int64_t row) noexcept;

/// Whether a row of the canvas is one of the output.
constexpr bool is_kept(const Axis& axis, std::int64_t row) noexcept {
    return row >= axis.padding_begin && row - axis.padding_begin < axis.fine;
}

/// How a cell with so many taps is painted, where `most` is the largest number.
Paint count_paint(std::int64_t count, std::int64_t most) noexcept;

/// A cell with its number of taps; hatched where it is cropped or empty. `size` 0: no number is written.
void draw_count(Scene& scene, const Box& box, std::int64_t count, std::int64_t most, bool is_in_output, double size);

struct Strip {
    Axis axis;
    Window window;
    double x = 0, y = 0, cell = 24;
    bool is_vertical = false;
    double thickness = 0;  ///< 0: cells are squares

    double length() const noexcept { return window.cells() * cell; }
    Box box(std::int64_t row) const noexcept;
    /// Of the rows in the window.
    std::int64_t most() const noexcept;
    /// Cells, dots in the gaps, and the frame around the output.
    void draw(Scene& scene) const;
};

/// Three dots for what a cut leaves out.
void draw_gap(Scene& scene, double x, double y, bool is_vertical, Span when = {});

}  // namespace tconv::draw
