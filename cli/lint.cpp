// tconv lint: what may show as a checkerboard, layer by layer, of a model or of one problem; and repairs.
#include "tconv/lint.h"

#include <fmt/format.h>

#include <memory>

#include "io/beside.h"
#include "json.h"
#include "lint_fix.h"
#include "lint_map.h"
#include "lint_sarif.h"
#include "option_terms.h"
#include "optional_arrays.h"
#include "tconv/frameworks.h"
#include "tconv/problem_text.h"
#include "terminal.h"
#include "verb.h"

namespace tconv::cli {
namespace {

struct LintOptions {
    std::string model, problem, weights, format = "text", fail_on = "error", map;
    bool is_convolution = false;
    FixOptions fix;
};

Result<void> check_words(const LintOptions& options) {
    if (!options.map.empty() && !options.fix.output.empty())
        return usage("--map draws what is found, and --fix repairs it; ask for one of them");
    if (options.model.empty() == options.problem.empty())
        return usage("give either a model (MODEL.onnx) or one problem (-p TEXT)");
    if (options.problem.empty() && (!options.weights.empty() || options.is_convolution))
        return usage("--w and --conv go with -p; a model has its own weights and layers");
    if (!options.fix.output.empty() && options.model.empty())
        return usage("--fix repairs a model; give MODEL.onnx instead of -p");
    if (options.fix.output.empty() && (!options.fix.repairs.empty() || !options.fix.nodes.empty()))
        return usage("--repair and --node say what --fix does; give --fix OUT.onnx too");
    if (options.fix.output.empty() && !options.fix.target.empty())
        return usage("--target says what --fix does; give --fix OUT.onnx too");
    if (!options.fix.output.empty() && (options.format != "text" || options.fail_on != "error"))
        return usage("--format and --fail-on are about findings, and --fix prints what it repaired; lint the result");
    return {};
}

Result<lint::Report> lint_text(const LintOptions& options) {
    auto tokens = parse_tokens(options.problem);
    if (!tokens) return tokens.error();
    auto weights = read_optional(options.weights);
    if (!weights) return weights.error();
    Result<Problem> problem = Error{};
    std::vector<double> values;
    if (*weights) {
        LayerShapes shapes;
        shapes.weights = (*weights)->shape();
        shapes.dtype = (*weights)->dtype();
        problem =
            from_tokens(std::move(shapes), std::move(*tokens), options.is_convolution ? Pass::gather : Pass::scatter);
        const Tensor doubles = (*weights)->contiguous().to(DType::f64).value();
        values.assign(doubles.as<double>().begin(), doubles.as<double>().end());
    } else {
        problem = to_problem(*tokens);
    }
    if (!problem) return problem.error();
    auto node =
        lint::lint_problem(*problem, values, options.is_convolution ? lint::Kind::convolution : lint::Kind::transposed);
    if (!node) return node.error();
    lint::Report report;
    report.model = to_text(*problem);
    report.nodes.push_back(std::move(*node));
    return report;
}

lint::ReadExternal beside(const std::string& model) {
    if (model == "-") return {};
    return [model](std::string_view name, std::int64_t offset, std::int64_t length) {
        return io::read_beside(model, name, offset, length);
    };
}

void print(const lint::Report& report, const LintOptions& options) {
    if (options.format == "json")
        print_json(Json::parse(lint::to_json(report)));
    else if (options.format == "sarif")
        print_json(sarif(report, options.model == "-" ? "stdin" : options.model));
    else
        fmt::print("{}", lint::to_text(report));
}

lint::Severity severity_of(const std::string& name) {
    return name == "note" ? lint::Severity::note : name == "warning" ? lint::Severity::warning : lint::Severity::error;
}

Result<int> lint_command(const LintOptions& options) {
    if (auto ok = check_words(options); !ok) return ok.error();
    Result<lint::Report> report = Error{};
    if (options.model.empty()) {
        report = lint_text(options);
    } else {
        const auto bytes = io::read_file(options.model);
        if (!bytes) return bytes.error();
        const auto named = [&](Error error) {
            error.message = "'" + options.model + "': " + error.message;
            return error;
        };
        if (!options.fix.output.empty()) {
            auto fixed = fix_model(options.fix, options.model, *bytes, beside(options.model));
            return fixed ? fixed : named(fixed.error());
        }
        report =
            while_showing("reading", [&] { return lint::lint_model(*bytes, options.model, beside(options.model)); });
        if (!report) return named(report.error());
    }
    if (!report) return report.error();
    if (!options.map.empty())
        if (auto ok = write_maps(*report, options.map); !ok) return ok.error();
    print(*report, options);
    const auto found = lint::worst(*report);
    return found && *found >= severity_of(options.fail_on) ? kBadAnswer : kDone;
}

Action declare_lint(CLI::App& app) {
    auto options = std::make_shared<LintOptions>();
    app.add_option("MODEL", options->model, "an ONNX model (- is stdin)");
    app.add_option("-p,--problem", options->problem, "one layer as text: 'ic64 oc32 i8x8 k4 s2 p1'")
        ->option_text("TEXT");
    app.add_option("--w", options->weights, "with -p: its weights (C_in, C_out/groups, k...) (.npy)")
        ->option_text("W.npy");
    app.add_flag("--conv", options->is_convolution, "with -p: the layer is the convolution of this geometry");
    app.add_option("--format", options->format, "text, json or sarif (2.1.0) (text)")
        ->check(CLI::IsMember({"text", "json", "sarif"}))
        ->option_text("FORM");
    app.add_option("--fail-on", options->fail_on, "exit with 1 from this severity on: note, warning, error (error)")
        ->check(CLI::IsMember({"note", "warning", "error"}))
        ->option_text("SEVERITY");
    app.add_option("--map", options->map, "write a picture of overlap and phase gains for each layer into this folder")
        ->option_text("DIR");
    options->fix.declare(app);
    return [options] { return lint_command(*options); };
}

}  // namespace

const Verb kLint{"lint", "what may show as a checkerboard, in a model or one layer, and repairs",
                 "  tconv lint model.onnx\n"
                 "  tconv lint -p 'ic64 oc32 i8x8 k3 s2 p1 op1'\n"
                 "  tconv lint -p 'i8x8 s2 p1' --w W.npy --format json\n"
                 "  tconv lint model.onnx --map pictures\n"
                 "  tconv lint model.onnx --format sarif --fail-on warning > lint.sarif\n"
                 "  tconv lint model.onnx --fix repaired.onnx --repair R1,R2 --node /up/ConvTranspose\n",
                 declare_lint};

}  // namespace tconv::cli
