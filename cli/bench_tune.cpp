#include "bench_tune.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "bench_report.h"
#include "json.h"
#include "tconv/problem_text.h"
#include "tconv/tuned.h"
#include "terminal.h"
#include "timed_layer.h"
#include "verb.h"

namespace tconv::cli {
namespace {

constexpr int kRounds = 5;
// A method that is predicted to take so many times as long as the plan's choice is not tried.
constexpr double kHopeless = 10;
// The plan's choice stays where another gains less: that is what two runs of the same differ by.
constexpr double kWorthIt = 1.03;

struct Trial {
    std::string method;
    TimedLayer layer;
    double seconds = std::numeric_limits<double>::infinity();  ///< the lowest of the rounds' medians
};

struct Tuned {
    Problem problem;
    Pass pass = Pass::scatter;
    std::string chosen, fastest;
    double chosen_seconds = 0, fastest_seconds = 0;
    std::vector<std::pair<std::string, double>> times;
};

// The plan's choice first, then the others that may be faster.
Result<std::vector<Trial>> trials_for(const Problem& problem, Pass pass, const PlanOptions& options) {
    std::vector<Trial> trials;
    const auto plan = make_plan(problem, pass, options);
    if (!plan) return plan.error();
    const Explanation chosen = plan->explain();
    std::vector<std::string> names{chosen.method};
    for (const std::string_view name : choosable_method_names(pass, options))
        if (name != chosen.method) names.emplace_back(name);
    for (const std::string& name : names) {
        PlanOptions named = options;
        named.method = name;
        const auto other = make_plan(problem, pass, named);
        if (!other || other->explain().predicted_ms > kHopeless * chosen.predicted_ms) continue;
        auto layer = TimedLayer::prepare(problem, pass, named);
        if (!layer && name == chosen.method) return layer.error();
        if (layer) trials.push_back({name, std::move(*layer)});
    }
    return trials;
}

Tuned race(const Problem& problem, Pass pass, std::vector<Trial>& trials, double seconds) {
    for (int round = 0; round < kRounds; ++round)
        for (Trial& trial : trials)
            trial.seconds = std::min(trial.seconds, trial.layer.repeat(seconds / kRounds).median);
    const auto& fastest = *std::ranges::min_element(trials, {}, &Trial::seconds);
    const Trial& chosen = trials.front();
    const Trial& kept = chosen.seconds < kWorthIt * fastest.seconds ? chosen : fastest;
    Tuned tuned{problem, pass, chosen.method, kept.method, chosen.seconds, kept.seconds, {}};
    for (const Trial& trial : trials) tuned.times.emplace_back(trial.method, trial.seconds);
    return tuned;
}

void print_table(const std::vector<Tuned>& all, const std::vector<BenchSkip>& skipped, const std::string& path) {
    fmt::print("{:<12} {:<12} {:>10}  {:<12} {:>10} {:>6}  layer\n", "pass", "plan's own", "ms", "tuned", "ms", "gain");
    for (const Tuned& tuned : all)
        fmt::print("{:<12} {:<12} {:>10.4f}  {:<12} {:>10.4f} {:>6.2f}  {}\n", name_of(tuned.pass), tuned.chosen,
                   tuned.chosen_seconds * 1e3, tuned.fastest, tuned.fastest_seconds * 1e3,
                   tuned.chosen_seconds / tuned.fastest_seconds, to_text(tuned.problem));
    for (const BenchSkip& skip : skipped)
        fmt::print("{:<12} not tuned: {}  {}\n", name_of(skip.pass), skip.reason, to_text(skip.problem));
    fmt::print("\nkept in '{}'; --method tuned uses it\n", path);
}

void print_as_json(const std::vector<Tuned>& all, const std::vector<BenchSkip>& skipped, const std::string& path) {
    Json json = versioned_json();
    json["file"] = path;
    json["tuned"] = Json::array();
    for (const Tuned& tuned : all) {
        Json times = Json::object();
        for (const auto& [method, seconds] : tuned.times) times[method] = seconds * 1e3;
        json["tuned"].push_back({{"problem", to_text(tuned.problem)},
                                 {"pass", name_of(tuned.pass)},
                                 {"chosen", tuned.chosen},
                                 {"fastest", tuned.fastest},
                                 {"gain", tuned.chosen_seconds / tuned.fastest_seconds},
                                 {"median_ms", times}});
    }
    json["skipped"] = Json::array();
    for (const BenchSkip& skip : skipped)
        json["skipped"].push_back(
            {{"problem", to_text(skip.problem)}, {"pass", name_of(skip.pass)}, {"reason", skip.reason}});
    print_json(json);
}

}  // namespace

Result<int> tune(const BenchQuestion& question, Isa isa, int threads, bool is_json) {
    const auto path = TunedMethods::default_path();
    if (!path) return path.error();
    if (auto ok = TunedMethods::can_replace(*path); !ok) return ok.error();
    auto methods = TunedMethods::read(*path);
    if (!methods) {
        fmt::print(stderr, "tconv bench: {}; it is written anew\n", methods.error().message);
        methods = TunedMethods();
    }
    std::vector<Tuned> all;
    std::vector<BenchSkip> skipped;
    std::optional<Error> first;
    Progress progress("tuning");
    const std::int64_t steps = std::ssize(question.problems) * std::ssize(question.passes);
    std::int64_t done = 0;
    for (const Problem& problem : question.problems)
        for (const Pass pass : question.passes) {
            auto trials = trials_for(problem, pass, question.options);
            if (trials) {
                all.push_back(race(problem, pass, *trials, question.seconds));
                methods->keep({problem, pass, isa, threads}, all.back().fastest);
            } else {
                if (!first) first = trials.error();
                skipped.push_back({problem, pass, trials.error().message});
            }
            progress.update(++done, steps);
        }
    if (all.empty() && first) return *first;
    if (auto ok = methods->write(*path); !ok) return ok.error();
    (is_json ? print_as_json : print_table)(all, skipped, *path);
    return kDone;
}

}  // namespace tconv::cli
