// tconv trace: a problem as an animation, step by step, drawn from the reference's own events.
#include <memory>

#include "draw/story.h"
#include "draw/svg.h"
#include "draw/theme.h"
#include "draw/trace_scene.h"
#include "geometry_options.h"
#include "optional_arrays.h"
#include "verb.h"

namespace tconv::cli {
namespace {

struct TraceOptions {
    std::string input, weights, bias, sample, view = "both", fps = "2", theme = "light", output;
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

Result<void> write_text_file(const std::string& path, const std::string& text) {
    return io::write_file(path, std::as_bytes(std::span(text)));
}

Result<int> trace(const TraceOptions& options) {
    auto view = draw::parse_trace_view(options.view);
    if (!view) return view.error();
    auto theme = draw::parse_theme(options.theme);
    if (!theme) return theme.error();
    auto fps = read_fps(options.fps);
    if (!fps) return fps.error();
    if (!options.output.ends_with(".svg"))
        return Error{ErrorCode::invalid_argument, "-o '" + options.output + "' must end in .svg"};
    auto story = tell(options);
    if (!story) return story.error();
    const draw::Scene scene = draw::trace_scene(*story, *view);
    if (auto ok = write_text_file(options.output, draw::to_svg(scene, {*theme, *fps})); !ok) return ok.error();
    return kDone;
}

Action declare_trace(CLI::App& app) {
    auto options = std::make_shared<TraceOptions>();
    app.add_option("--x", options->input, "the input (.npy); without it, small whole numbers")->option_text("X.npy");
    app.add_option("--w", options->weights, "the weights (.npy); without them, small whole numbers")
        ->option_text("W.npy");
    app.add_option("-b,--bias", options->bias, "the bias (.npy)")->option_text("B.npy");
    app.add_option("--sample", options->sample, "which sample of the batch (0)")->option_text("N");
    app.add_option("--view", options->view, "scatter, gather or both (both)")->option_text("VIEW");
    app.add_option("--fps", options->fps, "steps in a second (2)")->option_text("N");
    app.add_option("--theme", options->theme, "light or dark (light)")->option_text("THEME");
    app.add_option("-o,--output", options->output, "an animation that plays by itself (.svg)")
        ->option_text("F")
        ->required();
    options->geometry.declare(app);
    return [options] { return trace(*options); };
}

}  // namespace

const Verb kTrace{"trace", "a transposed convolution as an animation, step by step",
                  "  tconv trace -p 'i3x3 k3 s2 p1' -o trace.svg              open it in a browser\n"
                  "  tconv trace --x X.npy --w W.npy --stride 2 --view scatter -o trace.svg\n",
                  declare_trace};

}  // namespace tconv::cli
