// What the tests of the methods share.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

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

/// "seed 7: gather of n1 ic2 ..., method=direct unit=avx2 threads=1".
inline std::string describe(std::uint64_t seed, const Trial& trial, const Setting& setting) {
    return "TCONV_TEST_SEED=" + std::to_string(seed) + ": " + name_of(trial.pass) + " of '" + to_text(trial.problem) +
           "', " + to_text(setting);
}

inline const std::string& any_unit(Draws& draws) {
    return units()[static_cast<std::size_t>(draws.between(0, static_cast<std::int64_t>(units().size()) - 1))];
}

}  // namespace tconv::testing
