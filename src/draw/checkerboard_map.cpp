#include "draw/checkerboard_map.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "draw/field.h"
#include "draw/metrics.h"
#include "tconv/geometry.h"
#include "tconv/problem_text.h"

namespace tconv::draw {
namespace {

constexpr std::int64_t kMostCells = 16;  // on an axis
constexpr double kCell = 34, kMargin = 18, kHead = 58, kFoot = 26;

std::string short_number(double value) {
    char digits[40];
    return {digits, std::to_chars(digits, digits + sizeof digits, value, std::chars_format::general, 2).ptr};
}

// A number in its cell: stronger where it is larger, crossed out where it is nothing.
void put(Scene& scene, const Field& field, const Position& at, double value, double largest) {
    const Box box = field.box(0, at);
    Rect cell = rect(box, {field.role, largest > 0 ? 0.75 * std::fabs(value) / largest : 0}, {Role::grid});
    if (value == 0) cell.hatch = Hatch::empty;
    scene.add(Layer::fill, cell);
    scene.add(Layer::text, centred(box, short_number(value), 12, {Role::ink}));
}

// Of a picture's two axes: 1-D is one row, 3-D a slice.
Position cut(std::int64_t rows, std::int64_t columns) {
    return {1, std::min(rows, kMostCells), std::min(columns, kMostCells)};
}

Field overlap_field(const Problem& problem) {
    Field field;
    field.role = Role::output;
    field.title = "taps that reach an output";
    field.cell = kCell;
    field.size = cut(problem.axes[1].fine, problem.axes[2].fine);
    return field;
}

void draw_overlap(Scene& scene, const Field& field, const Problem& problem) {
    const auto taps = [&](const Position& at) {
        return static_cast<double>(overlap(problem.axes[0], problem.axes[0].fine / 2)) *
               static_cast<double>(overlap(problem.axes[1], at[1])) *
               static_cast<double>(overlap(problem.axes[2], at[2]));
    };
    double largest = 0;
    for_each_position(field.size, [&](const Position& at) { largest = std::max(largest, taps(at)); });
    field.draw(scene);
    for_each_position(field.size, [&](const Position& at) { put(scene, field, at, taps(at), largest); });
}

Field gain_field(const Problem& problem, double x) {
    Field field;
    field.role = Role::weights;
    field.title = "what a constant becomes (share of the mean)";
    field.cell = kCell;
    const auto twice = [](const Axis& axis) { return axis.stride > kMostCells ? kMostCells : 2 * axis.stride; };
    field.size = cut(problem.rank > 1 ? twice(problem.axes[1]) : 1, twice(problem.axes[2]));
    field.x = x;
    return field;
}

void draw_gains(Scene& scene, const Field& field, const Problem& problem, const checkerboard::Measures& measures) {
    std::map<std::array<std::int64_t, 3>, double> shares;  // by the phase on all three axes
    double largest = 0;
    for (const checkerboard::PhaseGain& gain : measures.gains) {
        std::array<std::int64_t, 3> phase{};
        const std::ptrdiff_t unused = Problem::kMaxRank - problem.rank;
        std::copy_n(gain.phase.begin(), problem.rank, phase.begin() + unused);
        shares[phase] = gain.share;
        largest = std::max(largest, std::fabs(gain.share));
    }
    field.draw(scene);
    for_each_position(field.size, [&](const Position& at) {
        const auto found = shares.find({phase_of(problem.axes[0], problem.axes[0].fine / 2),
                                        phase_of(problem.axes[1], at[1]), phase_of(problem.axes[2], at[2])});
        put(scene, field, at, found == shares.end() ? 0 : found->second, largest);
    });
}

}  // namespace

Scene checkerboard_map(const lint::JudgedNode& node) {
    const Problem& problem = node.problem;
    Scene scene;
    scene.title = shown(node.name, 80);
    scene.description = "checkerboard of " + to_text(problem);
    Field overlaps = overlap_field(problem);
    overlaps.x = kMargin;
    overlaps.y = kHead;
    double right = overlaps.x + overlaps.width(), bottom = overlaps.y + overlaps.height();
    draw_overlap(scene, overlaps, problem);
    if (node.measures) {
        Field gains = gain_field(problem, right + 2 * kMargin);
        gains.y = kHead;
        draw_gains(scene, gains, problem, *node.measures);
        right = gains.x + gains.width();
        bottom = std::max(bottom, gains.y + gains.height());
    }
    const std::string heading = shown(node.name, 60) + ": " + to_string(node.structure.evenness),
                      text = to_text(problem);
    scene.add(Layer::text, Text{kMargin, 26, heading, 17, {Role::ink}, Anchor::start, true});
    scene.add(Layer::text, Text{kMargin, 45, shown(text, 90), 12, {Role::quiet}});
    const bool is_cut = problem.axes[1].fine > kMostCells || problem.axes[2].fine > kMostCells;
    const std::string remark = is_cut ? "the corner of " + size_text(problem, sizes_of(problem, &Axis::fine)) : "";
    scene.add(Layer::text, Text{kMargin, bottom + kFoot - 6, remark, 12, {Role::quiet}});
    scene.width = std::max({right, kMargin + ems(heading, true) * 17, kMargin + ems(shown(text, 90)) * 12}) + kMargin;
    scene.height = bottom + kFoot;
    return scene;
}

}  // namespace tconv::draw
