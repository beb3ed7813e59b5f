#include "draw/gather_view.h"

#include <algorithm>

#include "draw/number.h"
#include "draw/paints.h"

namespace tconv::draw {

GatherView::GatherView(const Story& story)
    : story_(story), spread_(spread_field(story)), weights_(turned_weights_field(story)), output_(output_field(story)) {
    spread_size(story.problem, &first_);
}

Box GatherView::spread_box(std::int64_t channel, const Position& coarse) const noexcept {
    Position at{};
    for (std::size_t axis = 0; axis < at.size(); ++axis)
        at[axis] = coarse[axis] * story_.problem.axes[axis].stride - first_[axis];
    return spread_.box(channel, at);
}

Box GatherView::weight_box(std::int64_t coarse_channel, std::int64_t weight_channel,
                           const Position& tap) const noexcept {
    Position turned{};
    for (std::size_t axis = 0; axis < turned.size(); ++axis)
        turned[axis] = story_.problem.axes[axis].kernel - 1 - tap[axis];
    return weights_.box(weight_panel(story_.problem, coarse_channel, weight_channel), turned);
}

void GatherView::draw(Scene& scene, const Times& times) {
    text_ = fit_numbers(story_, output_.cell);
    for (const Field* field : fields()) field->draw(scene);
    draw_spread(scene);
    draw_weights(scene);
    draw_outputs(scene, times);
}

void GatherView::draw_spread(Scene& scene) {
    const Problem& problem = story_.problem;
    for (std::int64_t channel = 0; channel < problem.coarse_channels; ++channel)
        for_each_position(spread_.size, [&](const Position& at) {
            const Position u{at[0] + first_[0], at[1] + first_[1], at[2] + first_[2]};
            bool is_input = true;
            for (std::size_t axis = 0; axis < u.size(); ++axis) {
                const Axis& on = problem.axes[axis];
                is_input = is_input && u[axis] >= 0 && u[axis] % on.stride == 0 && u[axis] / on.stride < on.coarse;
            }
            if (!is_input && text_.number > 0)
                scene.add(Layer::text, centred(spread_.box(channel, at), "0",
                                               std::max(text_.number * 0.8, kSmallestText), {Role::quiet, 0.7}));
        });
    for (const Stamp& stamp : story_.stamps) {
        const Box box = spread_box(stamp.channel, stamp.coarse);
        scene.add(Layer::fill, rect(box, at_rest(Role::input), {Role::grid}));
        if (text_.number > 0) scene.add(Layer::text, centred(box, short_number(stamp.x), text_.number, {Role::ink}));
        index.input.push_back(static_cast<int>(scene.hits.size()));
        scene.hits.push_back(number_hit(box, story_.name("x", {stamp.channel}, stamp.coarse), stamp.x));
    }
}

void GatherView::draw_weights(Scene& scene) {
    const Problem& problem = story_.problem;
    const std::int64_t per_group = problem.fine_channels / problem.groups;
    for (std::int64_t pair = 0; pair < problem.coarse_channels * per_group; ++pair)
        for_each_position(weights_.size, [&](const Position& tap) {
            const std::int64_t c = pair / per_group, f = pair % per_group;
            const Box box = weight_box(c, f, tap);
            const double w =
                story_.numbers.weights[static_cast<std::size_t>(reference::weight_offset(problem, c, f, tap))];
            scene.add(Layer::fill, rect(box, at_rest(Role::weights), {Role::grid}));
            if (text_.number > 0) scene.add(Layer::text, centred(box, short_number(w), text_.number, {Role::ink}));
            index.weights.push_back(static_cast<int>(scene.hits.size()));
            scene.hits.push_back(number_hit(box, story_.name("W", {c, f}, tap), w));
        });
}

void GatherView::draw_outputs(Scene& scene, const Times& times) {
    const Problem& problem = story_.problem;
    int output = 0;
    for (std::int64_t channel = 0; channel < problem.fine_channels; ++channel)
        for_each_position(output_.size, [&](const Position& at) {
            const Box box = output_.box(channel, at);
            const int step = times.outputs > 0 ? times.of_output(output) : 0;
            Hit hit = number_hit(box, story_.name("y", {channel}, at), story_.output_at(channel, at),
                                 story_.formula(channel, at), times.outputs > 0 ? step : -1);
            if (reference::count_events_at(problem, at) == 0) {
                scene.add(Layer::fill, hatched(box, Hatch::empty));
            } else {
                scene.add(Layer::fill, rect(box, at_rest(Role::output), {Role::grid}), {step, times.result()});
                if (times.outputs > 0)
                    scene.add(Layer::fill, rect(box, {Role::output, 0.4}, {Role::grid}), {times.result()});
            }
            if (text_.number > 0)
                scene.add(Layer::text,
                          centred(box, short_number(story_.output_at(channel, at)), text_.number, {Role::ink}), {step});
            if (times.outputs > 0) draw_window(scene, channel, at, step);
            reference::for_each_event_at(problem, channel, at, [&](const reference::Event& e) {
                hit.related.push_back(index.input[static_cast<std::size_t>(input_index(problem, e))]);
                hit.related.push_back(index.weights[static_cast<std::size_t>(weight_index(problem, e))]);
            });
            index.output.push_back(static_cast<int>(scene.hits.size()));
            scene.hits.push_back(std::move(hit));
            ++output;
        });
}

void GatherView::draw_window(Scene& scene, std::int64_t channel, const Position& output, int step) const {
    const Problem& problem = story_.problem;
    const auto& [a, b, c] = problem.axes;
    const Span now{step, step + 1};
    scene.add(Layer::frame, rect(output_.box(channel, output).grown(-1), {}, line(Role::ink), kOutline), now);
    reference::for_each_event_at(problem, channel, output, [&](const reference::Event& e) {
        const Box box = spread_box(e.coarse_channel, e.coarse);
        scene.add(Layer::mark, rect(box, lit(Role::input), {Role::grid}), now);
        scene.add(Layer::mark,
                  rect(weight_box(e.coarse_channel, e.weight_channel, e.tap), lit(Role::weights), line(Role::weights)),
                  now);
        if (text_.corner == 0) return;
        const double w = story_.numbers.weights[static_cast<std::size_t>(weight_index(problem, e))];
        scene.add(Layer::text,
                  Text{box.x + box.width - 2.5,
                       box.y + 2 + 0.76 * text_.corner,
                       "\u00d7" + short_number(w),
                       text_.corner,
                       {Role::ink},
                       Anchor::end},
                  now);
    });
    // What the kernel covers, on every input channel of the group and every slice that a tap meets.
    const std::int64_t per_group = problem.coarse_channels / problem.groups;
    const std::int64_t group = channel / (problem.fine_channels / problem.groups);
    const auto begin = [](const Axis& axis, std::int64_t o, std::int64_t first) {
        return o + axis.padding_begin - (axis.kernel_extent() - 1) - first;
    };
    for (std::int64_t in = group * per_group; in < (group + 1) * per_group; ++in)
        for (std::int64_t tap = 0; tap < a.kernel; ++tap) {
            const Position corner{begin(a, output[0], first_[0]) + tap * a.dilation, begin(b, output[1], first_[1]),
                                  begin(c, output[2], first_[2])};
            scene.add(
                Layer::frame,
                rect(spread_.box(in, corner, b.kernel_extent(), c.kernel_extent()), {}, line(Role::weights), kOutline),
                now);
        }
}

void GatherView::light(Scene& scene, std::int64_t channel, const Position& coarse, int step) const {
    scene.add(Layer::mark, rect(spread_box(channel, coarse), lit(Role::input), line(Role::input)), {step, step + 1});
}

}  // namespace tconv::draw
