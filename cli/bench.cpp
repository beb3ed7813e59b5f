// tconv bench: how long layers take here, and how long they would have to take at least.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>

#include "bench_layers.h"
#include "bench_report.h"
#include "bench_run.h"
#include "bench_serve.h"
#include "bench_tune.h"
#include "geometry_options.h"
#include "tconv/isa.h"
#include "verb.h"

namespace tconv::cli {
namespace {

constexpr double kMostSeconds = 3600;

struct BenchOptions {
    bool serves = false, is_zoo = false, is_json = false, tunes = false;
    std::string shapes, pass = "scatter", seconds = "0.5", layout, dtype;
    GeometryOptions geometry;
};

using Names = std::vector<std::string>;

// The options that were given, but for those that change how and not what.
Names given_options(const CLI::App& app, const Names& leaving_out) {
    Names names;
    for (const CLI::Option* option : app.get_options())
        if (option->count() > 0 && std::ranges::find(leaving_out, option->get_name()) == leaving_out.end())
            names.push_back(option->get_name());
    return names;
}

Result<LayerDefaults> layer_defaults(const BenchOptions& options) {
    LayerDefaults defaults;
    if (!options.layout.empty() && options.layout != "nchw" && options.layout != "nhwc")
        return usage("unknown layout '" + options.layout + "'; use nchw or nhwc");
    if (!options.dtype.empty() && options.dtype != "f32" && options.dtype != "f64")
        return usage("unknown dtype '" + options.dtype + "'; use f32 or f64");
    if (options.layout == "nhwc") defaults.layout = Layout::channels_last;
    if (options.dtype == "f64") defaults.dtype = DType::f64;
    return defaults;
}

Result<std::vector<Pass>> passes_of(const std::string& name) {
    constexpr Pass kAll[] = {Pass::scatter, Pass::gather, Pass::weight_grad};
    if (name == "all") return std::vector(std::begin(kAll), std::end(kAll));
    for (const Pass pass : kAll)
        if (name == name_of(pass)) return std::vector{pass};
    return usage("unknown pass '" + name + "'; use scatter, gather, weight_grad or all");
}

Result<double> seconds_of(const std::string& text) {
    double seconds = 0;
    if (!CLI::detail::lexical_cast(text, seconds) || !(seconds > 0 && seconds <= kMostSeconds))
        return usage(fmt::format("--seconds {} must be a number above 0, up to {}", text, kMostSeconds));
    return seconds;
}

Result<int> serve_lines(const BenchOptions& options, const CLI::App& app) {
    const Names others =
        given_options(app, {"--serve", "--threads", "--layout", "--dtype", "--isa", "--method", "--color"});
    if (!others.empty())
        return usage(
            fmt::format("--serve is told its layers on standard input; leave out {}", fmt::join(others, ", ")));
    const auto plan = options.geometry.execution();
    if (!plan) return plan.error();
    const auto defaults = layer_defaults(options);
    if (!defaults) return defaults.error();
    return serve({*plan, defaults->layout, defaults->dtype}, std::cin);
}

// From the one place that was named; the short set where none was.
Result<std::vector<Problem>> problems_of(const BenchOptions& options, const CLI::App& app) {
    const Names geometry = given_options(app, {"--shapes", "--zoo", "--pass", "--seconds", "--json", "--tune",
                                               "--threads", "--layout", "--dtype", "--isa", "--method", "--color"});
    const bool has_file = !options.shapes.empty();
    if (has_file + options.is_zoo + !geometry.empty() > 1)
        return usage(fmt::format("the layers are named twice ({}); give --shapes, --zoo, or one layer's geometry",
                                 fmt::join(given_options(app, {"--pass", "--seconds", "--json", "--tune", "--threads",
                                                               "--layout", "--dtype", "--isa", "--method", "--color"}),
                                           ", ")));
    if (!geometry.empty()) {
        auto problem = options.geometry.resolve({});
        if (!problem) return problem.error();
        return std::vector{std::move(*problem)};
    }
    const auto defaults = layer_defaults(options);
    if (!defaults) return defaults.error();
    return has_file         ? read_layers(options.shapes, *defaults)
           : options.is_zoo ? zoo_layers(*defaults)
                            : short_set(*defaults);
}

Result<int> bench(BenchOptions& options, const CLI::App& app) {
    for (const auto& [name, value] : {std::pair{"--layout", &options.layout}, std::pair{"--dtype", &options.dtype}})
        if (const CLI::Option* option = app.get_option(name); option->count() > 0) *value = option->results().back();
    if (options.serves) return serve_lines(options, app);
    BenchQuestion question;
    auto passes = passes_of(options.pass);
    if (!passes) return passes.error();
    question.passes = std::move(*passes);
    const auto seconds = seconds_of(options.seconds);
    if (!seconds) return seconds.error();
    question.seconds = *seconds;
    auto plan = options.geometry.execution();
    if (!plan) return plan.error();
    question.options = std::move(*plan);
    const auto isa = question.options.isa ? Result<Isa>(*question.options.isa) : default_isa();
    if (!isa) return isa.error();
    const int threads = question.options.threads > 0 ? question.options.threads : default_threads();
    auto problems = problems_of(options, app);
    if (!problems) return problems.error();
    question.problems = std::move(*problems);

    if (options.tunes && question.options.method != "auto")
        return usage("--tune compares the methods; leave out --method " + question.options.method);
    if (options.tunes) return tune(question, *isa, threads, options.is_json);
    const auto answer = run_bench(question);
    if (!answer) return answer.error();
    const auto print = options.is_json ? print_bench_json : print_bench_table;
    print(*answer, std::string(to_string(*isa)), threads);
    return kDone;
}

Action declare_bench(CLI::App& app) {
    auto options = std::make_shared<BenchOptions>();
    app.add_option("--shapes", options->shapes, "the layers of a file: problem texts, one a line, or a JSON list")
        ->option_text("FILE");
    app.add_flag("--zoo", options->is_zoo, "the layers of real networks that are built in");
    app.add_option("--pass", options->pass, "scatter, gather, weight_grad or all (scatter)")->option_text("PASS");
    app.add_option("--seconds", options->seconds, "for each layer and pass, in rounds (0.5)")->option_text("S");
    app.add_flag("--json", options->is_json, "print JSON");
    app.add_flag("--serve", options->serves, "answer JSON lines: how tconv is timed in turn with its rivals");
    app.add_flag("--tune", options->tunes, "time every method, and keep the fastest for --method tuned");
    options->geometry.declare(app);
    return [options, &app] { return bench(*options, app); };
}

}  // namespace

const Verb kBench{
    "bench", "how long layers take here, beside the limit that the machine sets",
    "  tconv bench                                    eight layers of real networks\n"
    "  tconv bench -p 'ic64 oc32 i56x56 k4 s2 p1' --pass all --threads 1\n"
    "  tconv bench --zoo --json > times.json\n"
    "  tconv bench --shapes layers.txt --method direct\n"
    "  tconv bench --tune --zoo --threads 1            for: tconv bench --zoo --threads 1 --method tuned\n"
    "  tconv bench --serve --threads 1 < questions.jsonl\n",
    declare_bench};

}  // namespace tconv::cli
