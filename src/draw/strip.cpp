#include "draw/strip.h"

#include <algorithm>
#include <string>

#include "draw/paints.h"
#include "draw/story.h"

namespace tconv::draw {
namespace {

constexpr double kGap = 1;              // cells
constexpr std::int64_t kLongCrop = 4;   // more cropped rows than that are cut
constexpr std::int64_t kShownCrop = 3;  // to so many

}  // namespace

Window::Window(const Axis& axis, std::int64_t most) : whole_{0, whole_canvas(axis).fine} {
    const std::int64_t frame_end = axis.padding_begin + axis.fine;
    const std::int64_t begin = axis.padding_begin > kLongCrop ? axis.padding_begin - kShownCrop : 0;
    const std::int64_t end = whole_.end - frame_end > kLongCrop ? frame_end + kShownCrop : whole_.end;
    cut(begin, end, most, end - frame_end + 1);
}

Window Window::of_output(const Axis& axis, std::int64_t most) {
    Window window({}, {axis.padding_begin, axis.padding_begin + axis.fine});
    window.cut(window.whole_.begin, window.whole_.end, most, 1);
    return window;
}

void Window::cut(std::int64_t begin, std::int64_t end, std::int64_t most, std::int64_t least_tail) {
    if (end - begin <= most) {
        parts_ = {{begin, end}};
        return;
    }
    const std::int64_t tail = std::max(most * 2 / 5, least_tail);
    parts_ = {{begin, begin + most - tail}, {end - tail, end}};
}

bool Window::shows(std::int64_t row) const noexcept {
    return std::any_of(parts_.begin(), parts_.end(),
                       [&](const Range& part) { return row >= part.begin && row < part.end; });
}

double Window::place_of(std::size_t part) const noexcept {
    double place = parts_.front().begin > whole_.begin ? kGap : 0;
    for (std::size_t i = 0; i < part; ++i) place += static_cast<double>(parts_[i].size()) + kGap;
    return place;
}

double Window::place(std::int64_t row) const noexcept {
    std::size_t part = 0;
    while (part + 1 < parts_.size() && row >= parts_[part].end) ++part;
    return place_of(part) + static_cast<double>(row - parts_[part].begin);
}

double Window::cells() const noexcept {
    return place_of(parts_.size() - 1) + static_cast<double>(parts_.back().size()) +
           (parts_.back().end < whole_.end ? kGap : 0);
}

std::vector<double> Window::gaps() const {
    std::vector<double> middles;
    if (parts_.front().begin > whole_.begin) middles.push_back(kGap / 2);
    for (std::size_t i = 1; i < parts_.size(); ++i) middles.push_back(place_of(i) - kGap / 2);
    if (parts_.back().end < whole_.end) middles.push_back(cells() - kGap / 2);
    return middles;
}

std::int64_t overlap_on_canvas(const Axis& axis, std::int64_t row) noexcept { return overlap(whole_canvas(axis), row); }

Paint count_paint(std::int64_t count, std::int64_t most) noexcept {
    return {Role::output,
            0.08 + 0.44 * static_cast<double>(count) / static_cast<double>(std::max<std::int64_t>(most, 1))};
}

void draw_count(Scene& scene, const Box& box, std::int64_t count, std::int64_t most, bool is_in_output, double size) {
    if (!is_in_output || count == 0)
        scene.add(Layer::fill, hatched(box, is_in_output ? Hatch::empty : Hatch::cropped));
    else
        scene.add(Layer::fill, rect(box, count_paint(count, most), {Role::grid}));
    if (size > 0)
        scene.add(Layer::text, centred(box, std::to_string(count), size, {is_in_output ? Role::ink : Role::quiet}));
}

void draw_gap(Scene& scene, double x, double y, bool is_vertical, Span when) {
    for (const double off : {-5.0, 0.0, 5.0}) {
        const double dot_x = x + (is_vertical ? 0 : off), dot_y = y + (is_vertical ? off : 0);
        scene.add(Layer::mark, Rect{dot_x - 1, dot_y - 1, 2, 2, {Role::quiet}}, when);
    }
}

Box Strip::box(std::int64_t row) const noexcept {
    const double along = window.place(row) * cell;
    const double across = thickness > 0 ? thickness : cell;
    return {x + (is_vertical ? 0 : along), y + (is_vertical ? along : 0), is_vertical ? across : cell,
            is_vertical ? cell : across};
}

std::int64_t Strip::most() const noexcept {
    std::int64_t most = 0;
    window.for_each_row([&](std::int64_t row) { most = std::max(most, overlap_on_canvas(axis, row)); });
    return most;
}

void Strip::draw(Scene& scene) const {
    const std::int64_t largest = most();
    const double size = fit_text(cell, std::to_string(largest), "").number;
    window.for_each_row([&](std::int64_t row) {
        draw_count(scene, box(row), overlap_on_canvas(axis, row), largest, is_kept(axis, row), size);
    });
    const double middle = (thickness > 0 ? thickness : cell) / 2;
    for (const double gap : window.gaps())
        draw_gap(scene, x + (is_vertical ? middle : gap * cell), y + (is_vertical ? gap * cell : middle), is_vertical);
    const Box first = box(axis.padding_begin), last = box(axis.padding_begin + axis.fine - 1);
    const Box frame{first.x, first.y, last.x + last.width - first.x, last.y + last.height - first.y};
    scene.add(Layer::frame, rect(frame, {}, line(Role::output), kOutline - 0.5));
}

}  // namespace tconv::draw
