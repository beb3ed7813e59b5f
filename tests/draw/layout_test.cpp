// Scenes of all kinds of problems: no text on another, none beyond the picture, numbers large enough to read, colours
// that can be told apart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "draw/field.h"
#include "draw/matrix_scene.h"
#include "draw/metrics.h"
#include "draw/paints.h"
#include "draw/pictures.h"
#include "draw/sizes_scene.h"
#include "draw/strip.h"
#include "draw/theme.h"
#include "draw/trace_scene.h"
#include "legible.h"
#include "problems.h"
#include "tconv/problem_text.h"

namespace tconv::draw {
namespace {

class Layout : public testing::TestWithParam<const char*> {};

TEST_P(Layout, NoTextIsOnAnotherOrOutside) {
    const Problem problem = parse_problem(GetParam()).value();
    for (const Picture& picture : pictures()) {
        const auto scene = picture.scene(problem, {});
        if (scene) expect_legible(*scene, std::string(GetParam()) + ", " + picture.name);
        // Stamps of their own are the first to be too many.
        EXPECT_TRUE(scene.ok() || picture.name == std::string("stamps")) << scene.error().message;
    }
    expect_legible(sizes_scene(problem), std::string(GetParam()) + ", sizes");
    const Story story = tell(problem, {}).value();
    expect_legible(output_scene(story, 0, {0, 0, 0}), std::string(GetParam()) + ", an output");
    if (const auto scene = matrix_scene(story, false)) expect_legible(*scene, std::string(GetParam()) + ", the matrix");
}

TEST_P(Layout, NoTextIsOnAnotherWhateverTheNumbers) {
    const Problem problem = parse_problem(GetParam()).value();
    for (const double scale : {1e-5, -0.123, -1e4, 1e300}) {
        Numbers numbers;
        for (std::int64_t i = 0; i < problem.coarse_elements(); ++i)
            numbers.input.push_back(scale * (1 + std::sin(static_cast<double>(i))));
        const Scene scene = trace_scene(tell(problem, std::move(numbers)).value(), TraceView::both);
        expect_legible(scene, std::string(GetParam()) + " with numbers around " + std::to_string(scale));
    }
}

TEST_P(Layout, WhatStartsTogetherInALayerDoesNotCoverEachOther) {
    const Scene scene = trace_scene(tell(parse_problem(GetParam()).value(), {}).value(), TraceView::both);
    std::map<std::pair<Layer, Span>, std::vector<const Rect*>> alike;
    for (const Item& item : scene.items)
        if (const Rect* r = std::get_if<Rect>(&item.shape); r && r->fill.role != Role::none)
            alike[{item.layer, item.when}].push_back(r);
    for (const auto& [key, rects] : alike)
        for (std::size_t i = 0; i < rects.size(); ++i)
            for (std::size_t j = i + 1; j < rects.size(); ++j) {
                const Box a{rects[i]->x, rects[i]->y, rects[i]->width, rects[i]->height};
                const Box b{rects[j]->x, rects[j]->y, rects[j]->width, rects[j]->height};
                ASSERT_FALSE(cover_each_other(a.grown(-0.5), b.grown(-0.5))) << GetParam();
            }
}

INSTANTIATE_TEST_SUITE_P(Scenes, Layout, testing::ValuesIn(kDrawn));
INSTANTIATE_TEST_SUITE_P(Large, Layout,
                         testing::Values("i16x16 k4 s2 p1", "i40 k5 s3 d2", "i12x3 k3x1 s2", "ic6 oc6 g2 i3x3 k3 s2 p1",
                                         "i4x4x4 k3 s2 p1", "i1x30 k3", "i2x2 k9", "i5x5 k1 s7",
                                         "i2x2 k2 \"a rather long name that goes on and on beyond what fits\""));

// ITU-R BT.709's relative luminance, as WCAG 2.1 computes contrast.
double luminance(Color color) {
    const auto linear = [](std::uint8_t part) {
        const double value = part / 255.0;
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue);
}

double contrast(Color a, Color b) {
    const double la = luminance(a), lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

TEST(Themes, TextCanBeReadOnEveryCell) {
    for (const Theme theme : {Theme::light, Theme::dark}) {
        const Color ink = color_of(theme, {Role::ink});
        for (const Role role : {Role::page, Role::input, Role::weights, Role::output}) {
            EXPECT_GE(contrast(ink, color_of(theme, at_rest(role))), 7) << name_of(theme) << static_cast<int>(role);
            EXPECT_GE(contrast(ink, color_of(theme, lit(role))), 4.5) << name_of(theme) << static_cast<int>(role);
        }
        for (const std::int64_t count : {1, 2, 3, 4})
            EXPECT_GE(contrast(ink, color_of(theme, count_paint(count, 4))), 4.5) << name_of(theme) << count;
        for (const Role role : {Role::input, Role::weights, Role::output})  // titles, large and bold
            EXPECT_GE(contrast(color_of(theme, {role}), color_of(theme, {Role::page})), 3) << name_of(theme);
        EXPECT_GE(contrast(color_of(theme, {Role::quiet}), color_of(theme, {Role::page})), 4.5) << name_of(theme);
    }
}

// As a dichromat sees it: Vienot, Brettel and Mollon 1999, in linear RGB.
struct Seen {
    double red, green, blue;
};
Seen seen_by(Color color, bool is_deutan) {
    const auto linear = [](std::uint8_t part) { return std::pow(part / 255.0, 2.2); };
    const double r = linear(color.red), g = linear(color.green), b = linear(color.blue);
    return is_deutan ? Seen{0.29275 * r + 0.70725 * g, 0.29275 * r + 0.70725 * g, -0.02234 * r + 0.02234 * g + b}
                     : Seen{0.11238 * r + 0.88762 * g, 0.11238 * r + 0.88762 * g, 0.00401 * r - 0.00401 * g + b};
}

TEST(Themes, RolesDifferForThoseWhoDoNotSeeRedOrGreen) {
    for (const Theme theme : {Theme::light, Theme::dark})
        for (const bool is_deutan : {false, true})
            for (const auto& [a, b] :
                 {std::pair{Role::input, Role::weights}, {Role::input, Role::output}, {Role::weights, Role::output}}) {
                const Seen x = seen_by(color_of(theme, lit(a)), is_deutan),
                           y = seen_by(color_of(theme, lit(b)), is_deutan);
                const double apart = std::hypot(x.red - y.red, x.green - y.green, x.blue - y.blue);
                EXPECT_GE(apart, 0.1) << name_of(theme) << (is_deutan ? " deutan " : " protan ") << static_cast<int>(a)
                                      << " and " << static_cast<int>(b);
            }
}

}  // namespace
}  // namespace tconv::draw
