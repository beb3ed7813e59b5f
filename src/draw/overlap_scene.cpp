#include "draw/overlap_scene.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "draw/arrays.h"
#include "draw/metrics.h"
#include "draw/number.h"
#include "draw/page.h"
#include "draw/paints.h"
#include "draw/strip.h"
#include "tconv/checkerboard.h"
#include "tconv/problem_text.h"

namespace tconv::draw {
namespace {

// Rows of an axis that are shown: all where they are few enough, else so many.
struct Limits {
    std::int64_t all = 0, cut = 0;
};
constexpr Limits kOneAxis{160, 44}, kTwoAxes{40, 26};

Window window_of(const Axis& axis, Limits limits) {
    const Range whole{0, whole_canvas(axis).fine};
    return whole.end <= limits.all ? Window({whole}, whole) : Window(axis, limits.cut);
}

constexpr std::int64_t kMostLanes = 8;
constexpr double kHeading = 15, kHeadingHeight = 26, kSectionGap = 20;

std::string title_of(const Problem& problem) { return shown(to_text(problem), 80) + ": taps that reach each output"; }

std::string input_heading(const Problem& problem) {
    return "input x (" + size_text(problem, sizes_of(problem, &Axis::coarse)) + ")";
}

std::string output_heading(const Problem& problem) {
    const Position fine = sizes_of(problem, &Axis::fine);
    Position canvas{};
    for (std::size_t axis = 0; axis < canvas.size(); ++axis) canvas[axis] = whole_canvas(problem.axes[axis]).fine;
    return "output y (" + size_text(problem, fine) + ")" +
           (canvas == fine ? "" : ", framed in the full " + size_text(problem, canvas));
}

Text heading(double x, double y, std::string text, Role role) {
    return {x, y + kHeading, std::move(text), kHeading, {role}, Anchor::start, true};
}

// The stamps that have a tap among the rows that are shown.
std::set<std::int64_t> stamps_in(const Strip& strip) {
    const Axis& axis = strip.axis;
    std::set<std::int64_t> stamps;
    for (const Range& part : strip.window.parts()) {
        const std::int64_t first =
            std::max<std::int64_t>(0, ceil_div(part.begin - axis.kernel_extent() + 1, axis.stride));
        const std::int64_t last = std::min(axis.coarse - 1, floor_div(part.end - 1, axis.stride));
        for (std::int64_t i = first; i <= last; ++i) stamps.insert(i);
    }
    return stamps;
}

// Stamps in as many lanes as overlap, each below its input.
class Ladder {
public:
    explicit Ladder(const Strip& strip)
        : strip_(strip), lanes_(std::min(ceil_div(strip.axis.kernel_extent(), strip.axis.stride), strip.axis.coarse)) {}

    bool is_legible() const noexcept { return lanes_ <= kMostLanes; }
    double height() const noexcept { return input_height() + kFan + static_cast<double>(lanes_) * kPitch; }

    void draw(Scene& scene, double y) const {
        const Axis& axis = strip_.axis;
        for (const std::int64_t i : stamps_in(strip_)) {
            const std::int64_t begin = i * axis.stride, end = begin + axis.kernel_extent();
            const double top = y + input_height() + kFan + static_cast<double>(i % lanes_) * kPitch;
            for (const Range& part : strip_.window.parts()) {
                const std::int64_t from = std::max(begin, part.begin), to = std::min(end, part.end);
                if (from >= to) continue;
                const Box bar{strip_.box(from).x, top, static_cast<double>(to - from) * strip_.cell, kBar};
                scene.add(Layer::fill, rect(bar, {Role::page}, {}));
                scene.add(Layer::frame, rect(bar, {}, line(Role::weights), 1.5));
                for (std::int64_t j = std::max<std::int64_t>(0, ceil_div(from - begin, axis.dilation));
                     j < axis.kernel && begin + j * axis.dilation < to; ++j)
                    draw_tap(scene, i, j, top);
            }
            draw_input(scene, i, y, top);
        }
    }

private:
    static constexpr double kFan = 18, kPitch = 20, kBar = 15;

    double input_height() const noexcept { return std::min(input_width(), 22.0); }
    double input_width() const noexcept {
        return std::min(std::max(strip_.cell, 16.0), strip_.cell * static_cast<double>(strip_.axis.stride));
    }

