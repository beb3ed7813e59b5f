// tconv explain: the plan (explain_plan.h); with --at, where one output element comes from, as every (input, tap) pair
// that feeds it.
#include <fmt/format.h>

#include <memory>

#include "draw/trace_scene.h"
#include "explain_plan.h"
#include "given_files.h"
#include "json.h"
#include "scene_file.h"
#include "tconv/passes.h"
#include "tconv/problem_text.h"
#include "tconv/reference.h"
#include "tconv/trace.h"
#include "verb.h"

namespace tconv::cli {
namespace {

using reference::Event;
using reference::Position;

constexpr std::int64_t kMostListed = 1'000'000;

struct ExplainOptions {
    GivenFiles files;
    std::string picture, pass, at, channel, sample;
    ThemeOption theme;
    bool is_json = false;
    GeometryOptions geometry;
};

struct Question {
    Problem problem;
    Position at{};
    std::int64_t channel = 0, sample = 0;
    std::optional<double> bias;
};

// A position on the axes that the user named.
std::vector<std::int64_t> named(const Problem& problem, const Position& position) {
    return {position.end() - problem.rank, position.end()};
}

// The indices of an element of a channels-first array: "0, 1, 3, 4".
std::string indices(const Problem& problem, std::vector<std::int64_t> leading, const Position& position) {
    const auto spatial = named(problem, position);
    leading.insert(leading.end(), spatial.begin(), spatial.end());
    return fmt::format("{}", fmt::join(leading, ", "));
}

Result<Question> read_question(const ExplainOptions& options, const Problem& problem) {
    const auto refuse = [](std::string sentence) { return Error{ErrorCode::invalid_argument, std::move(sentence)}; };
    Question question;
    question.problem = problem;
    auto at = parse_numbers("--at", options.at);
    if (!at) return at.error();
    if (static_cast<int>(at->size()) != problem.rank)
        return refuse(fmt::format("--at has {} numbers, but the problem has {} axes", at->size(), problem.rank));
    for (std::size_t i = 0; i < at->size(); ++i) {
        const std::int64_t size = problem.spatial()[i].fine;
        if ((*at)[i] < 0 || (*at)[i] >= size)
            return refuse(
                fmt::format("--at {} is outside the output on axis {}: allowed are 0 to {}", options.at, i, size - 1));
        question.at[question.at.size() - at->size() + i] = (*at)[i];
    }
    struct Chosen {
        const char* option;
        const std::string& text;
        std::int64_t count;
        std::int64_t* value;
    };
    for (const Chosen& chosen : {Chosen{"--channel", options.channel, problem.fine_channels, &question.channel},
                                 Chosen{"--sample", options.sample, problem.batch, &question.sample}}) {
        if (!chosen.text.empty()) {
            auto value = parse_number(chosen.option, chosen.text);
            if (!value) return value.error();
            *chosen.value = *value;
        }
        if (*chosen.value < 0 || *chosen.value >= chosen.count)
            return refuse(fmt::format("{} {} is outside: the output has {} of them, counted from 0", chosen.option,
                                      *chosen.value, chosen.count));
    }
    return question;
}

// One contribution with its numbers, where arrays give them.
struct Term {
    Event event;
    std::optional<double> x, w;
    std::optional<double> product() const { return x && w ? std::optional(*x * *w) : std::nullopt; }
};

std::vector<Term> collect_terms(const Question& question, const Tensor* x, const Tensor* w) {
    std::vector<Term> terms;
    const Problem& problem = question.problem;
    reference::for_each_event_at(problem, question.channel, question.at, [&](const Event& e) {
        Term term{e, {}, {}};
        if (x) term.x = element(*x, reference::coarse_offset(problem, question.sample, e.coarse_channel, e.coarse));
        if (w) term.w = element(*w, reference::weight_offset(problem, e.coarse_channel, e.weight_channel, e.tap));
        terms.push_back(term);
    });
    return terms;
}

// The sum of the products; nothing where an array is missing. No contribution at all sums to 0.
std::optional<double> sum_of(const std::vector<Term>& terms, bool has_numbers) {
    if (!has_numbers) return std::nullopt;
    double sum = 0;
    for (const Term& term : terms) sum += *term.product();
    return sum;
}

// The output itself: the sum with bias and activation.
std::optional<double> value_of(const Question& question, const std::optional<double>& sum) {
    if (!sum) return std::nullopt;
    return reference::activate(question.problem.activation, *sum + question.bias.value_or(0));
}

Json optional_json(const std::optional<double>& value) { return value ? number_or_null(*value) : Json(nullptr); }

void print_as_json(const Question& question, const std::vector<Term>& terms, bool has_numbers) {
    Json json = versioned_json();
    json["problem"] = to_text(question.problem);
    json["output"] = named(question.problem, question.at);
    json["channel"] = question.channel;
    json["sample"] = question.sample;
    const auto sum = sum_of(terms, has_numbers);
    json["value"] = optional_json(value_of(question, sum));
    json["sum"] = optional_json(sum);
    json["bias"] = optional_json(question.bias);
    json["contributions"] = Json::array();
    for (const Term& term : terms)
        json["contributions"].push_back({{"input", named(question.problem, term.event.coarse)},
                                         {"tap", named(question.problem, term.event.tap)},
                                         {"input_channel", term.event.coarse_channel},
                                         {"x", optional_json(term.x)},
                                         {"w", optional_json(term.w)},
                                         {"product", optional_json(term.product())}});
    print_json(json);
}

void print_as_text(const Question& question, const std::vector<Term>& terms, bool has_numbers) {
    const Problem& problem = question.problem;
    std::vector<std::int64_t> phase, strides;
    for (std::size_t i = question.at.size() - static_cast<std::size_t>(problem.rank); i < question.at.size(); ++i) {
        phase.push_back(phase_of(problem.axes[i], question.at[i]));
        strides.push_back(problem.axes[i].stride);
    }
    fmt::print("output y[{}] of {}\n", indices(problem, {question.sample, question.channel}, question.at),
               to_text(problem));
    fmt::print("phase ({}) of stride ({}): {} contribution{}\n", fmt::join(phase, ", "), fmt::join(strides, ", "),
               terms.size(), terms.size() == 1 ? "" : "s");
    for (const Term& term : terms) {
        const Event& e = term.event;
        fmt::print("  x[{}] * w[{}]", indices(problem, {question.sample, e.coarse_channel}, e.coarse),
                   indices(problem, {e.coarse_channel, e.weight_channel}, e.tap));
        if (term.x || term.w)
            fmt::print(" = {} * {}", term.x ? fmt::format("{}", *term.x) : "x",
                       term.w ? fmt::format("{}", *term.w) : "w");
        if (const auto product = term.product()) fmt::print(" = {}", *product);
        fmt::print("\n");
    }
    if (terms.empty()) fmt::print("  no tap reaches this output: it holds the bias alone\n");
    const auto sum = sum_of(terms, has_numbers);
    if (!sum) return;
    fmt::print("sum = {}\n", *sum);
    if (question.bias) fmt::print("bias = {}\n", *question.bias);
    const std::string activation = to_text(problem.activation);
    if (question.bias || !activation.empty())
        fmt::print("y = {}{} = {}\n", activation.empty() ? "sum" : activation + "(sum",
                   activation.empty() ? (question.bias ? " + bias" : "")
                   : question.bias    ? " + bias)"
                                      : ")",
                   *value_of(question, sum));
}

// What the turned kernel covers. Where arrays are missing, small whole numbers stand for them.
Result<int> draw_output(const Question& question, const GivenArrays& arrays, const std::string& path,
                        draw::Theme theme) {
    const auto story = tell_story(question.problem, arrays, question.sample);
    if (!story) return story.error();
    const auto done = write_scene(path, draw::output_scene(*story, question.channel, question.at), {theme});
    if (!done) return done.error();
    return kDone;
}

Result<int> explain(const ExplainOptions& options) {
    auto read = read_arrays(options.files);
    if (!read) return read.error();
    if ((read->input.is_given() || read->bias.is_given()) && !read->weights.is_given())
        return Error{ErrorCode::invalid_argument, "--x and -b need the weights beside them; give --w W.npy"};
    auto problem = read->resolve(options.geometry);
    if (!problem) return problem.error();
    const GivenArrays arrays = read->given();
    const auto refuse = [](const char* sentence) { return Error{ErrorCode::invalid_argument, sentence}; };
    const auto theme = options.theme.theme(!options.picture.empty());
    if (!theme) return theme.error();
    if (options.at.empty()) {
        if (!options.channel.empty() || !options.sample.empty() || !options.picture.empty())
            return refuse("--channel, --sample and -o are about one output; give its position with --at 3,4");
        const auto execution = options.geometry.execution();
        if (!execution) return execution.error();
        return explain_plan(*problem, options.pass, *execution, options.is_json);
    }
    if (!options.pass.empty()) return refuse("--pass asks for a plan and --at for one output; give one of them");
    if (!options.picture.empty() && !is_still(options.picture))
        return Error{ErrorCode::invalid_argument, "-o '" + options.picture + "' must end in .svg or .png"};
    if (!options.picture.empty() && options.is_json)
        return refuse("-o writes a picture and --json prints; give one of them");
    auto question = read_question(options, *problem);
    if (!question) return question.error();
    const bool has_numbers = arrays.input && arrays.weights;
    if (has_numbers && problem->has_sum)
        return Error{ErrorCode::invalid_argument, "explain takes no residual; leave sum out of the text"};
    if (has_numbers && problem->has_bias && !arrays.bias)
        return Error{ErrorCode::array_mismatch, "the text has a bias; give its array with -b B.npy, or leave bias out"};
    if (arrays.bias) question->bias = element(*arrays.bias, question->channel);
    const std::int64_t count = reference::count_events_at(*problem, question->at);
    if (count > kMostListed)
        return Error{ErrorCode::out_of_memory,
                     fmt::format("{} pairs feed that output; at most {} can be listed", count, kMostListed)};

    if (!options.picture.empty()) return draw_output(*question, arrays, options.picture, *theme);
    const auto terms = collect_terms(*question, arrays.input, arrays.weights);
    options.is_json ? print_as_json(*question, terms, has_numbers) : print_as_text(*question, terms, has_numbers);
    return kDone;
}

Action declare_explain(CLI::App& app) {
    auto options = std::make_shared<ExplainOptions>();
    app.add_option("--at", options->at, "an output's position, one number per axis; without it, the plan")
        ->option_text("Y,X");
    app.add_option("--channel", options->channel, "its channel (0)")->option_text("C");
    app.add_option("--sample", options->sample, "its sample in the batch (0)")->option_text("N");
    options->files.declare(app, "for numbers");
    app.add_option("--activation", options->geometry.activation, "relu, leaky:0.2, tanh, sigmoid, clamp:0:6")
        ->option_text("A");
    app.add_flag("--json", options->is_json, "print JSON");
    app.add_option("--pass", options->pass, "the plan's pass: scatter, gather or weight_grad (scatter)")
        ->option_text("PASS");
    app.add_option("-o,--output", options->picture, "a picture of where that output comes from (.svg, .png)")
        ->option_text("F");
    options->theme.declare(app);
    options->geometry.declare(app);
    return [options] { return explain(*options); };
}

}  // namespace

const Verb kExplain{"explain",
                    "the plan for a problem; or where one output comes from: every (input, tap) that feeds it",
                    "  tconv explain -p 'ic64 oc32 i32x32 k4 s2 p1'\n"
                    "  tconv explain -p 'ic64 oc32 i32x32 k4 s2 p1' --pass weight_grad --json\n"
                    "  tconv explain -p 'i4x4 k4 s2 p1' --at 3,4\n"
                    "  tconv explain -p 'i4x4 k4 s2 p1' --at 3,4 -o from.svg\n"
                    "  tconv explain --x X.npy --w W.npy --stride 2 --at 3,4 --channel 1 --json\n",
                    declare_explain};

}  // namespace tconv::cli
