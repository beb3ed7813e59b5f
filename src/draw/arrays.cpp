#include "draw/arrays.h"

#include "draw/metrics.h"
#include "draw/number.h"

namespace tconv::draw {
namespace {

void add_part(std::string& label, const std::string& part) { label += (label.empty() ? "" : ", ") + part; }

Field array_field(const Story& story, Role role, const std::string& title, std::int64_t channels,
                  const Position& size) {
    Field field;
    field.role = role;
    field.title = title;
    field.size = size;
    field.panels = channels * size[0];
    field.panel_columns = size[0];
    const std::int64_t groups = story.problem.groups;
    for (std::int64_t panel = 0; panel < field.panels && (channels > 1 || story.problem.rank == 3); ++panel) {
        const std::int64_t channel = panel / size[0];
        std::string label;
        if (channels > 1) add_part(label, "channel " + std::to_string(channel));
        if (groups > 1) add_part(label, "group " + std::to_string(channel / (channels / groups)));
        if (story.problem.rank == 3) add_part(label, "slice " + std::to_string(panel % size[0]));
        field.labels.push_back(label);
    }
    return field;
}

Field weights_field_of(const Story& story, const std::string& title) {
    const Problem& problem = story.problem;
    const std::int64_t per_group = problem.fine_channels / problem.groups;
    Field field;
    field.role = Role::weights;
    field.title = title;
    field.size = kernel_size(story);
    field.panels = problem.coarse_channels * per_group * field.size[0];
    field.panel_columns = per_group * field.size[0];
    const bool has_channels = problem.coarse_channels * problem.fine_channels > 1;
    for (std::int64_t panel = 0; panel < field.panels && (has_channels || problem.rank == 3); ++panel) {
        const std::int64_t pair = panel / field.size[0];
        std::string label;
        if (has_channels)
            add_part(label, "W[" + std::to_string(pair / per_group) + ", " + std::to_string(pair % per_group) + "]");
        if (problem.rank == 3) add_part(label, "slice " + std::to_string(panel % field.size[0]));
        field.labels.push_back(label);
    }
    return field;
}

}  // namespace

Field input_field(const Story& story) {
    return array_field(story, Role::input, "input x (" + size_text(story.problem, input_size(story)) + ")",
                       story.problem.coarse_channels, input_size(story));
}

Field weights_field(const Story& story) {
    return weights_field_of(story, "weights W (" + size_text(story.problem, kernel_size(story)) + ")");
}

Field canvas_field(const Story& story) {
    std::string title = "output y (" + size_text(story.problem, output_size(story)) + ")";
    if (output_size(story) != canvas_size(story))
        title += ", framed in the full " + size_text(story.problem, canvas_size(story));
    return array_field(story, Role::output, title, story.problem.fine_channels, canvas_size(story));
}

Field spread_field(const Story& story) {
    return array_field(story, Role::input, "input x, spread by the stride", story.problem.coarse_channels,
                       spread_size(story.problem));
}

Field turned_weights_field(const Story& story) { return weights_field_of(story, "W turned by 180\u00b0"); }

Field output_field(const Story& story) {
    return array_field(story, Role::output, "output y (" + size_text(story.problem, output_size(story)) + ")",
                       story.problem.fine_channels, output_size(story));
}

std::int64_t flat_index(const Position& at, const Position& size) noexcept {
    return (at[0] * size[1] + at[1]) * size[2] + at[2];
}

std::int64_t weight_panel(const Problem& problem, std::int64_t coarse_channel, std::int64_t weight_channel) noexcept {
    return coarse_channel * (problem.fine_channels / problem.groups) + weight_channel;
}

std::int64_t input_index(const Problem& problem, const reference::Event& event) noexcept {
    return event.coarse_channel * problem.coarse_positions() +
           flat_index(event.coarse, sizes_of(problem, &Axis::coarse));
}

std::int64_t weight_index(const Problem& problem, const reference::Event& event) noexcept {
    return reference::weight_offset(problem, event.coarse_channel, event.weight_channel, event.tap);
}

std::string signed_number(double value) { return (value < 0 ? "" : "+") + short_number(value); }

namespace {

struct Longest {
    std::string number, corner;
};

Longest longest_of(const Story& story) {
    Longest longest;
    const auto keep = [](std::string& kept, const std::string& text) {
        if (ems(text) > ems(kept)) kept = text;
    };
    for (const double x : story.numbers.input) keep(longest.number, short_number(x));
    for (const double w : story.numbers.weights) keep(longest.number, short_number(w));
    for (const double y : story.output) keep(longest.number, short_number(y));
    for (const Stamp& stamp : story.stamps)
        for (const Deposit& deposit : stamp.deposits) {
            keep(longest.number, short_number(deposit.sum));
            keep(longest.corner, signed_number(deposit.product));
        }
    return longest;
}

}  // namespace

CellText fit_numbers(const Story& story, double cell) {
    const Longest longest = longest_of(story);
    return fit_text(cell, longest.number, longest.corner);
}

double legible_cell(const Story& story) {
    constexpr double kComfortable = 8;  // pixels per em
    return smallest_cell(longest_of(story).number, kComfortable);
}

Position canvas_size(const Story& story) { return sizes_of(story.canvas, &Axis::fine); }
Position output_size(const Story& story) { return sizes_of(story.problem, &Axis::fine); }
Position input_size(const Story& story) { return sizes_of(story.problem, &Axis::coarse); }
Position kernel_size(const Story& story) { return sizes_of(story.problem, &Axis::kernel); }

}  // namespace tconv::draw
