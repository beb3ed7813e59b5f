// The project's own lists: canonical texts whose output sizes are those that their sources state.
#include "conformance/support/shape_lists.h"

#include <gtest/gtest.h>

#include <set>

#include "conformance/support/cases.h"
#include "tconv/problem_text.h"

namespace tconv::test {
namespace {

Sizes fine_sizes(const Problem& problem) {
    Sizes sizes;
    for (const Axis& axis : problem.spatial()) sizes.push_back(axis.fine);
    return sizes;
}

TEST(ShapeLists, HoldTheShapesOfSixProjects) { EXPECT_EQ(listed_shapes().size(), 1595u); }

TEST(ShapeLists, GiveTheStatedOutputSizes) {
    for (const ListedShape& shape : listed_shapes()) {
        const auto problem = parse_problem(shape.text);
        ASSERT_TRUE(problem) << shape.where << ": " << problem.error().message;
        EXPECT_EQ(fine_sizes(*problem), shape.stated_output) << shape.where << ": " << shape.text;
    }
}

TEST(ShapeLists, AreCanonicalAndDistinct) {
    std::set<std::string> seen;
    for (const ListedShape& shape : listed_shapes()) {
        const auto problem = parse_problem(shape.text);
        ASSERT_TRUE(problem) << shape.where << ": " << problem.error().message;
        EXPECT_EQ(to_text(*problem), shape.text) << shape.where;
        EXPECT_TRUE(seen.insert(shape.text).second) << shape.where << ": listed twice";
    }
}

TEST(ShapeLists, HoldEveryCase) {
    if (const std::string why = why_no_cases(); !why.empty()) GTEST_SKIP() << why;
    ASSERT_EQ(all_cases().size(), 1633u);
    std::set<std::string> listed;
    for (const ListedShape& shape : listed_shapes()) listed.insert(shape.text);
    for (const Case& layer : all_cases()) {
        const auto problem = translate(layer);
        ASSERT_TRUE(problem) << layer.id << ": " << problem.error().message;
        EXPECT_TRUE(listed.contains(to_text(*problem)))
            << layer.id << ": " << to_text(*problem) << " is in no list; run tools/make_shape_lists.py";
    }
}

}  // namespace
}  // namespace tconv::test
