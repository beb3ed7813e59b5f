#include "bench_serve.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <istream>
#include <optional>
#include <string>

#include "tconv/problem_text.h"
#include "timed_layer.h"
#include "tuned_method.h"
#include "verb.h"
#include "zoo_layer.h"

namespace tconv::cli {
namespace {

constexpr double kMostServedSeconds = 60;
constexpr std::int64_t kMostSeed = 0xffff'fff0;  // the arrays' seeds follow it, and fit 32 bits

Error refuse(std::string sentence) { return {ErrorCode::invalid_argument, std::move(sentence)}; }

Result<Pass> pass_of(const Json& question) {
    const Json name = question.value("pass", Json("scatter"));
    if (name == "scatter") return Pass::scatter;
    if (name == "gather") return Pass::gather;
    if (name == "weight_grad") return Pass::weight_grad;
    return refuse("\"pass\" must be scatter, gather or weight_grad");
}

Result<std::uint64_t> seed_of(const Json& layer) {
    const Json seed = layer.value("seed", Json(1));
    if (!seed.is_number_unsigned() && !(seed.is_number_integer() && seed.get<std::int64_t>() >= 0))
        return refuse("the layer's \"seed\" must be a whole number from 0");
    const auto value = seed.get<std::uint64_t>();
    if (value > static_cast<std::uint64_t>(kMostSeed))
        return refuse(fmt::format("the layer's \"seed\" must be at most {}", kMostSeed));
    return value;
}

class Server {
public:
    explicit Server(const ServeOptions& options) : options_(options) {}

    Result<Json> answer(const std::string& line) {
        const Json question = Json::parse(line, nullptr, false);
        if (!question.is_object()) return refuse("a line must be one JSON object with a \"cmd\"");
        const Json command = question.value("cmd", Json());
        if (command == "prep") return prepare(question);
        if (command == "run") return run(question);
        if (command == "plan") return plan(question);
        return refuse("\"cmd\" must be prep, run or plan");
    }

private:
    Result<Problem> problem_of(const Json& question) const {
        auto problem = problem_of_layer(question.value("layer", Json()));
        if (!problem) return problem;
        problem->layout = options_.layout;
        problem->dtype = options_.dtype;
        return problem;
    }

    Result<Json> prepare(const Json& question) {
        layer_.reset();
        const auto problem = problem_of(question);
        if (!problem) return problem.error();
        const auto pass = pass_of(question);
        if (!pass) return pass.error();
        const auto seed = seed_of(question.value("layer", Json()));
        if (!seed) return seed.error();
        PlanOptions options = options_.plan;
        if (const Json method = question.value("method", Json()); method.is_string())
            options.method = method.get<std::string>();
        else if (!method.is_null())
            return refuse("\"method\" must be a method's name");
        auto layer = TimedLayer::prepare(*problem, *pass, options, *seed);
        if (!layer) return layer.error();
        const Checksum checksum = layer->checksum();
        if (!std::isfinite(checksum.sum) || !std::isfinite(checksum.norm))
            return refuse("the pass left elements of its output unwritten, or not finite");
        layer_ = std::move(*layer);
        const Explanation plan = layer_->plan().explain();
        return Json{{"ok", true},
                    {"shape", layer_->output_shape()},
                    {"checksum", {checksum.sum, checksum.norm}},
                    {"method", plan.method},
                    {"kernel", plan.kernel},
                    {"isa", to_string(plan.isa)},
                    {"threads", plan.threads},
                    {"workspace_bytes", plan.workspace_bytes},
                    {"packed_bytes", plan.packed_bytes},
                    {"plan_us", layer_->plan_seconds() * 1e6},
                    {"pack_ms", layer_->pack_seconds() * 1e3}};
    }

    Result<Json> plan(const Json& question) const {
        const auto problem = problem_of(question);
        if (!problem) return problem.error();
        const auto pass = pass_of(question);
        if (!pass) return pass.error();
        const auto chosen = make_plan(*problem, *pass, with_tuned_method(options_.plan, *problem, *pass));
        if (!chosen) return chosen.error();
        Json methods = Json::object();
        for (const std::string_view name : choosable_method_names(*pass, options_.plan)) {
            PlanOptions named = options_.plan;
            named.method = name;
            if (const auto one = make_plan(*problem, *pass, named))
                methods[std::string(name)] = one->explain().predicted_ms;
        }
        return Json{{"ok", true},
                    {"method", chosen->method()},
                    {"predicted_ms", chosen->explain().predicted_ms},
                    {"problem", to_text(*problem)},
                    {"methods", methods}};
    }

    Result<Json> run(const Json& question) {
        if (!layer_) return refuse("no layer is prepared; ask with \"cmd\":\"prep\" first");
        const Json seconds = question.value("seconds", Json());
        if (!seconds.is_number() || !(seconds.get<double>() >= 0 && seconds.get<double>() <= kMostServedSeconds))
            return refuse(fmt::format("\"seconds\" must be a number from 0 to {}", kMostServedSeconds));
        const Times times = layer_->repeat(seconds.get<double>());
        return Json{{"ok", true}, {"min", times.least}, {"median", times.median}, {"runs", times.runs}};
    }

    const ServeOptions& options_;
    std::optional<TimedLayer> layer_;
};

}  // namespace

Result<int> serve(const ServeOptions& options, std::istream& input) {
    Server server(options);
    for (std::string line; std::getline(input, line);) {
        const Result<Json> answer = server.answer(line);
        const Json said = answer ? *answer : Json{{"ok", false}, {"error", answer.error().message}};
        fmt::print("{}\n", said.dump(-1, ' ', false, Json::error_handler_t::replace));
        if (std::fflush(stdout) != 0) break;  // main.cpp says so
    }
    return kDone;
}

}  // namespace tconv::cli
