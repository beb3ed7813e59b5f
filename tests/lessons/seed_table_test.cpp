// docs/seeds.md against the tests and the lessons that it names.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include "lessons/lessons.h"

namespace {

std::string read(const std::string& path) {
    std::ifstream file(std::string(TCONV_REPOSITORY "/") + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// What stands between `before` and `after`, wherever a text has both with nothing but a name between them.
// (No std::regex: g++ 12 warns of its inside under the sanitizers.)
std::set<std::string> all(const std::string& text, const std::string& before, const std::string& after) {
    const auto is_name = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
    };
    std::set<std::string> found;
    for (std::size_t at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
        const std::size_t begin = at + before.size();
        const std::size_t end = text.find(after, begin);
        if (end == std::string::npos) break;
        const std::string name = text.substr(begin, end - begin);
        if (std::all_of(name.begin(), name.end(), is_name)) found.insert(name);
    }
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
    const std::set<std::string> named = [] {
        std::set<std::string> found;
        for (const std::string document : {"First", "Second"})
            for (const std::string& name : all(read("docs/seeds.md"), "`" + document + "Document.", "`"))
                found.insert(document + "Document." + name);
        return found;
    }();
    EXPECT_GE(named.size(), 19u);
    EXPECT_EQ(named, tests_of_the_cells());
}

TEST(SeedTable, NamesEveryLessonAndNoOther) {
    std::set<std::string> lessons;
    for (const tconv::lessons::Lesson& lesson : tconv::lessons::kLessons) lessons.insert(lesson.file);
    EXPECT_EQ(all(read("docs/seeds.md"), "(../lessons/", ".cpp)"), lessons);
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
