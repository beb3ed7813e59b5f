#include "draw/sizes_scene.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "draw/field.h"
#include "draw/metrics.h"
#include "draw/page.h"
#include "draw/paints.h"
#include "draw/story.h"
#include "draw/strip.h"
#include "tconv/problem_text.h"
#include "tconv/sizes.h"

namespace tconv::draw {
namespace {

constexpr double kRoom = 760, kLargestCell = 30, kSmallestCell = 13;  // pixels; smaller ones are drawn to scale only
constexpr double kLabelWidth = 124, kLabelGap = 12, kTextGap = 20, kTextSize = 14, kRowGap = 9, kSectionGap = 26;
constexpr std::int64_t kMostStamps = 3;  // and the last one

std::string number(std::int64_t value) { return std::to_string(value); }
std::string minus(std::int64_t value) { return " \u2212 " + number(value); }

// Which rows of the canvas are seen: all, or as far as the first stamps reach, and the last stamp.
Window window_of(const Axis& axis) {
    const std::int64_t size = whole_canvas(axis).fine;
    const Range all{0, size};
    constexpr auto kMost = static_cast<std::int64_t>(kRoom / kSmallestCell);
    const Range head{0, (kMostStamps - 1) * std::min(axis.stride, kMost) + std::min(axis.kernel_extent(), kMost) + 1};
    const Range tail{std::min((axis.coarse - 1) * axis.stride, axis.padding_begin + axis.fine - 1), size};
    const bool is_cut = axis.coarse > kMostStamps + 1 && head.size() + tail.size() + 1 <= kMost &&
                        tail.begin > head.end && axis.padding_begin < head.end;
    return size <= kMost || !is_cut ? Window({all}, all) : Window({head, tail}, all);
}

// One axis, a line for each of its sentences from the first stamp on.
class Section {
public:
    Section(const Axis& axis, int first_step, double x)
        : axis_(axis), step_(first_step), x_(x + label_width(axis)), window_(window_of(axis)) {
        cell_ = std::min(kLargestCell, kRoom / window_.cells());
        height_ = std::clamp(cell_, kSmallestCell + 3, 24.0);
    }

    void draw(Scene& scene, double y) {
        y_ = y;
        draw_stamps(scene);
        draw_crop(scene);
        draw_end(scene);
        draw_output(scene);
    }
    double bottom() const noexcept { return y_; }
    double right() const noexcept { return right_; }
    int next_step() const noexcept { return step_; }

private:
    static std::string input_label(const Axis& axis) { return "input x (" + number(axis.coarse) + ")"; }
    static double label_width(const Axis& axis) {
        return std::max(kLabelWidth, kLabelGap + ems(input_label(axis), true) * kTextSize);
    }

    bool has_cells() const noexcept { return cell_ >= 5; }

    // Rows of the canvas, as far as they are seen; at least so thick that they are.
    template <class Visit>
    void for_each_part(std::int64_t begin, std::int64_t end, Visit&& visit) const {
        for (std::size_t i = 0; i < window_.parts().size(); ++i) {
            const Range& part = window_.parts()[i];
            const std::int64_t from = std::max(begin, part.begin), to = std::min(end, part.end);
            if (from >= to) continue;
            const double left = x_ + (window_.place_of(i) + static_cast<double>(from - part.begin)) * cell_;
            visit(Box{left, y_, std::max(1.5, static_cast<double>(to - from) * cell_), height_}, from, to);
        }
    }

    void fill(Scene& scene, std::int64_t begin, std::int64_t end, Paint paint, Layer layer = Layer::fill) const {
        for_each_part(begin, end, [&](const Box& box, std::int64_t from, std::int64_t to) {
            if (!has_cells()) {
                scene.add(layer, rect(box, paint, {Role::grid}), {step_});
                return;
            }
            for (std::int64_t row = from; row < to; ++row)
                scene.add(layer,
                          rect({box.x + static_cast<double>(row - from) * cell_, box.y, cell_, box.height}, paint,
                               {Role::grid}),
                          {step_});
        });
    }

    void hatch(Scene& scene, std::int64_t begin, std::int64_t end, Hatch hatch) const {
        for_each_part(begin, end, [&](const Box& box, std::int64_t, std::int64_t) {
            scene.add(Layer::mark, hatched(box, hatch), {step_});
        });
    }

    void outline(Scene& scene, std::int64_t begin, std::int64_t end, Role role) const {
        for_each_part(begin, end, [&](const Box& box, std::int64_t, std::int64_t) {
            scene.add(Layer::frame, rect(box, {}, line(role), 2), {step_});
        });
    }

