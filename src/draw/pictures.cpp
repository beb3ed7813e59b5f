#include "draw/pictures.h"

#include "draw/kernel_scene.h"
#include "draw/overlap_scene.h"
#include "draw/stamps_view.h"
#include "draw/text_view.h"
#include "draw/trace_scene.h"

namespace tconv::draw {
namespace {

template <TraceView view>
Result<Story> told(const Problem& problem, Numbers numbers) {
    auto story = tell(problem, std::move(numbers));
    if (view == TraceView::stamps && story)
        if (auto ok = check_stamps(*story); !ok) return ok.error();
    return story;
}

template <TraceView view>
Result<Scene> traced(const Problem& problem, Numbers numbers) {
    const auto story = told<view>(problem, std::move(numbers));
    if (!story) return story.error();
    return trace_scene(*story, view);
}

template <TraceView view>
Result<TextPicture> traced_text(const Problem& problem, Numbers numbers, const TextOptions& options) {
    const auto story = told<view>(problem, std::move(numbers));
    if (!story) return story.error();
    return TextPicture{text_heading(*story), text_steps(*story, view, options)};
}

template <TraceView view>
constexpr Picture trace_of(const char* name, const char* shows) {
    return {name, shows, traced<view>, traced_text<view>};
}

constexpr Picture kPictures[] = {
    trace_of<TraceView::scatter>("scatter", "every input value puts down a stamp"),
    trace_of<TraceView::gather>("gather", "every output collects what the turned kernel covers"),
    trace_of<TraceView::both>("both", "one above the other, an output lit in both"),
    trace_of<TraceView::stamps>("stamps", "scatter, and every stamp alone on a canvas of its own"),
    {"overlap", "how many taps reach each output",
     [](const Problem& problem, Numbers) -> Result<Scene> { return overlap_scene(problem); },
     [](const Problem& problem, Numbers, const TextOptions& options) -> Result<TextPicture> {
         return TextPicture{{}, {overlap_text(problem, options)}};
     }},
    {"kernel", "where dilation puts the taps",
     [](const Problem& problem, Numbers numbers) { return kernel_scene(problem, numbers); },
     [](const Problem& problem, Numbers numbers, const TextOptions& options) -> Result<TextPicture> {
         auto text = kernel_text(problem, numbers, options);
         if (!text) return text.error();
         return TextPicture{{}, {std::move(*text)}};
     }},
};

}  // namespace

std::span<const Picture> pictures() noexcept { return kPictures; }

std::string picture_names() {
    std::string names;
    for (const Picture& picture : kPictures)
        names += (names.empty() ? "" : &picture == std::end(kPictures) - 1 ? " or " : ", ") + std::string(picture.name);
    return names;
}

Result<const Picture*> find_picture(const std::string& name) {
    for (const Picture& picture : kPictures)
        if (name == picture.name) return &picture;
    return Error{ErrorCode::invalid_argument, "the view '" + name + "' is not known; give " + picture_names()};
}

}  // namespace tconv::draw
