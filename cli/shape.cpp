// tconv shape: the output size, derived step by step; its inverse, which parameters give a wanted size; and the layer
// as code. A solver's question (shape_solver.h) or a language (layer_code.h) is handed on.
#include <fmt/format.h>

#include <memory>

#include "draw/sizes_scene.h"
#include "geometry_options.h"
#include "json.h"
#include "layer_code.h"
#include "scene_file.h"
#include "shape_solver.h"
#include "tconv/passes.h"
#include "tconv/problem_text.h"
#include "tconv/sizes.h"
#include "verb.h"

namespace tconv::cli {
namespace {

constexpr double kPictureFps = 0.5;  // a step has a sentence to be read

struct ShapeOptions {
    std::string picture;
    ThemeOption theme;
    GeometryOptions geometry;
    SolverOptions solver;
    std::string language;
    bool as_json = false;
};

// The worst axis decides.
Evenness evenness_of(const Problem& problem) {
    Evenness worst = Evenness::even;
    for (const Axis& axis : problem.spatial())
        worst = std::max(worst, tconv::evenness_of(axis.kernel, axis.stride, axis.dilation));
    return worst;
}

const char* evenness_sentence(Evenness evenness) {
    switch (evenness) {
        case Evenness::even:
            return "even: away from the borders, every output collects equally many taps";
        case Evenness::uneven:
            return "uneven: some outputs collect more taps than their neighbours, which can show as a checkerboard";
        default:
            return "holes: some outputs are reached by no tap and hold only the bias";
    }
}

void print_derivation(const Problem& problem, const SizeDerivation& derivation) {
    fmt::print("{}\n\n", to_text(problem));
    fmt::print("input   {}\n", size_text(derivation.input_size));
    fmt::print("full    {}  (before padding)\n", size_text(derivation.full_size));
    fmt::print("output  {}\n", size_text(derivation.output_size));
    fmt::print("arrays  X {}, W {}, Y {}\n", to_string(coarse_shape(problem)), to_string(weight_shape(problem)),
               to_string(fine_shape(problem)));
    fmt::print("taps    {}\n\n", evenness_sentence(evenness_of(problem)));
    const bool is_shared = problem.rank > 1 && !derivation.steps.front().starts_with("axis ");
    if (is_shared) fmt::print("Along each of the {} axes:\n", problem.rank);
    for (const std::string& step : derivation.steps) fmt::print("{}{}\n", is_shared ? "  " : "", step);
}

Result<int> shape(const ShapeOptions& options, const CLI::App& app) {
    const bool has_picture = !options.picture.empty();
    if (has_picture && !is_still(options.picture))
        return usage("-o '" + options.picture + "' must end in .svg or .png");
    if (has_picture && options.as_json) return usage("-o writes a picture and --json prints; give one of them");
    const auto theme = options.theme.theme(has_picture);
    if (!theme) return theme.error();
    if (options.solver.is_given()) {
        if (!options.language.empty()) return usage("--code needs one geometry; leave out --from and --want");
        std::string geometry = first_given_geometry(app);
        if (!geometry.empty())
            return usage("--from and --want ask for a geometry, but " + geometry + " gives one; leave out one of them");
        return solve_shape(options.solver, options.as_json, options.picture, *theme);
    }
    auto problem = options.geometry.resolve({});
    if (!problem) return problem.error();
    if (!options.language.empty()) {
        if (options.as_json) return usage("--code prints source text, not JSON; leave out --json");
        if (has_picture) return usage("--code prints source text and -o writes a picture; give one of them");
        auto code = layer_code(options.language, *problem);
        if (!code) return code.error();
        fmt::print("{}", *code);
        return kDone;
    }
    if (has_picture) {
        if (auto ok = write_scene(options.picture, draw::sizes_scene(*problem), {*theme, kPictureFps}); !ok)
            return ok.error();
        return kDone;
    }
    const SizeDerivation derivation = derive_size(*problem);
    if (!options.as_json) {
        print_derivation(*problem, derivation);
        return kDone;
    }
    Json json = versioned_json();
    json["problem"] = to_text(*problem);
    json["input_size"] = derivation.input_size;
    json["output_size"] = derivation.output_size;
    json["full_size"] = derivation.full_size;
    json["steps"] = derivation.steps;
    print_json(json);
    return kDone;
}

Action declare_shape(CLI::App& app) {
    auto options = std::make_shared<ShapeOptions>();
    app.add_option("--code", options->language, "the layer as source text: pytorch, keras, onnx or cpp")
        ->option_text("LANGUAGE");
    app.add_flag("--json", options->as_json, "as one JSON object");
    app.add_option("-o,--output", options->picture,
                   "a picture of the derivation, step by step (.svg, .png), or of the solver's answers")
        ->option_text("F");
    options->theme.declare(app);
    options->solver.declare(app);
    options->geometry.declare(app);
    return [options, &app] { return shape(*options, app); };
}

}  // namespace

const Verb kShape{"shape", "the output size, derived step by step; the parameters for a wanted size; the layer as code",
                  "  tconv shape -p 'i8x8 k4 s2 p1'\n"
                  "  tconv shape --input-size 8,8 --kernel 3 --stride 2 --padding 1 --output-padding 1 --json\n"
                  "  tconv shape --from 64 --want 128\n"
                  "  tconv shape -p 'i4 k3 s2 p1' -o size.svg       the same as a picture, step by step\n"
                  "  tconv shape --from 64 --want 128 -o sizes.svg  how evenly each of them reaches its output\n"
                  "  tconv shape -p 'ic64 oc32 i8x8 k4 s2 p1 bias relu' --code pytorch\n",
                  declare_shape};

}  // namespace tconv::cli
