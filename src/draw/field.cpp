#include "draw/field.h"

#include <algorithm>

#include "draw/metrics.h"
#include "draw/number.h"

namespace tconv::draw {
namespace {

constexpr double kTitleSize = 15, kTitleHeight = 24, kGap = 14;
constexpr double kShareOfCell = 0.4, kCellMargin = 5, kShortestText = 0.6;  // of a number; a text's least width in ems

}  // namespace

Rect rect(const Box& box, Paint fill, Paint stroke, double stroke_width) {
    return {box.x, box.y, box.width, box.height, fill, stroke, stroke_width};
}

Rect hatched(const Box& box, Hatch hatch) {
    Rect cell = rect(box, {}, {Role::grid});
    cell.hatch = hatch;
    return cell;
}

Hit number_hit(const Box& box, std::string name, double value, std::string text, int step, std::vector<int> related) {
    if (text.empty()) text = name + " = " + short_number(value);
    return {box.x,           box.y, box.width,         box.height, std::move(name), full_number(value),
            std::move(text), step,  std::move(related)};
}

double Field::label_size() const noexcept { return 11; }

double Field::pitch_x() const noexcept {
    double width = cell * static_cast<double>(size[2]);
    for (const std::string& label : labels) width = std::max(width, ems(label) * label_size());
    return width + kGap;
}

double Field::pitch_y() const noexcept { return cell * static_cast<double>(size[1]) + label_height() + kGap; }

double Field::width() const noexcept {
    const auto across = static_cast<double>(std::min(panels, panel_columns));
    return std::max(across * pitch_x() - kGap, ems(title, true) * kTitleSize);
}

double Field::height() const noexcept {
    const std::int64_t down = (panels + panel_columns - 1) / panel_columns;
    return kTitleHeight + static_cast<double>(down) * pitch_y() - kGap;
}

Box Field::box(std::int64_t channel, const Position& at) const noexcept { return box(channel, at, 1, 1); }

Box Field::box(std::int64_t channel, const Position& first, std::int64_t rows, std::int64_t columns) const noexcept {
    const std::int64_t panel = channel * size[0] + first[0], across = panel % panel_columns,
                       down = panel / panel_columns;
    const auto along = [&](std::int64_t count) { return cell * static_cast<double>(count); };
    return {x + static_cast<double>(across) * pitch_x() + along(first[2]),
            y + kTitleHeight + static_cast<double>(down) * pitch_y() + label_height() + along(first[1]), along(columns),
            along(rows)};
}

void Field::draw(Scene& scene) const {
    scene.add(Layer::text, Text{x, y + kTitleSize, title, kTitleSize, {role}, Anchor::start, true});
    for (std::int64_t panel = 0; panel < panels; ++panel) {
        const Position corner{panel % size[0], 0, 0};
        const Box first = box(panel / size[0], corner);
        if (!labels.empty())
            scene.add(Layer::text,
                      Text{first.x, first.y - 5, labels[static_cast<std::size_t>(panel)], label_size(), {Role::quiet}});
        for_each_position({1, size[1], size[2]}, [&](const Position& at) {
            scene.add(Layer::ground, rect(box(panel / size[0], {corner[0], at[1], at[2]}), {Role::page}, {Role::grid}));
        });
    }
}

Position sizes_of(const Problem& problem, std::int64_t Axis::* size) {
    const auto& [a, b, c] = problem.axes;
    return {a.*size, b.*size, c.*size};
}

std::string size_text(const Problem& problem, const Position& size) {
    std::string text;
    for (std::size_t axis = size.size() - static_cast<std::size_t>(problem.rank); axis < size.size(); ++axis)
        text += (text.empty() ? "" : " \u00d7 ") + std::to_string(size[axis]);
    return text;
}

double smallest_cell(const std::string& text, double size) {
    return std::max(size / kShareOfCell, size * std::max(ems(text), kShortestText) + kCellMargin);
}

CellText fit_text(double cell, const std::string& longest, const std::string& longest_corner) {
    CellText text;
    text.number = std::min(cell * kShareOfCell, (cell - kCellMargin) / std::max(ems(longest), kShortestText));
    if (text.number < kSmallestText) return {};
    // Above the digits of the sum, whose tops are 0.37 em above the middle.
    const double above = cell / 2 - 0.37 * text.number - 2;
    text.corner =
        std::min({cell * 0.26, above / 0.76, (cell - kCellMargin) / std::max(ems(longest_corner), kShortestText)});
    if (text.corner < kSmallestText) text.corner = 0;
    return text;
}

Text centred(const Box& box, std::string text, double size, Paint paint) {
    return {box.middle_x(), centred_baseline(box.middle_y(), size), std::move(text), size, paint, Anchor::middle};
}

}  // namespace tconv::draw
