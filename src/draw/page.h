// Page: fields are placed on it, with a title above and captions and a legend below. It chooses how large a cell is and
// whether fields stand side by side or one below the other, so that the picture is neither tiny nor endless.
//
//     i4x4 k3 s2 p1: transposed convolution               the title
//     scatter: every input value puts down a stamp        headings, where there are several views
//     [input x] [weights W] [output y]                     fields
//     5/16: x[1, 0] = 5 puts down its stamp, 5 W           a caption for each step
//     [/] cropped  [x] empty: no tap reaches it            the legend
#pragma once

#include <string>
#include <vector>

#include "draw/field.h"
#include "draw/scene.h"
#include "draw/view.h"

namespace tconv::draw {

struct LegendEntry {
    Rect swatch;  ///< its place and size are set
    std::string text;
};

class Page {
public:
    explicit Page(std::string title) : title_(std::move(title)) {}

    /// Sizes and places the fields of all views; then they can be drawn. Cells of `legible` pixels can be read: for
    /// those the page grows beyond a screen, smaller ones are the last resort.
    void place(const std::vector<View*>& views, double legible = kLegible);
    static constexpr double kLegible = 24, kLargestCell = 44;
    /// For scenes that place things themselves: where they begin, and what they took.
    double left() const noexcept;
    double top() const noexcept;
    void reserve(double right, double bottom);
    /// So wide that a caption stands in a line, or in a few that are not too short.
    double width_of(const std::string& caption) const noexcept;
    /// Title and headings.
    void draw_headings(Scene& scene, const std::vector<View*>& views) const;
    /// One text for every step, below the fields, in as many lines as it takes, up to four.
    void draw_captions(Scene& scene, const std::vector<std::string>& captions);
    /// The last thing; then the scene has its size.
    void draw_legend(Scene& scene, const std::vector<LegendEntry>& entries);

private:
    struct Extent {
        double width = 0, height = 0;
    };
    Extent arrange(const std::vector<View*>& views, double cell, bool is_stacked);

    std::string title_;
    double width_ = 0, bottom_ = 0;
    std::vector<double> headings_;  ///< their baselines
};

}  // namespace tconv::draw
