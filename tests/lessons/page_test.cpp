// Lessons as pages: what is shown is what ran, all of it, the same every time.
#include "lessons/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <sstream>
#include <stdexcept>

#include "lessons/lessons.h"

namespace tconv::lessons {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kSource =
    "#include <x>\n"
    "    // [one]\n"
    "    if (a)\n"
    "        b;\n"
    "\n"
    "    // [/one]\n"
    "    // [not one]\n"
    "// [two]\n"
    "c;\n"
    "// [/two]\n";

TEST(Region, IsCutOutWithoutItsIndent) {
    EXPECT_EQ(region_of(kSource, "one"), "if (a)\n    b;\n\n");
    EXPECT_EQ(region_of(kSource, "two"), "c;\n");
    EXPECT_EQ(region_of(kSource, "three"), "");
    EXPECT_THAT(regions_of(kSource), ElementsAre("one", "two"));
}

TEST(Page, PutsOutputBelowTheCode) {
    Page page("00 a page", kSource);
    page.say("Some \n words.");
    page.show("two");
    std::cout << "printed\n\nlines\n";
    page.say("Then more.");
    EXPECT_EQ(page.text(),
              "00 a page\n=========\n\nSome words.\n\n    c;\n\n  | printed\n  |\n  | lines\n\nThen more.\n");
}

TEST(Page, GivesStandardOutputBack) {
    std::ostringstream outside;
    std::streambuf* const real = std::cout.rdbuf(outside.rdbuf());
    {
        Page page("00", kSource);
        std::cout << "inside" << std::hex;
        EXPECT_THAT(page.text(), HasSubstr("  | inside\n"));
    }
    std::cout << 16 << true;
    std::cout.rdbuf(real);
    EXPECT_EQ(outside.str(), "161");
}

TEST(Page, RefusesARegionThatTheLessonHasNot) {
    Page page("00", kSource);
    EXPECT_THROW(page.show("three"), std::logic_error);
}

TEST(Lessons, AreNumberedFromOne) {
    int expected = 1;
    for (const Lesson& lesson : kLessons) EXPECT_EQ(lesson.number(), expected++) << lesson.file;
}

TEST(Lessons, ShowAllTheirCodeInOrderAndSayTheSameEveryTime) {
    for (const Lesson& lesson : kLessons) {
        const std::string page = read_out(lesson);
        EXPECT_EQ(page, read_out(lesson)) << lesson.file;
        const auto regions = regions_of(source_of(lesson));
        EXPECT_FALSE(regions.empty()) << lesson.file;
        for (const std::string& region : regions) {
            const std::string code = region_of(source_of(lesson), region);
            EXPECT_THAT(page, HasSubstr("    " + code.substr(0, code.find('\n')))) << lesson.file << ' ' << region;
        }
    }
}

// Readable in a terminal of 120 columns that knows ASCII only.
TEST(Lessons, FitATerminal) {
    for (const Lesson& lesson : kLessons) {
        std::istringstream page(read_out(lesson));
        for (std::string line; std::getline(page, line);) {
            EXPECT_LE(line.size(), 120u) << line;
            for (const char c : line) EXPECT_TRUE(c >= ' ' && c <= '~') << line;
        }
    }
}

}  // namespace
}  // namespace tconv::lessons
