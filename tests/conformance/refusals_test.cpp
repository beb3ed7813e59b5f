// What has to be refused, and what must not be.
#include <gtest/gtest.h>

#include "conformance/support/cases.h"
#include "tconv/problem_text.h"

namespace tconv::test {
namespace {

TEST(Verdicts, AreThoseOfTheNamedFramework) {
    if (const std::string why = why_no_cases(); !why.empty()) GTEST_SKIP() << why;
    ASSERT_EQ(all_verdicts().size(), 40u);
    for (const Verdict& verdict : all_verdicts()) {
        const auto problem = translate(verdict.layer);
        EXPECT_EQ(problem.ok(), verdict.accepted)
            << verdict.why << ": " << (problem ? to_text(*problem) : problem.error().message);
        if (problem) continue;
        const std::string& sentence = problem.error().message;
        EXPECT_GT(sentence.size(), 20u) << verdict.why << ": " << sentence;
        EXPECT_LT(sentence.size(), 300u) << verdict.why << ": " << sentence;
        EXPECT_EQ(sentence.find('\n'), std::string::npos) << verdict.why << ": " << sentence;
        EXPECT_NE(sentence.back(), '.') << verdict.why << ": " << sentence;
    }
}

}  // namespace
}  // namespace tconv::test