    void draw_tap(Scene& scene, std::int64_t i, std::int64_t j, double top) const {
        const Axis& axis = strip_.axis;
        const std::int64_t row = i * axis.stride + j * axis.dilation;
        const Box box{strip_.box(row).x, top, strip_.cell, kBar};
        scene.add(Layer::mark, rect(box, lit(Role::weights), {Role::grid}));
        const std::string from = "x[" + std::to_string(i) + "] \u00b7 W[" + std::to_string(j) + "]";
        const std::string to = is_kept(axis, row) ? "y[" + std::to_string(row - axis.padding_begin) + "]" : "cropped";
        scene.hits.push_back({box.x, box.y, box.width, box.height, from, to, from + "\n\u2192 " + to, -1, {}});
    }

    // Above the middle of its stamp, where that is seen.
    void draw_input(Scene& scene, std::int64_t i, double y, double top) const {
        const Axis& axis = strip_.axis;
        const std::int64_t begin = i * axis.stride, last = begin + axis.kernel_extent() - 1;
        if (!strip_.window.shows(begin) || !strip_.window.shows(last)) return;
        const double left = strip_.box(begin).x, right = strip_.box(last).x + strip_.cell;
        const Box box{(left + right - input_width()) / 2, y, input_width(), input_height()};
        scene.add(Layer::fill, rect(box, lit(Role::input), {Role::grid}));
        const double below = y + input_height();
        scene.add(Layer::ground, Line{box.x, below, left, top, {Role::grid}, 1});
        scene.add(Layer::ground, Line{box.x + box.width, below, right, top, {Role::grid}, 1});
        const std::string name = "x[" + std::to_string(i) + "]";
        scene.hits.push_back({box.x, box.y, box.width, box.height, name, "", name, -1, {}});
    }

