// docs/seeds.md against the tests and the lessons that it names.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "lessons/lessons.h"

namespace {

std::string read(const std::string& path) {
    std::ifstream file(std::string(TCONV_REPOSITORY "/") + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// All that a pattern's group finds in a text.
std::set<std::string> all(const std::string& text, const std::string& pattern) {
    const std::regex regex(pattern);
    std::set<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) found.insert((*at)[1]);
    return found;
}

std::set<std::string> tests_of_the_cells() {
    std::set<std::string> names;
    const ::testing::UnitTest& unit = *::testing::UnitTest::GetInstance();
    for (int s = 0; s < unit.total_test_suite_count(); ++s) {
        const ::testing::TestSuite& suite = *unit.GetTestSuite(s);
        for (int t = 0; t < suite.total_test_count() && std::string(suite.name()).ends_with("Document"); ++t)
            names.insert(std::string(suite.name()) + '.' + suite.GetTestInfo(t)->name());
    }
    return names;
}

TEST(SeedTable, NamesEveryTestOfACellAndNoOther) {
    const std::set<std::string> named = all(read("docs/seeds.md"), R"(`((?:First|Second)Document\.\w+)`)");
    EXPECT_GE(named.size(), 19u);
    EXPECT_EQ(named, tests_of_the_cells());
}

TEST(SeedTable, NamesEveryLessonAndNoOther) {
    std::set<std::string> lessons;
    for (const tconv::lessons::Lesson& lesson : tconv::lessons::kLessons) lessons.insert(lesson.file);
    EXPECT_EQ(all(read("docs/seeds.md"), R"(\(\.\./lessons/(\w+)\.cpp\))"), lessons);
}

// A row has a lesson and a test, or is "later" and has neither.
TEST(SeedTable, EveryRowIsCoveredOrLater) {
    std::istringstream table(read("docs/seeds.md"));
    int rows = 0;
    for (std::string line; std::getline(table, line);) {
        if (!line.starts_with("| first") && !line.starts_with("| second")) continue;
        ++rows;
        const bool is_later = line.find("| later |") != std::string::npos;
        EXPECT_NE(is_later, line.find("Document.") != std::string::npos) << line;
        EXPECT_NE(is_later, line.find("../lessons/") != std::string::npos) << line;
    }
    EXPECT_GE(rows, 17);
}

}  // namespace
