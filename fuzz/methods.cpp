// The engine. Bytes are a small problem, which every method has to compute as the definition does; or 64-bit numbers of
// any size, of which those that make a valid problem have to be planned at once.
#include <ctime>
#include <string>

#include "check.h"
#include "methods/support/doing.h"
#include "methods/support/engine.h"
#include "methods/support/random_problem.h"
#include "tconv/problem_text.h"

using tconv::Pass;
using tconv::Problem;
using tconv::fuzz::require;
using tconv::testing::Doing;
using tconv::testing::Draws;
using tconv::testing::Setting;

namespace {

constexpr Pass kPasses[] = {Pass::scatter, Pass::gather, Pass::weight_grad};
constexpr const char* kNames[] = {"scatter", "gather", "weight_grad"};

std::string any_method(Draws& draws, Pass pass) {
    const auto names = tconv::method_names(pass);
    const std::int64_t choice = draws.between(0, static_cast<std::int64_t>(names.size()));
    return choice == 0 ? "auto" : std::string(names[static_cast<std::size_t>(choice - 1)]);
}

void compute_small_problem(Draws& draws) {
    const std::int64_t pass = draws.between(0, 2);
    const Problem problem = tconv::testing::random_problem(draws, 3000);
    Setting setting;
    setting.method = any_method(draws, kPasses[pass]);
    const auto& units = tconv::testing::units();
    setting.unit = units[static_cast<std::size_t>(draws.between(0, static_cast<std::int64_t>(units.size()) - 1))];
    setting.threads = static_cast<int>(draws.between(1, 3));
    setting.is_in_place = problem.has_sum && draws.one_in(2);
    if (kPasses[pass] != Pass::weight_grad && draws.one_in(2))
        setting.output_strides = tconv::testing::random_slice(problem, kPasses[pass], draws);
    const auto values = draws.one_in(2) ? tconv::testing::Values::real : tconv::testing::Values::whole;
    const tconv::testing::Trial trial(problem, kPasses[pass], values, draws.word());

    const std::string words = std::string(kNames[pass]) + " of '" + to_text(problem) + "', " + to_text(setting);
    const Doing doing(words);
    const std::string wrong = what_is_wrong(trial, answer_to(trial), setting);
    require(wrong.empty(), (words + ": " + wrong).c_str());
}

/// Often small, often near a power of two, else anything.
std::int64_t any_number(Draws& draws) {
    switch (draws.between(0, 3)) {
        case 0:
            return draws.between(0, 3);
        case 1:
            return draws.between(0, 255);
        case 2: {
            const std::int64_t power = std::int64_t{1} << draws.between(0, 62);
            return power + draws.between(-2, 2);
        }
        default:
            return static_cast<std::int64_t>(draws.word());
    }
}

Problem any_problem(Draws& draws) {
    Problem problem;
    problem.rank = static_cast<int>(draws.between(1, Problem::kMaxRank));
    problem.batch = any_number(draws);
    problem.groups = draws.one_in(2) ? any_number(draws) : 1;
    problem.coarse_channels = any_number(draws);
    problem.fine_channels = any_number(draws);
    if (draws.one_in(2)) {  // or few would be divisible
        problem.coarse_channels -= problem.groups != 0 ? problem.coarse_channels % problem.groups : 0;
        problem.fine_channels -= problem.groups != 0 ? problem.fine_channels % problem.groups : 0;
    }
    for (tconv::Axis& axis : problem.spatial()) {
        for (std::int64_t* const number : {&axis.coarse, &axis.kernel, &axis.stride, &axis.dilation,
                                           &axis.padding_begin, &axis.padding_end, &axis.fine})
            *number = any_number(draws);
        // Where nothing can overflow, mostly the fine size that the others give.
        const auto is_moderate = [](std::int64_t number) { return number >= 0 && number < std::int64_t{1} << 20; };
        if (is_moderate(axis.coarse) && is_moderate(axis.kernel) && is_moderate(axis.stride) &&
            is_moderate(axis.dilation) && is_moderate(axis.padding_begin) && is_moderate(axis.padding_end) &&
            !draws.one_in(4))
            axis.fine = axis.full_size() - axis.padding_begin - axis.padding_end + draws.between(0, 3);
    }
    problem.dtype = draws.one_in(2) ? tconv::DType::f64 : tconv::DType::f32;
    problem.layout = draws.one_in(2) ? tconv::Layout::channels_last : tconv::Layout::channels_first;
    problem.has_sum = draws.one_in(2);
    return problem;
}

void plan_any_problem(Draws& draws) {
    const Problem problem = any_problem(draws);
    if (!validate(problem)) return;
    for (std::size_t i = 0; i < std::size(kPasses); ++i)
        for (const int threads : {1, 3}) {
            const std::string method = any_method(draws, kPasses[i]);
            const std::string words = std::string(kNames[i]) + " of '" + to_text(problem) + "', method=" + method;
            const Doing doing(words);
            const std::clock_t start = std::clock();
            const auto plan = tconv::make_plan(problem, kPasses[i], {.threads = threads, .method = method});
            const double passed = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
            // Microseconds; with sanitizers a second at most.
            require(passed < 1, (words + ": the plan took its time").c_str());
            if (!plan) {
                require(method != "auto", (words + ": " + plan.error().message).c_str());
                continue;
            }
            const tconv::Explanation told = plan->explain();
            require(told.workspace_bytes >= 0 && told.packed_bytes >= 0, (words + ": bytes below zero").c_str());
            require(told.executed_flops >= 0 && told.predicted_ms >= 0, (words + ": costs below zero").c_str());
        }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Draws draws(std::span(data, size));
    draws.between(0, 255) % 2 == 0 ? compute_small_problem(draws) : plan_any_problem(draws);
    return 0;
}