    const Strip& strip_;
    std::int64_t lanes_;
};

struct Extent {
    double right = 0, bottom = 0;
};

void add_hit(Scene& scene, const Box& box, const Problem& problem, const Position& output) {
    std::string name = "y[", product;
    std::int64_t taps = 1;
    for (std::size_t axis = output.size() - static_cast<std::size_t>(problem.rank); axis < output.size(); ++axis) {
        const std::int64_t on_axis = overlap(problem.axes[axis], output[axis]);
        taps *= on_axis;
        name += (product.empty() ? "" : ", ") + std::to_string(output[axis]);
        product += (product.empty() ? "" : " \u00b7 ") + std::to_string(on_axis);
    }
    name += "]";
    std::string text = name + ": " + std::to_string(taps) + (taps == 1 ? " tap" : " taps");
    if (problem.rank > 1) text += "\n= " + product + " along the axes";
    scene.hits.push_back({box.x, box.y, box.width, box.height, std::move(name), std::to_string(taps), text, -1, {}});
}

double cell_for(double cells, double room, double largest) {
    return std::clamp(std::floor(room / cells), 6.0, largest);
}

Extent draw_line(Scene& scene, const Problem& problem, double x, double y) {
    const Axis& axis = problem.axes[2];
    Strip strip{axis, window_of(axis, kOneAxis), x, 0};
    strip.cell = cell_for(strip.window.cells(), 1100, 34);
    strip.thickness = std::max(strip.cell, 18.0);
    const Ladder ladder(strip);
    if (!ladder.is_legible()) {
        scene.add(Layer::text, heading(x, y, input_heading(problem), Role::input));
        y += kHeadingHeight;
    } else {
        scene.add(Layer::text, heading(x, y, input_heading(problem) + " and its stamps", Role::input));
        ladder.draw(scene, y + kHeadingHeight);
        y += kHeadingHeight + ladder.height() + kSectionGap / 2;
    }
    scene.add(Layer::text, heading(x, y, output_heading(problem), Role::output));
    strip.y = y + kHeadingHeight;
    strip.draw(scene);
    strip.window.for_each_row([&](std::int64_t row) {
        if (is_kept(axis, row)) add_hit(scene, strip.box(row), problem, {0, 0, row - axis.padding_begin});
    });
    return {x + strip.length(), strip.y + strip.thickness};
}

// Rows down, columns across, of one slice.
Extent draw_map(Scene& scene, const Problem& problem, std::int64_t slice, double x, double y) {
    const Axis &down = problem.axes[1], &across = problem.axes[2];
    constexpr double kApart = 8;
    Strip rows{down, window_of(down, kTwoAxes), x, 0};
    Strip columns{across, window_of(across, kTwoAxes), 0, y};
    const double cell = std::min(cell_for(rows.window.cells(), 700, 34), cell_for(columns.window.cells(), 1000, 34));
    rows.cell = columns.cell = cell;
    rows.is_vertical = true;
    columns.x = x + cell + kApart;
    rows.y = y + cell + kApart;
    rows.draw(scene);
    columns.draw(scene);
    scene.add(Layer::text, centred({x, y, cell, cell}, "\u00d7", cell * 0.6, {Role::quiet}));

    const std::int64_t slices = overlap(problem.axes[0], slice);
    const std::int64_t most = rows.most() * columns.most() * slices;
    const double size = fit_text(cell, std::to_string(most), "").number;
    const auto box = [&](std::int64_t row, std::int64_t column) {
        return Box{columns.box(column).x, rows.box(row).y, cell, cell};
    };
    rows.window.for_each_row([&](std::int64_t row) {
        columns.window.for_each_row([&](std::int64_t column) {
            const bool is_in_output = is_kept(down, row) && is_kept(across, column);
            const std::int64_t taps = overlap_on_canvas(down, row) * overlap_on_canvas(across, column) * slices;
            draw_count(scene, box(row, column), taps, most, is_in_output, size);
            if (is_in_output)
                add_hit(scene, box(row, column), problem,
                        {slice, row - down.padding_begin, column - across.padding_begin});
        });
    });
    const Box first = box(down.padding_begin, across.padding_begin);
    const Box last = box(down.padding_begin + down.fine - 1, across.padding_begin + across.fine - 1);
    scene.add(Layer::frame, rect({first.x, first.y, last.x + cell - first.x, last.y + cell - first.y}, {},
                                 line(Role::output), kOutline));
    return {columns.x + columns.length(), rows.y + rows.length()};
}

// Which slice is shown, on the strip of all of them.
Extent draw_slices(Scene& scene, const Problem& problem, std::int64_t slice, double x, double y) {
    const Axis& axis = problem.axes[0];
    scene.add(Layer::text, heading(x, y, "the slices: the map shows slice " + std::to_string(slice), Role::output));
    Strip strip{axis, window_of(axis, kOneAxis), x, y + kHeadingHeight};
    strip.cell = cell_for(strip.window.cells(), 1000, 30);
    strip.draw(scene);
    scene.add(Layer::frame, rect(strip.box(slice + axis.padding_begin).grown(-1), {}, line(Role::ink), 2));
    return {x + strip.length(), strip.y + strip.cell};
}

// Of those from the middle on that are seen on their strip, the first that most taps reach.
std::int64_t slice_of(const Problem& problem) {
    const Axis& axis = problem.axes[0];
    const std::int64_t end = window_of(axis, kOneAxis).parts().front().end - axis.padding_begin;
    const std::int64_t first = std::min(axis.fine / 2, end - 1);
    std::int64_t best = first;
    for (std::int64_t slice = first; slice < std::min({axis.fine, end, first + axis.stride}); ++slice)
        if (overlap(axis, slice) > overlap(axis, best)) best = slice;
    return best;
}

std::vector<LegendEntry> legend(const Problem& problem) {
    bool is_cropped = false;
    for (const Axis& axis : problem.spatial())
        is_cropped = is_cropped || axis.padding_begin > 0 || axis.full_size() > axis.padding_begin + axis.fine;
    std::vector<LegendEntry> entries;
    entries.push_back({rect({}, count_paint(2, 3), {Role::grid}), "the more taps, the stronger"});
    if (is_cropped) entries.push_back({hatched({}, Hatch::cropped), "cropped by the padding"});
    bool has_empty = false;
    for (const Axis& axis : problem.spatial())
        window_of(axis, kOneAxis).for_each_row([&](std::int64_t row) {
            has_empty = has_empty || (is_kept(axis, row) && overlap_on_canvas(axis, row) == 0);
        });
    if (has_empty) entries.push_back({hatched({}, Hatch::empty), "empty: no tap reaches it"});
    return entries;
}

// Whether an output is so far from the borders that all taps of its phase find an input.
bool has_inner_output(const Problem& problem) {
    const auto spatial = problem.spatial();
    return std::all_of(spatial.begin(), spatial.end(), [](const Axis& axis) {
        const std::int64_t first = std::max(axis.kernel_extent() - 1, axis.padding_begin);
        const std::int64_t last = std::min((axis.coarse - 1) * axis.stride, axis.padding_begin + axis.fine - 1);
        return first <= last;
    });
}

}  // namespace

std::string overlap_sentence(const Problem& problem) {
    const checkerboard::Structure structure = checkerboard::structure_of(problem);
    double least = 1, most = 1;
    for (const checkerboard::AxisStructure& axis : structure.axes) {
        least *= static_cast<double>(axis.least_taps);
        most *= static_cast<double>(axis.most_taps);
    }
    const auto taps = [](double count) { return short_number(count) + (count == 1 ? " tap" : " taps"); };
    std::string spread = taps(most);
    if (least < most)
        spread = short_number(least) + " to " + taps(most) + " (" + short_number(structure.overlap_ratio) + " to 1)";
    const std::string where = has_inner_output(problem) ? "" : "; in this output none is that far in";
    switch (structure.evenness) {
        case Evenness::even:
            return "even: every output away from the borders collects " + spread + where;
        case Evenness::uneven:
            return "uneven: outputs away from the borders collect " + spread + where;
        default:
            return "holes: away from the borders " + short_number(100 * structure.hole_share) +
                   " % of the outputs collect no tap, the others " + spread + where;
    }
}

Scene overlap_scene(const Problem& problem) {
    Scene scene;
    scene.title = title_of(problem);
    scene.description = overlap_sentence(problem);
    Page page(scene.title);
    const double x = page.left(), y = page.top();
    Extent extent;
    if (problem.rank == 1) {
        extent = draw_line(scene, problem, x, y);
    } else {
        const std::int64_t slice = problem.rank == 3 ? slice_of(problem) : 0;
        scene.add(Layer::text, heading(x, y, input_heading(problem), Role::input));
        scene.add(Layer::text, heading(x, y + kHeadingHeight, output_heading(problem), Role::output));
        extent = draw_map(scene, problem, slice, x, y + 2 * kHeadingHeight);
        if (problem.rank == 3) {
            const Extent strip = draw_slices(scene, problem, slice, x, extent.bottom + kSectionGap);
            extent = {std::max(extent.right, strip.right), strip.bottom};
        }
    }
    const double widest = x + ems(output_heading(problem), true) * kHeading;
    page.reserve(std::max({extent.right, widest, page.width_of(scene.description)}), extent.bottom + kSectionGap);
    page.draw_headings(scene, {});
    page.draw_captions(scene, {scene.description});
    page.draw_legend(scene, legend(problem));
    return scene;
}

std::string overlap_text(const Problem& problem, const TextOptions& options) {
    const Axis &down = problem.axes[1], &across = problem.axes[2];
    const std::int64_t slice = problem.rank == 3 ? slice_of(problem) : 0, slices = overlap(problem.axes[0], slice);
    const Limits few{44, 44};
    const Window rows = window_of(down, few), columns = window_of(across, few);
    std::size_t width = 1;
    const auto taps = [&](std::int64_t row, std::int64_t column) {
        return std::to_string(overlap_on_canvas(down, row) * overlap_on_canvas(across, column) * slices);
    };
    rows.for_each_row([&](std::int64_t row) {
        columns.for_each_row([&](std::int64_t column) { width = std::max(width, taps(row, column).size()); });
    });
    std::string text = title_of(problem) + "\n" + overlap_sentence(problem) + "\n" + kMarks + "\n" +
                       input_heading(problem) + ", " + output_heading(problem) +
                       (problem.rank == 3 ? ", slice " + std::to_string(slice) : std::string()) + "\n";
    const auto ends_part = [](const Window& window, std::int64_t row) {
        return std::any_of(window.parts().begin(), window.parts().end(),
                           [&](const Range& part) { return row + 1 == part.end; });
    };
    if (rows.parts().front().begin > 0) text += "...\n";
    rows.for_each_row([&](std::int64_t row) {
        if (columns.parts().front().begin > 0) text += "... ";
        columns.for_each_row([&](std::int64_t column) {
            const bool is_in_output = is_kept(down, row) && is_kept(across, column);
            TextCell cell{taps(row, column), Mark::none, Role::output};
            if (!is_in_output || cell.text == "0") cell.mark = is_in_output ? Mark::empty : Mark::cropped;
            text += written(cell, width, options.has_color);
            if (ends_part(columns, column) && column + 1 < whole_canvas(across).fine) text += " ... ";
        });
        while (text.back() == ' ') text.pop_back();
        text += "\n";
        if (ends_part(rows, row) && row + 1 < whole_canvas(down).fine) text += "...\n";
    });
    return text;
}

}  // namespace tconv::draw
