#include "draw/trace_scene.h"

#include <optional>

#include "draw/gather_view.h"
#include "draw/metrics.h"
#include "draw/number.h"
#include "draw/page.h"
#include "draw/paints.h"
#include "draw/scatter_view.h"
#include "draw/stamps_view.h"
#include "tconv/problem_text.h"

namespace tconv::draw {
namespace {

Times times_of(const Story& story, TraceView view) {
    Times times;
    if (view != TraceView::gather) times.stamps = static_cast<int>(story.stamps.size());
    if (is_gathering(view)) times.outputs = static_cast<int>(story.output.size());
    return times;
}

// The gather view has no canvas, and so no frame.
std::vector<LegendEntry> legend(const Story& story, TraceView view) {
    const bool is_cropped = view != TraceView::gather && canvas_size(story) != output_size(story);
    bool has_empty = false;
    for_each_position(output_size(story), [&](const Position& at) {
        has_empty = has_empty || reference::count_events_at(story.problem, at) == 0;
    });
    std::vector<LegendEntry> entries;
    if (is_cropped) {
        entries.push_back({rect({}, {}, line(Role::output), kOutline), "the frame of output y"});
        entries.push_back({hatched({}, Hatch::cropped), "cropped by the padding"});
    }
    if (has_empty)
        entries.push_back({hatched({}, Hatch::empty), story.problem.has_bias ? "empty: no tap reaches it, only the bias"
                                                                             : "empty: no tap reaches it"});
    return entries;
}

std::string title_of(const Problem& problem) { return shown(to_text(problem), 80) + ": transposed convolution"; }

std::string description_of(const Story& story) {
    return "input x " + size_text(story.problem, input_size(story)) + ", weights W " +
           size_text(story.problem, kernel_size(story)) + ", output y " + size_text(story.problem, output_size(story));
}

std::string stamp_caption(const Story& story, const Stamp& stamp) {
    return story.name("x", {stamp.channel}, stamp.coarse) + " = " + short_number(stamp.x) + " puts down its stamp, " +
           short_number(stamp.x) + " \u00b7 W";
}

std::string output_caption(const Story& story, std::size_t output) {
    const std::int64_t positions = story.problem.fine_positions();
    const auto index = static_cast<std::int64_t>(output);
    std::string text;
    std::int64_t seen = 0;
    for_each_position(output_size(story), [&](const Position& at) {
        if (seen++ == index % positions) text = story.equation(index / positions, at);
    });
    return text;
}

std::string last_caption(const Story& story, const Times& times) {
    if (times.stamps == 0) return "done: every output is collected";
    const std::string what = "what the frame holds is output y";
    return story.has_activation() ? "done: " + to_text(story.problem.activation) + " of every sum; " + what
                                  : "done: " + what;
}

// The same cell lit in both views, and pointed at in both.
void link(const Story& story, const ScatterView& scatter, const GatherView& gather, Scene& scene, const Times& times) {
    for (std::size_t i = 0; i < story.stamps.size(); ++i)
        gather.light(scene, story.stamps[i].channel, story.stamps[i].coarse, times.of_stamp(static_cast<int>(i)));
    int output = 0;
    for (std::int64_t channel = 0; channel < story.problem.fine_channels; ++channel)
        for_each_position(output_size(story), [&](const Position& at) {
            const auto index = static_cast<std::size_t>(output);
            scatter.light(scene, channel, at, times.of_output(output++));
            const int here = scatter.hits().output[index], there = gather.hits().output[index];
            Hit &one = scene.hits[static_cast<std::size_t>(here)], &other = scene.hits[static_cast<std::size_t>(there)];
            one.step = other.step;
            std::vector<int> related = one.related;
            related.insert(related.end(), other.related.begin(), other.related.end());
            one.related = related;
            other.related = std::move(related);
            one.related.push_back(there);
            other.related.push_back(here);
        });
}

}  // namespace

std::vector<std::string> captions(const Story& story, TraceView view) {
    const Times times = times_of(story, view);
    std::vector<std::string> lines;
    lines.emplace_back(times.stamps > 0 ? "the canvas is empty" : "nothing is collected yet");
    if (story.problem.has_bias) lines.back() = "every output starts with the bias";
    for (int i = 0; i < times.stamps; ++i)
        lines.push_back(stamp_caption(story, story.stamps[static_cast<std::size_t>(i)]));
    for (int i = 0; i < times.outputs; ++i) lines.push_back(output_caption(story, static_cast<std::size_t>(i)));
    lines.push_back(last_caption(story, times));
    for (std::size_t i = 0; i < lines.size(); ++i)
        lines[i] = std::to_string(i) + "/" + std::to_string(lines.size() - 1) + ": " + lines[i];
    return lines;
}

Scene trace_scene(const Story& story, TraceView view) {
    const Times times = times_of(story, view);
    ScatterView scatter(story);
    GatherView gather(story);
    std::optional<StampsView> stamps;
    std::vector<View*> views;
    if (view != TraceView::gather) views.push_back(&scatter);
    if (is_gathering(view)) views.push_back(&gather);
    if (view == TraceView::stamps) views.push_back(&stamps.emplace(story));

    Scene scene;
    scene.steps = times.steps();
    scene.title = title_of(story.problem);
    scene.description = description_of(story) + ", in " + std::to_string(scene.steps) + " steps";
    Page page(scene.title);
    page.place(views, legible_cell(story));
    page.draw_headings(scene, views);
    for (View* each : views) each->draw(scene, times);
    if (view == TraceView::both) link(story, scatter, gather, scene, times);
    page.draw_captions(scene, captions(story, view));
    page.draw_legend(scene, legend(story, view));
    return scene;
}

Scene output_scene(const Story& story, std::int64_t channel, const Position& at) {
    GatherView gather(story);
    const std::vector<View*> views{&gather};
    Scene scene;
    scene.title = title_of(story.problem);
    scene.description = description_of(story);
    Page page(scene.title);
    page.place(views, legible_cell(story));
    page.draw_headings(scene, views);
    gather.draw(scene, {});
    gather.draw_window(scene, channel, at, 0);
    std::int64_t output = channel;
    for (std::size_t axis = 0; axis < at.size(); ++axis) output = output * story.problem.axes[axis].fine + at[axis];
    page.draw_captions(scene, {output_caption(story, static_cast<std::size_t>(output))});
    page.draw_legend(scene, legend(story, TraceView::gather));
    return scene;
}

}  // namespace tconv::draw
