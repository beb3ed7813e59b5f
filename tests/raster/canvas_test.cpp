// Pictures of scenes: colours where they belong, steps one by one, sheets, sizes that are refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "draw/paints.h"
#include "draw/trace_scene.h"
#include "raster/raster.h"
#include "tconv/problem_text.h"

namespace tconv::raster {
namespace {

using draw::Layer;
using draw::Role;
using draw::Scene;

constexpr draw::Theme kThemes[] = {draw::Theme::light, draw::Theme::dark};

std::array<int, 3> pixel(const io::Image& image, std::int64_t x, std::int64_t y) {
    return {image.at(y, x, 0), image.at(y, x, 1), image.at(y, x, 2)};
}

std::array<int, 3> color(draw::Theme theme, draw::Paint paint) {
    const draw::Color c = color_of(theme, paint);
    return {c.red, c.green, c.blue};
}

TEST(Canvas, PaintsLayersInOrderAndStepsInTheirTime) {
    Scene scene;
    scene.width = scene.height = 20;
    scene.steps = 3;
    scene.add(Layer::mark, draw::Rect{0, 0, 20, 20, {Role::weights}}, {1, 2});
    scene.add(Layer::ground, draw::Rect{0, 0, 20, 20, {Role::input}}, {0, 2});
    for (const auto theme : kThemes) {
        const Role expected[] = {Role::input, Role::weights, Role::page};
        for (int step = 0; step < 3; ++step)
            EXPECT_EQ(pixel(to_image(scene, theme, step, 1).value(), 10, 10), color(theme, {expected[step]}));
    }
}

TEST(Canvas, WhatIsSeenLaterCoversWhatWasThereBefore) {
    Scene scene;
    scene.width = scene.height = 8;
    scene.steps = 2;
    scene.add(Layer::mark, draw::Rect{0, 0, 8, 8, {Role::output}}, {1});
    scene.add(Layer::mark, draw::Rect{0, 0, 8, 8, {Role::input}}, {0});
    EXPECT_EQ(pixel(to_image(scene, draw::Theme::light, 1, 1).value(), 4, 4),
              color(draw::Theme::light, {Role::output}));
}

TEST(Canvas, WritesTextWhereItsAnchorSays) {
    for (const auto& [anchor, from, to] :
         {std::tuple{draw::Anchor::start, 50, 70}, {draw::Anchor::middle, 40, 60}, {draw::Anchor::end, 30, 50}}) {
        Scene scene;
        scene.width = 100;
        scene.height = 30;
        scene.add(Layer::text, draw::Text{50, 20, "\u2014\u2014", 10, {Role::ink}, anchor});  // two dashes, 20 wide
        const io::Image image = to_image(scene, draw::Theme::light, 0, 1).value();
        std::int64_t first = 100, last = -1;
        for (std::int64_t y = 0; y < image.height; ++y)
            for (std::int64_t x = 0; x < image.width; ++x)
                if (image.at(y, x) < 128) {
                    first = std::min(first, x);
                    last = std::max(last, x);
                }
        EXPECT_NEAR(static_cast<double>(first), from, 1);
        EXPECT_NEAR(static_cast<double>(last), to - 1, 1);
    }
}

TEST(Canvas, HatchesDifferInTheirStrokes) {
    std::array<int, 3> dark{};
    for (const auto hatch : {draw::Hatch::none, draw::Hatch::cropped, draw::Hatch::empty}) {
        Scene scene;
        scene.width = scene.height = 64;
        draw::Rect rect{0, 0, 64, 64};
        rect.hatch = hatch;
        scene.add(Layer::fill, rect);
        const io::Image image = to_image(scene, draw::Theme::light, 0, 1).value();
        for (std::size_t i = 0; i < image.pixels.size(); i += 3)
            dark[static_cast<std::size_t>(hatch)] += image.pixels[i + 1] < 250;
    }
    EXPECT_EQ(dark[0], 0);
    EXPECT_GT(dark[1], 64 * 64 / 8);
    EXPECT_GT(dark[2], dark[1] * 3 / 2);
}

TEST(Canvas, ASheetHasItsStepsInOrder) {
    Scene scene;
    scene.width = scene.height = 50;
    scene.steps = 7;
    for (int step = 0; step < 7; ++step)
        scene.add(Layer::fill, draw::Rect{0, 0, 50, 50, {Role::ink, step / 6.0}}, {step, step + 1});
    for (const auto& [most, expected] :
         {std::pair{30, std::vector<int>{0, 1, 2, 3, 4, 5, 6}}, {3, {0, 3, 6}}, {1, {6}}}) {
        const io::Image sheet = to_sheet(scene, draw::Theme::light, most).value();
        std::vector<int> found;
        for (std::int64_t y = 25; y < sheet.height; y += 58)
            for (std::int64_t x = 25; x < sheet.width; x += 58)
                for (int step = 0; step < 7; ++step)
                    if (pixel(sheet, x, y) == color(draw::Theme::light, {Role::ink, step / 6.0})) found.push_back(step);
        EXPECT_EQ(found, expected);
    }
}

TEST(Canvas, RefusesPicturesThatAreTooLarge) {
    Scene scene;
    scene.width = 20000;
    scene.height = 20000;
    const auto image = to_image(scene, draw::Theme::light, 0, 1);
    ASSERT_FALSE(image.ok());
    EXPECT_THAT(image.error().message, testing::HasSubstr("20000 x 20000"));
    scene.width = 40000;
    scene.height = 1;
    EXPECT_FALSE(to_image(scene, draw::Theme::light, 0, 1).ok());
    EXPECT_FALSE(to_gif(scene, draw::Theme::light, 2, [](int) {}).ok());
}

}  // namespace
}  // namespace tconv::raster
