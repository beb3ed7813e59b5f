// Other projects' layers (conformance/support/cases.h) by every method, with everything else drawn at random.
#pragma once

#include <map>
#include <set>
#include <utility>

#include "conformance/support/cases.h"
#include "support.h"

namespace tconv::testing {

/// An epilogue in words, as problem text has it.
inline constexpr const char* kEpilogues[] = {"",          "bias",     "bias relu",     "bias leaky:0.25",
                                             "bias tanh", "bias sum", "bias sum relu", "bias clamp:-1:6",
                                             "sum",       "relu",     "sigmoid",       "bias sum sigmoid"};

/// Which levels of two factors were met together.
class Pairs {
public:
    using Levels = std::vector<std::pair<std::string, std::string>>;  ///< (factor, level)

    void note(const Levels& levels) {
        for (const auto& [factor, level] : levels) levels_[factor].insert(level);
        for (const auto& a : levels)
            for (const auto& b : levels)
                if (a.first < b.first) met_.insert({a, b});
    }

    /// Those that were not; every level of every factor should meet every level of every other.
    std::vector<std::string> missing() const {
        std::vector<std::string> pairs;
        for (const auto& [factor_a, levels_a] : levels_)
            for (const auto& [factor_b, levels_b] : levels_)
                for (const std::string& a : levels_a)
                    for (const std::string& b : levels_b)
                        if (factor_a < factor_b && !met_.contains({{factor_a, a}, {factor_b, b}}))
                            pairs.push_back(factor_a + " " + a + " with " + factor_b + " " + b);
        return pairs;
    }
    std::size_t count() const { return met_.size(); }

private:
    using Level = std::pair<std::string, std::string>;
    std::map<std::string, std::set<std::string>> levels_;
    std::set<std::pair<Level, Level>> met_;
};

/// The problem in another layout, dtype and with another epilogue.
inline Problem varied(Problem problem, const char* epilogue, Draws& draws) {
    const auto tokens = parse_tokens(epilogue);
    problem.has_bias = tokens->has_bias;
    problem.has_sum = tokens->has_sum;
    problem.activation = tokens->activation.value_or(Activation{});
    problem.layout = draws.one_in(2) ? Layout::channels_last : Layout::channels_first;
    problem.dtype = draws.one_in(2) ? DType::f64 : DType::f32;
    return problem;
}

/// Every method but those of `without` on one pass of a case.
inline void check_case(const test::Case& layer, Pass pass, std::uint64_t seed, const std::set<std::string>& without,
                       Pairs& pairs) {
    const auto translated = test::translate(layer);
    if (!translated) return;  // what has to be refused is conformance/refusals_test.cpp's
    Draws draws(seed);
    const bool is_gradient = pass == Pass::weight_grad;
    const char* const epilogue =
        is_gradient ? "" : kEpilogues[draws.between(0, static_cast<std::int64_t>(std::size(kEpilogues)) - 1)];
    const Trial trial{varied(*translated, epilogue, draws), pass, draws.one_in(2) ? Values::real : Values::whole, seed};
    const Answer answer = answer_to(trial);
    for (const std::string& method : methods_of(pass)) {
        if (without.contains(method) || !is_comparable(method, trial)) continue;
        Setting setting;
        setting.method = method;
        setting.unit = any_unit(draws, method);
        setting.threads = static_cast<int>(draws.between(1, 3));
        setting.is_in_place = trial.problem.has_sum && draws.one_in(2);
        const std::string words = layer.id + ", " + describe(seed, trial, setting);
        const Doing doing(words);
        bool refused = false;
        EXPECT_EQ(what_is_wrong(trial, answer, setting, &refused), "") << words;
        // Few cases have a group for each channel, many channels, or two or three taps a phase: depthwise_test.cpp,
        // split_test.cpp and winograd_test.cpp draw their own.
        if (refused || method == "depthwise" || method == "split_gemm" || method == "winograd" ||
            method == "natural_add")
            continue;
        Pairs::Levels levels{{"method", std::string(name_of(pass)) + " " + method},
                             {"unit", setting.unit},
                             {"threads", std::to_string(setting.threads)},
                             {"layout", trial.problem.layout == Layout::channels_last ? "nhwc" : "nchw"},
                             {"dtype", trial.problem.dtype == DType::f64 ? "f64" : "f32"}};
        if (!is_gradient) levels.emplace_back("epilogue", epilogue);
        pairs.note(levels);
    }
}

/// What the fast tests compute; the rest is slow.
inline constexpr double kFastProducts = 100'000;

inline double products_of(const test::Case& layer) {
    const auto problem = test::translate(layer);
    return problem ? products(*problem) : 0;
}

}  // namespace tconv::testing
