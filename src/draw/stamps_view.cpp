#include "draw/stamps_view.h"

#include <algorithm>

#include "draw/number.h"
#include "draw/paints.h"
#include "tconv/problem_text.h"

namespace tconv::draw {
namespace {

std::int64_t fine_per_group(const Story& story) { return story.problem.fine_channels / story.problem.groups; }

// Few stand in a row, many as their inputs do.
std::int64_t stamps_in_a_row(const Story& story) {
    constexpr std::int64_t kFew = 5, kMany = 8;
    const auto count = static_cast<std::int64_t>(story.stamps.size());
    if (count <= kFew) return count;
    return std::min(kMany, story.problem.axes[2].coarse);
}

Field stamps_field(const Story& story) {
    const std::int64_t per_group = fine_per_group(story);
    Field field;
    field.role = Role::weights;
    field.title = "the stamps, x \u00b7 W";
    field.size = canvas_size(story);
    field.panels = static_cast<std::int64_t>(story.stamps.size()) * per_group * field.size[0];
    field.panel_columns = stamps_in_a_row(story) * per_group * field.size[0];
    for (const Stamp& stamp : story.stamps)
        for (std::int64_t f = 0; f < per_group; ++f)
            for (std::int64_t slice = 0; slice < field.size[0]; ++slice) {
                std::string label = story.name("x", {stamp.channel}, stamp.coarse) + " \u00b7 W";
                if (per_group > 1) label += "[" + std::to_string(stamp.channel) + ", " + std::to_string(f) + "]";
                if (story.problem.rank == 3) label += ", slice " + std::to_string(slice);
                field.labels.push_back(label);
            }
    return field;
}

}  // namespace

StampsView::StampsView(const Story& story) : story_(story), stamps_(stamps_field(story)) {}

void StampsView::draw(Scene& scene, const Times& times) {
    const CellText text = fit_numbers(story_, stamps_.cell);
    const std::int64_t per_group = fine_per_group(story_);
    stamps_.draw(scene);
    for (std::size_t i = 0; i < story_.stamps.size(); ++i) {
        const Stamp& stamp = story_.stamps[i];
        const int step = times.of_stamp(static_cast<int>(i));
        for (const Deposit& deposit : stamp.deposits) {
            const std::int64_t panel = static_cast<std::int64_t>(i) * per_group + deposit.event.weight_channel;
            const Box box = stamps_.box(panel, deposit.event.fine);
            scene.add(Layer::fill, rect(box, at_rest(Role::weights), {Role::grid}), {step});
            scene.add(Layer::mark, rect(box, lit(Role::weights), {Role::grid}), {step, step + 1});
            if (text.number > 0)
                scene.add(Layer::text, centred(box, short_number(deposit.product), text.number, {Role::ink}), {step});
            const Event& e = deposit.event;
            const std::string product = story_.name("x", {e.coarse_channel}, e.coarse) + " \u00b7 " +
                                        story_.name("W", {e.coarse_channel, e.weight_channel}, e.tap);
            scene.hits.push_back(number_hit(box, product, deposit.product,
                                            product + "\n= " + short_number(deposit.x) + " \u00b7 " +
                                                short_number(deposit.w) + " = " + short_number(deposit.product),
                                            step));
        }
    }
    // Where the output is on every canvas.
    const auto& [a, b, c] = story_.problem.axes;
    for (std::int64_t panel = 0; panel < stamps_.panels / stamps_.size[0]; ++panel)
        for (std::int64_t slice = 0; slice < a.fine; ++slice)
            scene.add(Layer::frame, rect(stamps_.box(panel, story_.to_canvas({slice, 0, 0}), b.fine, c.fine), {},
                                         line(Role::output), kOutline - 1));
}

Result<void> check_stamps(const Story& story) {
    const double cells = static_cast<double>(story.stamps.size()) * static_cast<double>(fine_per_group(story)) *
                         static_cast<double>(story.canvas.fine_positions());
    if (cells <= kMostCells) return {};
    return Error{ErrorCode::invalid_argument,
                 "'" + to_text(story.problem) + "' would be " + std::to_string(story.stamps.size()) +
                     " stamps on canvases of together " + std::to_string(static_cast<std::int64_t>(cells)) +
                     " cells, and at most " + std::to_string(kMostCells) + " are drawn; draw '" +
                     to_text(smaller_like(story.problem)) +
                     "', or give --view scatter, where all stamps share one canvas"};
}

}  // namespace tconv::draw
