#include "shape_solver.h"

#include <fmt/format.h>

#include <algorithm>

#include "draw/solver_scene.h"
#include "geometry_options.h"
#include "json.h"
#include "scene_file.h"
#include "tconv/sizes.h"
#include "verb.h"

namespace tconv::cli {
namespace {

constexpr std::size_t kShownRows = 25;

Result<SizeQuestion> read_question(const SolverOptions& options) {
    const auto usage = [](const char* sentence) { return Error{ErrorCode::invalid_argument, sentence}; };
    if (options.from.empty()) return usage("--from is missing: the input size; give --from 64 --want 128");
    if (options.want.empty()) return usage("--want is missing: the output size; give --from 64 --want 128");
    SizeQuestion question;
    struct Entry {
        const char* option;
        const std::string& text;
        std::int64_t& value;
    };
    for (const Entry& entry :
         {Entry{"--from", options.from, question.from}, Entry{"--want", options.want, question.want},
          Entry{"--max-kernel", options.max_kernel, question.max_kernel},
          Entry{"--max-dilation", options.max_dilation, question.max_dilation}}) {
        if (entry.text.empty()) continue;
        auto number = parse_number(entry.option, entry.text);
        if (!number) return number.error();
        entry.value = *number;
    }
    return question;
}

// Why there is nothing, and what to change.
std::string nothing_found(const SizeQuestion& question) {
    const std::string start =
        fmt::format("no transposed convolution with a kernel up to {} and a dilation up to {} makes {} from {}",
                    question.max_kernel, question.max_dilation, question.want, question.from);
    const std::int64_t most_cropped = question.max_dilation * (question.max_kernel - 1);
    if (question.want < question.from - most_cropped)
        return start + fmt::format(
                           "; padding takes away at most dilation*(kernel-1) = {} rows: use a strided "
                           "convolution, or a larger --max-kernel or --max-dilation.",
                           most_cropped);
    return start + "; allow a larger --max-kernel, or ask for a size nearer to a multiple of the input's.";
}

void print_table(const SizeQuestion& question, const std::vector<SizeSolution>& solutions, bool shows_all) {
    if (solutions.empty()) {
        std::string sentence = nothing_found(question);
        sentence[0] = 'N';
        fmt::print("{}\n", sentence);
        return;
    }
    fmt::print("{} -> {}: {} solution{} with a kernel up to {} and a dilation up to {}, the plainest first\n\n",
               question.from, question.want, solutions.size(), solutions.size() == 1 ? "" : "s", question.max_kernel,
               question.max_dilation);
    const std::size_t shown = shows_all ? solutions.size() : std::min(solutions.size(), kShownRows);
    std::int64_t longest = 0;
    for (std::size_t i = 0; i < shown; ++i)
        longest = std::max({longest, solutions[i].stride, solutions[i].output_padding});
    const std::size_t width = std::max<std::size_t>(2, std::to_string(longest).size());
    const auto print_row = [&](const auto& k, const auto& s, const auto& p, const auto& op, const auto& d,
                               const char* verdict) {
        fmt::print("{:>{w}}  {:>{w}}  {:>{w}}  {:>{w}}  {:>{w}}  {}\n", k, s, p, op, d, verdict, fmt::arg("w", width));
    };
    print_row("k", "s", "p", "op", "d", "taps");
    for (std::size_t i = 0; i < shown; ++i) {
        const SizeSolution& found = solutions[i];
        print_row(found.kernel, found.stride, found.padding, found.output_padding, found.dilation,
                  to_string(found.evenness));
    }
    if (shown < solutions.size()) fmt::print("… and {} more (--all or --json)\n", solutions.size() - shown);
    fmt::print(
        "\neven: every output collects equally many taps; uneven: some collect more, which can show as a "
        "checkerboard;\n"
        "holes: some collect none and hold only the bias\n");
}

}  // namespace

void SolverOptions::declare(CLI::App& app) {
    const auto add = [&](const char* name, std::string& value, const char* help) {
        app.add_option(name, value, help)->group("Solver")->option_text("N");
    };
    add("--from", from, "input size, along one axis");
    add("--want", want, "output size to find parameters for");
    add("--max-kernel", max_kernel, "largest kernel to try, up to 64 (8)");
    add("--max-dilation", max_dilation, "largest dilation to try, up to 64 (8)");
    app.add_flag("--all", shows_all, "print every solution, not only the first 25")->group("Solver");
}

std::string first_given_geometry(const CLI::App& app) {
    for (const CLI::Option* option : app.get_options())
        if (option->count() > 0 && (option->get_group().starts_with("Geometry") || option->check_name("--problem")))
            return option->check_name("--problem") ? "-p" : "--" + option->get_lnames().front();
    return {};
}

Result<int> solve_shape(const SolverOptions& options, bool as_json, const std::string& picture, draw::Theme theme) {
    auto question = read_question(options);
    if (!question) return question.error();
    auto solutions = solve_size(*question);
    if (!solutions) return solutions.error();
    if (!picture.empty()) {
        if (solutions->empty()) return Error{ErrorCode::invalid_argument, nothing_found(*question)};
        const std::size_t most = options.shows_all ? draw::kMostDrawnSolutions : kShownRows;
        if (auto ok = write_scene(picture, draw::solver_scene(*question, *solutions, most), {theme}); !ok)
            return ok.error();
        return kDone;
    }
    if (!as_json) {
        print_table(*question, *solutions, options.shows_all);
        return kDone;
    }
    Json json = versioned_json();
    json["from"] = question->from;
    json["want"] = question->want;
    json["solutions"] = Json::array();
    for (const SizeSolution& found : *solutions)
        json["solutions"].push_back(Json{{"k", found.kernel},
                                         {"s", found.stride},
                                         {"p", found.padding},
                                         {"op", found.output_padding},
                                         {"d", found.dilation},
                                         {"verdict", to_string(found.evenness)}});
    print_json(json);
    return kDone;
}

}  // namespace tconv::cli
