// tconv bench: how long layers take here.
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "bench_serve.h"
#include "geometry_options.h"
#include "verb.h"

namespace tconv::cli {
namespace {

struct Options {
    bool serves = false;
    std::string threads, layout = "nchw", dtype = "f32", isa, method = "auto";
};

Result<PlanOptions> plan_options(const Options& options) {
    PlanOptions plan;
    plan.method = options.method;
    if (!options.threads.empty()) {
        const auto threads = parse_number("--threads", options.threads);
        if (!threads) return threads.error();
        if (*threads < 1 || *threads > 4096)
            return Error{ErrorCode::invalid_argument, "--threads " + options.threads + " must be from 1 to 4096"};
        plan.threads = static_cast<int>(*threads);
    }
    if (!options.isa.empty()) {
        const auto isa = parse_isa(options.isa);
        if (!isa) return isa.error();
        const auto available = require_isa(*isa);
        if (!available) return available.error();
        plan.isa = *isa;
    }
    return plan;
}

Result<int> bench(const Options& options) {
    if (!options.serves) return Error{ErrorCode::unsupported, "this build answers --serve only; give that"};
    ServeOptions served;
    auto plan = plan_options(options);
    if (!plan) return plan.error();
    served.plan = std::move(*plan);
    if (options.layout != "nchw" && options.layout != "nhwc")
        return Error{ErrorCode::invalid_argument, "unknown layout '" + options.layout + "'; use nchw or nhwc"};
    if (options.dtype != "f32" && options.dtype != "f64")
        return Error{ErrorCode::invalid_argument, "unknown dtype '" + options.dtype + "'; use f32 or f64"};
    served.layout = options.layout == "nhwc" ? Layout::channels_last : Layout::channels_first;
    served.dtype = options.dtype == "f64" ? DType::f64 : DType::f32;
    return serve(served, std::cin);
}

Action declare(CLI::App& app) {
    auto options = std::make_shared<Options>();
    app.add_flag("--serve", options->serves, "answer JSON lines: how tconv is timed in turn with its rivals");
    app.add_option("--threads", options->threads, "threads to use, at least 1 (as many as CPUs)")->option_text("N");
    app.add_option("--layout", options->layout, "nchw or nhwc, of input and output (nchw)")->option_text("L");
    app.add_option("--dtype", options->dtype, "f32 or f64 (f32)")->option_text("T");
    app.add_option("--isa", options->isa, "instruction set to use (the best there is)")->option_text("NAME");
    app.add_option("--method", options->method, "auto, or a method by name (auto)")->option_text("NAME");
    return [options] { return bench(*options); };
}

}  // namespace

const Verb kBench{"bench", "how long layers take here", "  tconv bench --serve --threads 1 < questions.jsonl\n",
                  declare};

}  // namespace tconv::cli
