#include "lint_fix.h"

#include <fmt/format.h>

#include <filesystem>

#include "option_terms.h"
#include "tconv/fix.h"
#include "tconv/io.h"
#include "tconv/problem_text.h"
#include "terminal.h"
#include "verb.h"

namespace tconv::cli {
namespace {

namespace fs = std::filesystem;

Result<lint::FixRequest> request_of(const FixOptions& options) {
    lint::FixRequest request;
    request.nodes = options.nodes;
    if (options.target == "mean") request.target = checkerboard::Target::mean_gain;
    if (options.repairs.empty()) return request;
    request.repairs.clear();
    for (std::size_t at = 0; at <= options.repairs.size();) {
        const std::size_t comma = std::min(options.repairs.find(',', at), options.repairs.size());
        const auto repair = lint::parse_repair(options.repairs.substr(at, comma - at));
        if (!repair) return Error{repair.error().code, "--repair: " + repair.error().message};
        request.repairs.push_back(*repair);
        at = comma + 1;
    }
    return request;
}

// External data is named relative to the model's folder, and is neither copied nor overwritten.
Result<void> check_folder(const FixOptions& options, const std::string& model,
                          const std::vector<std::string>& external_files) {
    if (external_files.empty()) return {};
    std::error_code ignored;
    for (const std::string& name : external_files)
        if (options.output != "-" && fs::equivalent(fs::path(model).parent_path() / name, options.output, ignored))
            return usage("'" + options.output + "' holds weights of the model; write the repaired one to another file");
    const fs::path from = fs::weakly_canonical(fs::absolute(model).parent_path(), ignored);
    const fs::path to = fs::weakly_canonical(fs::absolute(options.output).parent_path(), ignored);
    if (options.output != "-" && model != "-" && from == to) return {};
    return usage("the model has data in other files beside it; write the repaired one into the same folder");
}

std::string percent(double share) { return fmt::format("{:.3g} %", 100 * share); }

void print(const lint::FixedNode& node, std::FILE* out) {
    std::string names;
    for (const lint::Repair repair : node.repairs)
        names += (names.empty() ? "" : ", ") + std::string(to_string(repair));
    fmt::print(out, "{}  {}\n    {} -> {}\n", node.name, names, to_text(node.before), to_text(node.after));
    if (node.is_same_function)
        fmt::print(out, "    same function, exactly\n");
    else
        fmt::print(
            out, "    weights change by {} of their size (of the output, where the input is noise); constants by {}\n",
            percent(node.relative_change), percent(node.gain_change));
    fmt::print(
        out, "    epsilon {:.3g} -> {:.3g}{}\n", node.epsilon_before, node.epsilon_after,
        node.is_same_function && node.epsilon_after > 1e-3 ? " (training can now take it away; R2 would at once)" : "");
}

}  // namespace

void FixOptions::declare(CLI::App& app) {
    const std::string group = "Repairs";
    const auto add = [&](const char* name, auto& value, const char* help, const char* value_name) {
        return app.add_option(name, value, help)->group(group)->option_text(value_name);
    };
    add("--fix", output, "write the repaired model here", "OUT.onnx");
    add("--repair", repairs, "one after the other: R1 even taps, R2 equal sums, R4 blur (R1)", "R1,R2");
    add("--node", nodes, "this layer alone; may be repeated (all)", "NAME");
    add("--target", target, "what R2 makes all sums: least (the smallest change) or mean (least)", "SUM")
        ->check(CLI::IsMember({"least", "mean"}));
}

Result<int> fix_model(const FixOptions& options, const std::string& model, const std::vector<std::byte>& bytes,
                      const lint::ReadExternal& external) {
    const auto request = request_of(options);
    if (!request) return request.error();
    const auto fixed = while_showing("repairing", [&] { return lint::fix_model(bytes, *request, external); });
    if (!fixed) return fixed.error();
    if (fixed->nodes.empty()) {
        std::string why = "nothing was repaired and nothing written: no layer needs these repairs";
        if (!fixed->skipped.empty()) why += "; '" + fixed->skipped.front().name + "': " + fixed->skipped.front().reason;
        return usage(why);
    }
    if (auto ok = check_folder(options, model, fixed->external_files); !ok) return ok.error();
    if (auto ok = io::write_file(options.output, fixed->file); !ok) return ok.error();
    std::FILE* const out = options.output == "-" ? stderr : stdout;
    for (const lint::FixedNode& node : fixed->nodes) print(node, out);
    for (const lint::Skipped& skipped : fixed->skipped)
        fmt::print(out, "{}\n    left as it was: {}\n", skipped.name, skipped.reason);
    fmt::print(out, "{}: {} repaired, read again and checked\n", options.output, fixed->nodes.size());
    return kDone;
}

}  // namespace tconv::cli
