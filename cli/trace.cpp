// tconv trace: a problem as an animation, step by step, drawn from the reference's own events.
#include <memory>

#include "draw/story.h"
#include "draw/svg.h"
#include "draw/theme.h"
#include "draw/trace_scene.h"
#include "geometry_options.h"
#include "optional_arrays.h"
#include "raster/raster.h"
#include "terminal.h"
#include "trace_terminal.h"
#include "verb.h"

namespace tconv::cli {
namespace {

constexpr int kMostOnASheet = 30;

struct TraceOptions {
    std::string input, weights, bias, sample, view = "scatter", fps = "2", theme = "light", frame, output;
    bool waits_for_keys = false;
    GeometryOptions geometry;
};

// One sample of an array, or all of one that has none.
std::vector<double> values_of(const Tensor* array, std::int64_t first, std::int64_t count) {
    std::vector<double> values;
    for (std::int64_t i = first; array && i < first + count; ++i) values.push_back(element(*array, i));
    return values;
}

Result<draw::Story> tell(const TraceOptions& options) {
    if (auto ok = check_one_stdin({&options.input, &options.weights, &options.bias}); !ok) return ok.error();
    auto x = read_optional(options.input);
    if (!x) return x.error();
    auto w = read_optional(options.weights);
    if (!w) return w.error();
    auto b = read_optional(options.bias);
    if (!b) return b.error();
    GivenArrays arrays;
    arrays.input = pointer_to(*x);
    arrays.weights = pointer_to(*w);
    arrays.bias = pointer_to(*b);
    auto problem = options.geometry.resolve(arrays);
    if (!problem) return problem.error();

    std::int64_t sample = 0;
    if (!options.sample.empty()) {
        auto number = parse_number("--sample", options.sample);
        if (!number) return number.error();
        sample = *number;
    }
    if (sample < 0 || sample >= problem->batch)
        return Error{ErrorCode::invalid_argument, "--sample " + std::to_string(sample) + " is outside: the batch has " +
                                                      std::to_string(problem->batch) + " of them, counted from 0"};
    const std::int64_t each = problem->coarse_elements() / problem->batch;
    draw::Numbers numbers;
    // The size is looked at before any number is copied.
    if (auto story = draw::tell(*problem, {}); !story) return story.error();
    numbers.input = values_of(arrays.input, sample * each, each);
    numbers.weights = values_of(arrays.weights, 0, problem->weight_elements());
    numbers.bias = values_of(arrays.bias, 0, problem->fine_channels);
    return draw::tell(*problem, std::move(numbers));
}

Result<double> read_fps(const std::string& text) {
    char* end = nullptr;
    const double fps = std::strtod(text.c_str(), &end);
    if (end == text.c_str() + text.size() && fps >= 0.1 && fps <= 50) return fps;
    return Error{ErrorCode::invalid_argument,
                 "--fps is given '" + text + "'; give the steps in a second, from 0.1 to 50"};
}

// --frame: a step's number, counted from 0.
Result<int> read_frame(const std::string& text, const draw::Scene& scene) {
    if (text.empty() || text == "last") return scene.last_step();
    auto number = parse_number("--frame", text);
    if (!number) return number.error();
    if (*number >= 0 && *number < scene.steps) return static_cast<int>(*number);
    return Error{ErrorCode::invalid_argument, "--frame " + text + " is outside: the steps are 0 to " +
                                                  std::to_string(scene.last_step()) + "; or give last or all"};
}

Result<void> write_png(const TraceOptions& options, const draw::Scene& scene, draw::Theme theme) {
    constexpr double kZoom = 2;
    if (options.frame == "all") {
        auto sheet = while_showing("drawing", [&] { return raster::to_sheet(scene, theme, kMostOnASheet); });
        if (!sheet) return sheet.error();
        return io::write_png(options.output, *sheet);
    }
    const auto step = read_frame(options.frame, scene);
    if (!step) return step.error();
    const auto image = raster::to_image(scene, theme, *step, kZoom);
    if (!image) return image.error();
    return io::write_png(options.output, *image);
}

Result<void> write_gif(const TraceOptions& options, const draw::Scene& scene, draw::Theme theme, double fps) {
    Progress progress("drawing");
    const auto gif = raster::to_gif(scene, theme, fps, [&](int done) { progress.update(done, scene.steps); });
    if (!gif) return gif.error();
    return io::write_file(options.output, *gif);
}

Result<void> write_svg(const TraceOptions& options, const draw::Scene& scene, draw::Theme theme, double fps) {
    const std::string text = draw::to_svg(scene, {theme, fps});
    return io::write_file(options.output, std::as_bytes(std::span(text)));
}

Result<int> trace(const TraceOptions& options) {
    const auto refuse = [](std::string sentence) { return Error{ErrorCode::invalid_argument, std::move(sentence)}; };
    auto view = draw::parse_trace_view(options.view);
    if (!view) return view.error();
    auto theme = draw::parse_theme(options.theme);
    if (!theme) return theme.error();
    auto fps = read_fps(options.fps);
    if (!fps) return fps.error();
    const bool is_png = options.output.ends_with(".png"), is_gif = options.output.ends_with(".gif");
    const bool is_svg = options.output.ends_with(".svg"), is_text = options.output == "-";
    if (!is_svg && !is_gif && !is_png && !is_text)
        return refuse("-o '" + options.output + "' must end in .svg, .gif or .png, or be - for the terminal");
    if (!options.frame.empty() && !is_png)
        return refuse("--frame chooses what a .png shows; leave it out, or write -o F.png");
    if (options.waits_for_keys && !is_text) return refuse("--step waits for keys in the terminal; write -o -");
    auto story = tell(options);
    if (!story) return story.error();
    if (is_text) return play_in_terminal(*story, *view, *fps, options.waits_for_keys);
    const draw::Scene scene = draw::trace_scene(*story, *view);
    const auto done = is_svg   ? write_svg(options, scene, *theme, *fps)
                      : is_gif ? write_gif(options, scene, *theme, *fps)
                               : write_png(options, scene, *theme);
    if (!done) return done.error();
    return kDone;
}

Action declare_trace(CLI::App& app) {
    auto options = std::make_shared<TraceOptions>();
    app.add_option("--x", options->input, "the input (.npy); without it, small whole numbers")->option_text("X.npy");
    app.add_option("--w", options->weights, "the weights (.npy); without them, small whole numbers")
        ->option_text("W.npy");
    app.add_option("-b,--bias", options->bias, "the bias (.npy)")->option_text("B.npy");
    app.add_option("--sample", options->sample, "which sample of the batch (0)")->option_text("N");
    app.add_option("--view", options->view, "scatter, gather or both (scatter)")->option_text("VIEW");
    app.add_option("--fps", options->fps, "steps in a second (2)")->option_text("N");
    app.add_option("--theme", options->theme, "light or dark (light)")->option_text("THEME");
    app.add_option("--frame", options->frame, "what a .png shows: a step from 0 on, last, or all on one sheet (last)")
        ->option_text("N");
    app.add_flag("--step", options->waits_for_keys, "in the terminal: a key for every step");
    app.add_option(
           "-o,--output", options->output,
           "an animation (.svg, which a browser plays and steps through, or .gif), a picture (.png), or - for the "
           "terminal")
        ->option_text("F")
        ->required();
    options->geometry.declare(app);
    return [options] { return trace(*options); };
}

}  // namespace

const Verb kTrace{"trace", "a transposed convolution as an animation, step by step",
                  "  tconv trace -p 'i3x3 k3 s2 p1' -o trace.svg              open it in a browser\n"
                  "  tconv trace -p 'i3x3 k3 s2 p1' --view both --theme dark --fps 4 -o trace.gif\n"
                  "  tconv trace -p 'ic2 oc2 i2x2 k3 s2 g2' --frame all -o sheet.png\n"
                  "  tconv trace -p 'i4 k3 s2' -o - --step                    in the terminal, a key for every step\n"
                  "  tconv trace --x X.npy --w W.npy --stride 2 --padding 1 -o trace.svg\n",
                  declare_trace};

}  // namespace tconv::cli
