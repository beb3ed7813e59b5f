#include "draw/scatter_view.h"

#include <algorithm>

#include "draw/number.h"
#include "draw/paints.h"

namespace tconv::draw {
ScatterView::ScatterView(const Story& story)
    : story_(story),
      input_(input_field(story)),
      weights_(weights_field(story)),
      canvas_(canvas_field(story)),
      by_cell_(story.counts.size()) {
    for (std::size_t i = 0; i < story.stamps.size(); ++i)
        for (const Deposit& deposit : story.stamps[i].deposits) {
            const std::int64_t cell = story.canvas_cell(deposit.event.fine_channel, deposit.event.fine);
            by_cell_[static_cast<std::size_t>(cell)].emplace_back(static_cast<int>(i), &deposit);
        }
}

void ScatterView::draw(Scene& scene, const Times& times) {
    text_ = fit_numbers(story_, canvas_.cell);
    for (const Field* field : fields()) field->draw(scene);
    draw_input(scene, times);
    draw_weights(scene, times);
    for (std::size_t i = 0; i < story_.stamps.size() && times.stamps > 0; ++i)
        draw_stamp(scene, story_.stamps[i], times.of_stamp(static_cast<int>(i)));
    for (std::int64_t channel = 0; channel < story_.problem.fine_channels; ++channel)
        for_each_position(canvas_.size, [&](const Position& at) { draw_cell(scene, channel, at, times); });
    draw_frame(scene);
    draw_hits(scene);
}

void ScatterView::draw_input(Scene& scene, const Times& times) {
    for (std::size_t i = 0; i < story_.stamps.size(); ++i) {
        const Stamp& stamp = story_.stamps[i];
        const Box box = input_.box(stamp.channel, stamp.coarse);
        const int step = times.of_stamp(static_cast<int>(i));
        scene.add(Layer::fill, rect(box, at_rest(Role::input), {Role::grid}));
        if (times.stamps > 0) scene.add(Layer::mark, rect(box, lit(Role::input), line(Role::input)), {step, step + 1});
        if (text_.number > 0) scene.add(Layer::text, centred(box, short_number(stamp.x), text_.number, {Role::ink}));
        index.input.push_back(static_cast<int>(scene.hits.size()));
        scene.hits.push_back(number_hit(box, story_.name("x", {stamp.channel}, stamp.coarse), stamp.x, {},
                                        times.stamps > 0 ? step : -1));
    }
}

void ScatterView::draw_weights(Scene& scene, const Times& times) {
    const Problem& problem = story_.problem;
    const std::int64_t per_group = problem.fine_channels / problem.groups;
    const auto positions = static_cast<int>(problem.coarse_positions());
    for (std::int64_t pair = 0; pair < problem.coarse_channels * per_group; ++pair)
        for_each_position(weights_.size, [&](const Position& tap) {
            const Box box = weights_.box(pair, tap);
            const std::int64_t c = pair / per_group, f = pair % per_group;
            const double w =
                story_.numbers.weights[static_cast<std::size_t>(reference::weight_offset(problem, c, f, tap))];
            scene.add(Layer::fill, rect(box, at_rest(Role::weights), {Role::grid}));
            // The row of panels that belongs to the input channel whose stamps are put down.
            if (times.stamps > 0 && problem.coarse_channels > 1)
                scene.add(Layer::mark, rect(box, lit(Role::weights), {Role::grid}),
                          {times.of_stamp(static_cast<int>(c) * positions),
                           times.of_stamp((static_cast<int>(c) + 1) * positions)});
            if (text_.number > 0) scene.add(Layer::text, centred(box, short_number(w), text_.number, {Role::ink}));
            index.weights.push_back(static_cast<int>(scene.hits.size()));
            scene.hits.push_back(number_hit(box, story_.name("W", {c, f}, tap), w));
        });
}

void ScatterView::draw_stamp(Scene& scene, const Stamp& stamp, int step) const {
    const Span now{step, step + 1};
    for (const Deposit& deposit : stamp.deposits) {
        const Box box = canvas_.box(deposit.event.fine_channel, deposit.event.fine);
        scene.add(Layer::mark, rect(box, lit(Role::weights), {Role::grid}), now);
        if (text_.corner > 0)
            scene.add(Layer::text,
                      Text{box.x + box.width - 2.5,
                           box.y + 2 + 0.76 * text_.corner,
                           signed_number(deposit.product),
                           text_.corner,
                           {Role::ink},
                           Anchor::end},
                      now);
    }
    // Around all that the kernel covers, on every canvas of the group and every slice that a tap meets.
    const auto& [a, b, c] = story_.problem.axes;
    const std::int64_t per_group = story_.problem.fine_channels / story_.problem.groups;
    const std::int64_t group = stamp.channel / (story_.problem.coarse_channels / story_.problem.groups);
    for (std::int64_t f = group * per_group; f < (group + 1) * per_group; ++f)
        for (std::int64_t slice = 0; slice < a.kernel; ++slice) {
            const Position corner{stamp.coarse[0] * a.stride + slice * a.dilation, stamp.coarse[1] * b.stride,
                                  stamp.coarse[2] * c.stride};
            const Box box = canvas_.box(f, corner, b.kernel_extent(), c.kernel_extent());
            scene.add(Layer::frame, rect(box, {}, line(Role::weights), kOutline), now);
        }
}

void ScatterView::draw_cell(Scene& scene, std::int64_t channel, const Position& at, const Times& times) const {
    const Box box = canvas_.box(channel, at);
    const auto& deposits = by_cell_[static_cast<std::size_t>(story_.canvas_cell(channel, at))];
    const bool is_kept = story_.is_kept(at);
    if (!is_kept || deposits.empty()) scene.add(Layer::fill, hatched(box, is_kept ? Hatch::empty : Hatch::cropped));
    if (is_kept && !deposits.empty()) {
        const bool has_stamps = times.stamps > 0;
        const int first = has_stamps ? times.of_stamp(deposits.front().first) : 0;
        scene.add(Layer::fill, rect(box, at_rest(Role::output), {Role::grid}), {first, times.result()});
        scene.add(Layer::fill, rect(box, {Role::output, 0.4}, {Role::grid}), {times.result()});
    }
    draw_sums(scene, channel, at, times);
}

void ScatterView::draw_sums(Scene& scene, std::int64_t channel, const Position& at, const Times& times) const {
    if (text_.number == 0) return;
    const Box box = canvas_.box(channel, at);
    const auto& deposits = by_cell_[static_cast<std::size_t>(story_.canvas_cell(channel, at))];
    const bool is_kept = story_.is_kept(at);
    // Cropped sums are quiet, but for the step that lights them.
    const auto write_as = [&](double value, Role role, Span when) {
        if (when.begin < when.end)
            scene.add(Layer::text, centred(box, short_number(value), text_.number, {role}), when);
    };
    const auto write = [&](double value, Span when) {
        const int lit_until = std::min(when.begin + 1, when.end);
        if (is_kept) return write_as(value, Role::ink, when);
        write_as(value, Role::ink, {when.begin, lit_until});
        write_as(value, Role::quiet, {lit_until, when.end});
    };
    const bool has_start = is_kept && story_.problem.has_bias;
    if (deposits.empty()) {
        if (!is_kept) return;
        if (has_start) write(story_.start_value(channel), {0, times.result()});
        write(story_.output_at(channel, story_.to_output(at)), {times.result()});
        return;
    }
    if (times.stamps == 0) {
        write(deposits.back().second->sum, {0});
        return;
    }
    if (has_start) write(story_.start_value(channel), {0, times.of_stamp(deposits.front().first)});
    const bool is_activated = is_kept && story_.has_activation();
    for (std::size_t i = 0; i < deposits.size(); ++i) {
        const int end = i + 1 < deposits.size() ? times.of_stamp(deposits[i + 1].first)
                        : is_activated          ? times.result()
                                                : Span::kForever;
        write(deposits[i].second->sum, {times.of_stamp(deposits[i].first), end});
    }
    if (is_activated) write(story_.output_at(channel, story_.to_output(at)), {times.result()});
}

void ScatterView::draw_frame(Scene& scene) const {
    const auto& [a, b, c] = story_.problem.axes;
    for (std::int64_t channel = 0; channel < story_.problem.fine_channels; ++channel)
        for (std::int64_t slice = 0; slice < a.fine; ++slice) {
            const Position corner = story_.to_canvas({slice, 0, 0});
            scene.add(Layer::frame,
                      rect(canvas_.box(channel, corner, b.fine, c.fine), {}, line(Role::output), kOutline));
        }
}

void ScatterView::draw_hits(Scene& scene) {
    const Problem& problem = story_.problem;
    for (std::int64_t channel = 0; channel < problem.fine_channels; ++channel)
        for_each_position(output_size(story_), [&](const Position& at) {
            const Box box = canvas_.box(channel, story_.to_canvas(at));
            Hit hit = number_hit(box, story_.name("y", {channel}, at), story_.output_at(channel, at),
                                 story_.formula(channel, at));
            reference::for_each_event_at(problem, channel, at, [&](const reference::Event& e) {
                hit.related.push_back(index.input[static_cast<std::size_t>(input_index(problem, e))]);
                hit.related.push_back(index.weights[static_cast<std::size_t>(weight_index(problem, e))]);
            });
            index.output.push_back(static_cast<int>(scene.hits.size()));
            scene.hits.push_back(std::move(hit));
        });
}

void ScatterView::light(Scene& scene, std::int64_t channel, const Position& in_output, int step) const {
    const Span now{step, step + 1};
    const auto& axes = story_.problem.axes;
    scene.add(Layer::frame,
              rect(canvas_.box(channel, story_.to_canvas(in_output)).grown(-1), {}, line(Role::ink), kOutline), now);
    reference::for_each_event_at(story_.problem, channel, in_output, [&](const reference::Event& e) {
        scene.add(Layer::mark, rect(input_.box(e.coarse_channel, e.coarse), lit(Role::input), line(Role::input)), now);
        const std::int64_t panel = weight_panel(story_.problem, e.coarse_channel, e.weight_channel);
        scene.add(Layer::mark, rect(weights_.box(panel, e.tap), lit(Role::weights), line(Role::weights)), now);
        Rect outline = rect(canvas_.box(channel,
                                        {e.coarse[0] * axes[0].stride + e.tap[0] * axes[0].dilation,
                                         e.coarse[1] * axes[1].stride, e.coarse[2] * axes[2].stride},
                                        axes[1].kernel_extent(), axes[2].kernel_extent()),
                            {}, line(Role::weights), 2);
        outline.is_dashed = true;
        scene.add(Layer::frame, outline, now);
    });
}

}  // namespace tconv::draw