    void dots(Scene& scene) const {
        for (const double gap : window_.gaps()) draw_gap(scene, x_ + gap * cell_, y_ + height_ / 2, false, {step_});
    }

    // The label in front, the text behind; then the next line.
    void end_line(Scene& scene, const std::string& label, Role role, const std::string& text, bool is_bold = false) {
        const double baseline = centred_baseline(y_ + height_ / 2, kTextSize);
        scene.add(Layer::text,
                  Text{x_ - kLabelGap, baseline, label, kTextSize, {role}, Anchor::end, role != Role::quiet}, {step_});
        const double behind = x_ + window_.cells() * cell_ + kTextGap;
        scene.add(Layer::text, Text{behind, baseline, text, kTextSize, {Role::ink}, Anchor::start, is_bold}, {step_});
        right_ = std::max(right_, behind + ems(text, is_bold) * kTextSize);
        y_ += height_ + kRowGap;
        ++step_;
    }

    void draw_stamp(Scene& scene, std::int64_t i, const std::string& text) {
        const std::int64_t begin = i * axis_.stride, end = begin + axis_.kernel_extent();
        fill(scene, 0, end, {Role::output, 0.16}, Layer::ground);
        if (axis_.dilation == 1 || static_cast<double>(axis_.dilation) * cell_ < 3)
            fill(scene, begin, end, lit(Role::weights));
        else
            for (std::int64_t j = 0; j < axis_.kernel; ++j)
                if (const std::int64_t row = begin + j * axis_.dilation; window_.shows(row))
                    fill(scene, row, row + 1, lit(Role::weights));
        outline(scene, begin, end, Role::weights);
        for_each_part(begin, end, [&](const Box& box, std::int64_t, std::int64_t) {
            scene.hits.push_back({box.x,
                                  box.y,
                                  box.width,
                                  box.height,
                                  "stamp " + number(i),
                                  number(begin),
                                  "x[" + number(i) + "] stamps the rows " + number(begin) + " to " + number(end - 1) +
                                      "\nof " + number(axis_.full_size()),
                                  step_,
                                  {}});
        });
        if (window_.parts().size() > 1 && begin >= window_.parts()[1].begin) dots(scene);
        end_line(scene, "x[" + number(i) + "]", Role::input, text);
    }

    void draw_stamps(Scene& scene) {
        const std::int64_t extent = axis_.kernel_extent(), s = axis_.stride, m = axis_.coarse;
        const bool is_dense = axis_.dilation == 1 || axis_.kernel == 1;
        scene.add(Layer::text, Text{x_ - kLabelGap, y_ + 13, input_label(axis_), 13, {Role::input}, Anchor::end, true});
        scene.add(Layer::text, Text{x_, y_ + 13, "rows of the output, stamp by stamp", 13, {Role::quiet}});
        y_ += 24;
        // The first sentence is about the kernel alone, and sees the first stamp.
        draw_stamp(scene, 0,
                   is_dense ? "K = " + number(extent)
                            : "K = d(k\u22121)+1 = " + number(axis_.dilation) + "\u00b7" + number(axis_.kernel - 1) +
                                  "+1 = " + number(extent));
        ++step_;
        for (std::int64_t i = 1; i < std::min(m, kMostStamps); ++i)
            draw_stamp(scene, i,
                       "K + " + (i == 1 ? std::string() : number(i)) + "S = " + number(extent) + " + " + number(i * s) +
                           " = " + number(extent + i * s));
        if (m > kMostStamps + 1) {
            draw_gap(scene, x_ - 24, y_ + 3, true, {step_});
            y_ += 16;
        }
        if (m > kMostStamps)
            draw_stamp(scene, m - 1,
                       "K + (m\u22121)S = " + number(extent) + " + " + number(m - 1) + "\u00b7" + number(s) + " = " +
                           number(axis_.full_size()));
    }

    std::int64_t kept_end() const noexcept { return axis_.full_size() - axis_.padding_end; }
    std::int64_t cropped() const noexcept { return kept_end() - axis_.padding_begin; }

    void draw_crop(Scene& scene) {
        if (axis_.padding_begin == 0 && axis_.padding_end == 0) return;
        const std::int64_t begin = std::min(axis_.padding_begin, axis_.full_size()), end = std::max(begin, kept_end());
        fill(scene, begin, end, at_rest(Role::output));
        hatch(scene, 0, begin, Hatch::cropped);
        hatch(scene, end, axis_.full_size(), Hatch::cropped);
        dots(scene);
        end_line(scene, "padding", Role::quiet,
                 number(axis_.full_size()) + minus(axis_.padding_begin) + minus(axis_.padding_end) + " = " +
                     number(cropped()));
    }

