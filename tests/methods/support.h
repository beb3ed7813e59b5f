// What the tests of the methods share.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "methods/support/doing.h"
#include "methods/support/engine.h"
#include "methods/support/random_problem.h"
#include "runtime/sanitized.h"
#include "tconv/problem_text.h"

namespace tconv::testing {

inline constexpr Pass kPasses[] = {Pass::scatter, Pass::gather, Pass::weight_grad};

constexpr const char* name_of(Pass pass) {
    return pass == Pass::scatter ? "scatter" : pass == Pass::gather ? "gather" : "weight_grad";
}

/// The methods of a pass, and the choice among them.
inline std::vector<std::string> methods_of(Pass pass) {
    std::vector<std::string> names{"auto"};
    for (const std::string_view name : method_names(pass)) names.emplace_back(name);
    return names;
}

/// $TCONV_TEST_SEED or a constant. A failure tells its own seed: set to that, the first problem is the failing one.
inline std::uint64_t base_seed() {
    const char* const given = std::getenv("TCONV_TEST_SEED");
    return given != nullptr && *given != '\0' ? std::strtoull(given, nullptr, 10) : 20'261'123;
}

/// Sanitizers take their time, ThreadSanitizer most.
#if defined(__SANITIZE_THREAD__)
inline constexpr int kSlowness = 10;
#else
inline constexpr int kSlowness = kSanitized ? 4 : 1;
#endif
/// How many problems, and how large.
constexpr int fewer_if_sanitized(int count) { return count / kSlowness; }
inline constexpr std::int64_t kMostProducts = 400'000 / kSlowness;

/// Whether a method promises to be as close to the definition as Trial asks: winograd does for whole numbers only.
inline bool is_comparable(std::string_view method, const Trial& trial) {
    return method != "winograd" || trial.values == Values::whole;
}

/// "seed 7: gather of n1 ic2 ..., method=direct unit=avx2 threads=1".
inline std::string describe(std::uint64_t seed, const Trial& trial, const Setting& setting) {
    return "TCONV_TEST_SEED=" + std::to_string(seed) + ": " + name_of(trial.pass) + " of '" + to_text(trial.problem) +
           "', " + to_text(setting);
}

inline const std::string& any_unit(Draws& draws, std::string_view method) {
    const std::vector<std::string>& names = units(method);
    return names[static_cast<std::size_t>(draws.between(0, static_cast<std::int64_t>(names.size()) - 1))];
}

/// A method by any kernel unit on 1 to 3 threads, the residual's array being the output's or not.
inline Setting any_setting(Draws& draws, std::string_view method, const Problem& problem) {
    Setting setting;
    setting.method = method;
    setting.unit = any_unit(draws, method);
    setting.threads = static_cast<int>(draws.between(1, 3));
    setting.is_in_place = problem.has_sum && draws.one_in(2);
    return setting;
}

/// Computes a trial by every method but those left out, each by any kernel unit on 1 to 3 threads, and expects the
/// answer; returns how many took it.
inline int check_by_every_method(std::uint64_t seed, const Trial& trial, Draws& draws, std::string_view without = "") {
    const Answer answer = answer_to(trial);
    int accepted = 0;
    for (const std::string& method : methods_of(trial.pass)) {
        if (method == without || !is_comparable(method, trial)) continue;
        Setting setting;
        setting.method = method;
        setting.unit = any_unit(draws, method);
        setting.threads = static_cast<int>(draws.between(1, 3));
        const std::string words = describe(seed, trial, setting);
        const Doing doing(words);
        bool is_refused = false;
        EXPECT_EQ(what_is_wrong(trial, answer, setting, &is_refused), "") << words;
        accepted += is_refused ? 0 : 1;
        if (::testing::Test::HasFailure()) break;
    }
    return accepted;
}

}  // namespace tconv::testing
