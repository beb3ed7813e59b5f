// The terminal's text: what is read off it, and that colours change nothing of it.
#include "draw/text_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "problems.h"
#include "tconv/problem_text.h"

namespace tconv::draw {
namespace {

Story story_of(const char* text) { return tell(parse_problem(text).value(), {}).value(); }

TEST(TextView, IsGolden) {
    const auto steps = text_steps(story_of("i2x2 k2 s3 p1x0 op1"), TraceView::scatter, {});
    ASSERT_EQ(steps.size(), 6U);
    EXPECT_EQ(steps[0],
              "0/5: the canvas is empty\n"
              "input x (2 \u00d7 2)   weights W (2 \u00d7 2)   output y (4 \u00d7 6), framed in the full 5 \u00d7 6\n"
              "  1   2             1   2             /  //  //  //  //  //  /\n"
              "  3   4             3   4               .   . #  #  .   . #  #\n"
              "                                      #  ##  ##  ##  ##  ##  #\n"
              "                                        .   . #  #  .   . #  #\n"
              "                                        .   . #  #  .   . #  #\n");
    EXPECT_EQ(steps[2],
              "2/5: x[0, 1] = 2 puts down its stamp, 2 \u00b7 W\n"
              "input x (2 \u00d7 2)   weights W (2 \u00d7 2)   output y (4 \u00d7 6), framed in the full 5 \u00d7 6\n"
              "  1 [ 2]            1   2             / 1// 2//  /[ 2][ 4]/  /\n"
              "  3   4             3   4               3   4 #  #[ 6][ 8]#  #\n"
              "                                      #  ##  ##  ##  ##  ##  #\n"
              "                                        .   . #  #  .   . #  #\n"
              "                                        .   . #  #  .   . #  #\n");
    EXPECT_EQ(steps[5],
              "5/5: done: what the frame holds is output y\n"
              "input x (2 \u00d7 2)   weights W (2 \u00d7 2)   output y (4 \u00d7 6), framed in the full 5 \u00d7 6\n"
              "  1   2             1   2             / 1// 2//  // 2// 4//  /\n"
              "  3   4             3   4               3   4 # 0#  6   8 # 0#\n"
              "                                      # 0## 0## 0## 0## 0## 0#\n"
              "                                        3   6 # 0#  4   8 # 0#\n"
              "                                        9  12 # 0# 12  16 # 0#\n");
}

TEST(TextView, GathersWithTheTurnedKernel) {
    const auto steps = text_steps(story_of("i3 k3 s2 p1"), TraceView::both, {});
    ASSERT_EQ(steps.size(), 1U + 3 + 5 + 1);
    EXPECT_EQ(steps[5],
              "5/9: y[1] = 5 = 2 \u00b7 1 + 1 \u00b7 3\n"
              "input x (3)   weights W (3)   output y (5), framed in the full 7\n"
              "[1][2] 3      [1] 2 [3]       /1/ 2 [5] 4  9  6 /9/\n"
              "input x, spread by the stride   W turned by 180\u00b0   output y (5)\n"
              " 0 [1][0][2] 0  3  0            [3] 2 [1]           2 [5] .  .  .\n");
}

TEST(TextView, ShowsTheSameWithColours) {
    const std::regex colour("\033\\[[0-9;]*m");
    for (const char* text : kDrawn) {
        const Story story = story_of(text);
        const auto plain = text_steps(story, TraceView::both, {});
        const auto coloured = text_steps(story, TraceView::both, {.has_color = true});
        ASSERT_EQ(plain.size(), coloured.size());
        EXPECT_NE(coloured[0].find('\033'), std::string::npos);
        for (std::size_t i = 0; i < plain.size(); ++i) {
            // Blanks that would end a line stand before the end of the colour.
            const std::string without = std::regex_replace(coloured[i], colour, "");
            EXPECT_EQ(std::regex_replace(without, std::regex(" +\n"), "\n"), plain[i]) << text;
        }
    }
}

TEST(TextView, StacksArraysThatDoNotFitBesideEachOther) {
    const Story story = story_of("i4x4 k3 s2");
    const auto width_of = [](const std::string& text) {
        std::size_t widest = 0, begin = 0;
        for (std::size_t end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin))
            widest = std::max(widest, end - begin);
        return widest;
    };
    EXPECT_GT(width_of(text_steps(story, TraceView::scatter, {.columns = 200})[3]), 80U);
    EXPECT_LT(width_of(text_steps(story, TraceView::scatter, {.columns = 60})[3]), 60U);
}

}  // namespace
}  // namespace tconv::draw