    void draw_end(Scene& scene) {
        const std::int64_t more = axis_.output_padding();
        if (more == 0) return;
        const bool is_usual = more > 0 && more < std::max(axis_.stride, axis_.dilation);
        draw_kept(scene);
        const std::int64_t from = std::max(axis_.padding_begin, kept_end());
        if (more > 0) outline(scene, from, axis_.padding_begin + axis_.fine, Role::ink);
        dots(scene);
        end_line(scene, is_usual ? "output padding" : "given size", Role::quiet,
                 number(cropped()) + (more < 0 ? minus(-more) : " + " + number(more)) + " = " + number(axis_.fine));
    }

    // What is output, and what around it is not.
    void draw_kept(Scene& scene) const {
        const std::int64_t end = axis_.padding_begin + axis_.fine, full = axis_.full_size();
        fill(scene, axis_.padding_begin, std::min(end, full), at_rest(Role::output));
        hatch(scene, std::max(full, axis_.padding_begin), end, Hatch::empty);
        hatch(scene, 0, axis_.padding_begin, Hatch::cropped);
        hatch(scene, end, full, Hatch::cropped);
    }

    void draw_output(Scene& scene) {
        const std::int64_t end = axis_.padding_begin + axis_.fine;
        fill(scene, axis_.padding_begin, std::min(end, axis_.full_size()), {Role::output, 0.4});
        hatch(scene, std::max(axis_.full_size(), axis_.padding_begin), end, Hatch::empty);
        outline(scene, axis_.padding_begin, end, Role::output);
        dots(scene);
        for_each_part(axis_.padding_begin, end, [&](const Box& box, std::int64_t, std::int64_t) {
            scene.hits.push_back({box.x,
                                  box.y,
                                  box.width,
                                  box.height,
                                  "output y",
                                  number(axis_.fine),
                                  "output y: " + number(axis_.fine) + (axis_.fine == 1 ? " row" : " rows"),
                                  step_,
                                  {}});
        });
        end_line(scene, "output y", Role::output, number(axis_.fine) + (axis_.fine == 1 ? " row" : " rows"), true);
    }

    const Axis& axis_;
    int step_;  // of the line that is drawn
    double x_, y_ = 0, cell_ = 0, height_ = 0, right_ = 0;
    Window window_;
};

}  // namespace

Scene sizes_scene(const Problem& problem) {
    const SizeDerivation derivation = derive_size(problem);
    const auto axes = problem.spatial();
    const bool are_alike = std::all_of(axes.begin(), axes.end(), [&](const Axis& axis) { return axis == axes[0]; });
    Scene scene;
    scene.title = shown(to_text(problem), 80) + ": how large is the output?";
    scene.description = derivation.steps.back();
    scene.steps = static_cast<int>(derivation.steps.size());
    Page page(scene.title);
    double y = page.top(), right = 0;
    int step = 0;
    for (std::size_t i = 0; i < (are_alike ? 1 : axes.size()); ++i) {
        std::string along = are_alike ? "along each of the " + number(problem.rank) + " axes"
                                      : "axis " + number(static_cast<std::int64_t>(i));
        if (problem.rank > 1) {
            scene.add(Layer::text, Text{page.left(), y + 14, along, 14, {Role::quiet}, Anchor::start, true});
            y += 26;
        }
        Section section(axes[i], step, page.left());
        section.draw(scene, y);
        y = section.bottom() + (i + 1 < axes.size() && !are_alike ? kSectionGap : 8);
        right = std::max(right, section.right());
        step = section.next_step();
    }
    page.reserve(std::max(right, page.width_of(scene.description)), y);
    page.draw_headings(scene, {});
    page.draw_captions(scene, derivation.steps);
    bool is_cropped = false, has_empty = false;
    for (const Axis& axis : axes) {
        is_cropped = is_cropped || axis.padding_begin > 0 || axis.padding_begin + axis.fine < axis.full_size();
        has_empty = has_empty || axis.padding_begin + axis.fine > axis.full_size();
    }
    std::vector<LegendEntry> legend{
        {rect({}, lit(Role::weights), line(Role::weights), 2), "a stamp: the taps of the kernel"},
        {rect({}, {Role::output, 0.16}, {Role::grid}), "rows so far"}};
    if (is_cropped) legend.push_back({hatched({}, Hatch::cropped), "cropped by the padding"});
    if (has_empty) legend.push_back({hatched({}, Hatch::empty), "empty: no tap reaches it"});
    page.draw_legend(scene, legend);
    return scene;
}

}  // namespace tconv::draw
