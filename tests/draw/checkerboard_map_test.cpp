// The picture of a layer's checkerboard: its numbers are the definition's.
#include "draw/checkerboard_map.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "tconv/problem_text.h"
#include "tconv/reference.h"

namespace tconv::draw {
namespace {

// How often each text stands in the picture.
std::map<std::string, int> texts_of(const Scene& scene) {
    std::map<std::string, int> found;
    for (const Item& item : scene.items)
        if (const auto* text = std::get_if<Text>(&item.shape)) ++found[text->text];
    return found;
}

lint::JudgedNode judged(const char* text, const std::vector<double>& weights = {}) {
    return lint::lint_problem(parse_problem(text).value(), weights).value();
}

TEST(CheckerboardMap, CountsTapsAsTheReferenceDoes) {
    const char* text = "i3x4 k3x2 s2x3 p1x0 f64";
    const Problem problem = parse_problem(text).value();
    std::vector<double> coarse(static_cast<std::size_t>(problem.coarse_elements()), 1.0), taps(6, 1.0),
        fine(static_cast<std::size_t>(problem.fine_elements()), std::nan(""));
    reference::scatter(problem, coarse.data(), taps.data(), {}, fine.data());
    std::map<std::string, int> expected;
    for (const double count : fine) ++expected[std::to_string(static_cast<int>(count))];
    const auto found = texts_of(checkerboard_map(judged(text)));
    for (const auto& [number, count] : expected) EXPECT_EQ(found.at(number), count) << number;
    EXPECT_GT(expected.at("0"), 0);
}

TEST(CheckerboardMap, ShowsGainsWhereTheOutputBegins) {
    // Gains 1 and 3, mean 2; with padding 1 the output begins in phase 1.
    const Scene scene = checkerboard_map(judged("i5 k4 s2 p1", {0.25, 1, 0.75, 2}));
    std::vector<std::string> row;
    double title = 0;
    for (const Item& item : scene.items)
        if (const auto* text = std::get_if<Text>(&item.shape)) {
            if (text->text.starts_with("what a constant")) title = text->x;
            if (title > 0 && text->x > title && text->anchor == Anchor::middle) row.push_back(text->text);
        }
    EXPECT_EQ(row, (std::vector<std::string>{"1.5", "0.5", "1.5", "0.5"}));
}

TEST(CheckerboardMap, StaysSmall) {
    for (const char* text : {"i1000x1000 k4 s2 p1", "i2x2x2 k3 s2", "i1048576 k3 s1048576"}) {
        const Scene scene = checkerboard_map(judged(text));
        EXPECT_LT(scene.items.size(), 1000U) << text;
        EXPECT_LT(scene.width, 1500) << text;
        EXPECT_GT(scene.height, 0) << text;
    }
}

}  // namespace
}  // namespace tconv::draw
