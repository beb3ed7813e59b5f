// tconv trace: a problem as an animation, step by step, drawn from the reference's own events.
#include <memory>

#include "draw/pictures.h"
#include "given_files.h"
#include "raster/raster.h"
#include "scene_file.h"
#include "terminal.h"
#include "trace_terminal.h"
#include "verb.h"

namespace tconv::cli {
namespace {

constexpr int kMostOnASheet = 30;

struct TraceOptions {
    GivenFiles files;
    std::string sample, view = "scatter", fps = "2", frame, output;
    ThemeOption theme;
    bool waits_for_keys = false;
    GeometryOptions geometry;
};

Result<std::int64_t> read_sample(const std::string& text, const Problem& problem) {
    std::int64_t sample = 0;
    if (!text.empty()) {
        auto number = parse_number("--sample", text);
        if (!number) return number.error();
        sample = *number;
    }
    if (sample >= 0 && sample < problem.batch) return sample;
    return Error{ErrorCode::invalid_argument, "--sample " + std::to_string(sample) + " is outside: the batch has " +
                                                  std::to_string(problem.batch) + " of them, counted from 0"};
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

Result<void> write_picture(const TraceOptions& options, const draw::Scene& scene, SceneLook look) {
    if (options.frame == "all") {
        auto sheet = while_showing("drawing", [&] { return raster::to_sheet(scene, look.theme, kMostOnASheet); });
        if (!sheet) return sheet.error();
        return io::write_png(options.output, *sheet);
    }
    const auto step = read_frame(options.frame, scene);
    if (!step) return step.error();
    look.step = *step;
    return write_scene(options.output, scene, look);
}

Result<int> trace(const TraceOptions& options) {
    const auto refuse = [](std::string sentence) { return Error{ErrorCode::invalid_argument, std::move(sentence)}; };
    const auto picture = draw::find_picture(options.view);
    if (!picture) return picture.error();
    auto theme = options.theme.theme(true);
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
    auto arrays = read_arrays(options.files);
    if (!arrays) return arrays.error();
    const auto problem = arrays->resolve(options.geometry);
    if (!problem) return problem.error();
    const auto sample = read_sample(options.sample, *problem);
    if (!sample) return sample.error();
    // The size is looked at before any number is copied.
    if (arrays->any())
        if (auto small = (*picture)->scene(*problem, {}); !small) return small.error();
    draw::Numbers numbers = sample_numbers(*problem, arrays->given(), *sample);
    if (is_text) {
        const auto text = (*picture)->text(*problem, std::move(numbers), terminal_text_options());
        if (!text) return text.error();
        return play_in_terminal(*text, *fps, options.waits_for_keys);
    }
    const auto scene = (*picture)->scene(*problem, std::move(numbers));
    if (!scene) return scene.error();
    if (auto ok = write_picture(options, *scene, {*theme, *fps}); !ok) return ok.error();
    return kDone;
}

Action declare_trace(CLI::App& app) {
    auto options = std::make_shared<TraceOptions>();
    options->files.declare(app, "without it, small whole numbers");
    app.add_option("--sample", options->sample, "which sample of the batch (0)")->option_text("N");
    app.add_option("--view", options->view, draw::picture_names() + " (scatter)")->option_text("VIEW");
    app.add_option("--fps", options->fps, "steps in a second (2)")->option_text("N");
    options->theme.declare(app);
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
                  "  tconv trace -p 'i2x2 k2' --x 0,1,2,3 --w 1 --view stamps -o stamps.svg\n"
                  "  tconv trace -p 'i9x9 k3 s2' --view overlap -o overlap.svg    how many taps reach each output\n"
                  "  tconv trace --x X.npy --w W.npy --stride 2 --padding 1 -o trace.svg\n",
                  declare_trace};

}  // namespace tconv::cli
