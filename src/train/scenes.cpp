#include "train/scenes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "train/random.h"

namespace tconv::train {
namespace {

using Color = std::array<double, 3>;

Color any_color(Random& random, double darkest, double brightest) {
    Color color{};
    for (double& part : color) part = random.between(darkest, brightest);
    return color;
}

// How much of the second colour a texture has at a pixel, from 0 to 1.
class Texture {
public:
    explicit Texture(Random& random)
        : kind_(random.below(kTextures)),
          angle_(random.between(0, std::numbers::pi)),
          period_(random.between(5, 20)),
          phase_(random.between(0, 2 * std::numbers::pi)) {
        for (double& corner : corners_) corner = random.unit();
    }

    double at(double row, double column) const {
        const double along = row * std::sin(angle_) + column * std::cos(angle_);
        const double across = row * std::cos(angle_) - column * std::sin(angle_);
        const auto wave = [this](double distance) {
            return std::sin(2 * std::numbers::pi * distance / period_ + phase_);
        };
        switch (kind_) {
            case 0:  // a plain colour, brighter to one side
                return 0.5 + along / (3 * kSceneSize);
            case 1:  // stripes
                return 0.5 + 0.5 * wave(along);
            case 2:  // squares
                return wave(along) * wave(across) > 0 ? 1 : 0;
            case 3:  // dots
                return wave(along) + wave(across) > 1 ? 1 : 0;
            default:  // clouds: random numbers on a grid, and cosines between them
                return clouds(row, column);
        }
    }

private:
    static constexpr std::int64_t kGrid = 9, kCell = 8;

    double clouds(double row, double column) const {
        const auto cell = [](double at) { return static_cast<std::size_t>(at) / kCell; };
        const auto blend = [](double at) {
            const double part = std::fmod(at, static_cast<double>(kCell)) / kCell;
            return 0.5 - 0.5 * std::cos(std::numbers::pi * part);
        };
        const std::size_t r = cell(row), c = cell(column);
        const double down = blend(row), right = blend(column);
        const auto corner = [&](std::size_t i, std::size_t j) { return corners_[(r + i) * kGrid + c + j]; };
        return (corner(0, 0) * (1 - right) + corner(0, 1) * right) * (1 - down) +
               (corner(1, 0) * (1 - right) + corner(1, 1) * right) * down;
    }

    std::int64_t kind_;
    double angle_, period_, phase_;
    std::array<double, kGrid * kGrid> corners_{};
};

// Puts one item into the scene: its brightness times a colour, over whatever is there.
void put_item(Scene& scene, const Fashion& items, Random& random) {
    const std::int64_t index = random.below(items.count());
    const auto picture = items.picture(index);
    const std::vector<bool> mask = silhouette(picture);
    const Color color = any_color(random, 0.3, 1);
    const bool is_mirrored = random.below(2) == 0;
    const double size = random.between(0.9, 1.5);  // scene pixels per picture pixel
    const auto extent = static_cast<std::int64_t>(kItemSize * size);
    constexpr std::int64_t kOutside = 8;
    const std::int64_t top = random.below(kSceneSize - extent + 2 * kOutside) - kOutside;
    const std::int64_t left = random.below(kSceneSize - extent + 2 * kOutside) - kOutside;
    const auto label = static_cast<std::uint8_t>(1 + items.labels[static_cast<std::size_t>(index)]);
    for (std::int64_t row = std::max<std::int64_t>(top, 0); row < std::min(top + extent, kSceneSize); ++row)
        for (std::int64_t column = std::max<std::int64_t>(left, 0); column < std::min(left + extent, kSceneSize);
             ++column) {
            const auto read = [&](std::int64_t at) {
                return std::min(static_cast<std::int64_t>((static_cast<double>(at) + 0.5) / size), kItemSize - 1);
            };
            const std::int64_t from_row = read(row - top), from_column = read(column - left);
            const auto at = static_cast<std::size_t>(from_row * kItemSize +
                                                     (is_mirrored ? kItemSize - 1 - from_column : from_column));
            if (!mask[at]) continue;
            const double brightness = 0.2 + 0.8 * picture[at] / 255.0;
            const auto to = static_cast<std::size_t>(row * kSceneSize + column);
            for (std::size_t channel = 0; channel < 3; ++channel)
                scene.pixels[channel * kSceneSize * kSceneSize + to] = static_cast<float>(color[channel] * brightness);
            scene.labels[to] = label;
        }
}

}  // namespace

std::vector<bool> silhouette(std::span<const std::uint8_t> picture) {
    constexpr std::uint8_t kBlack = 16;
    std::vector<bool> is_item(picture.size(), true);
    std::vector<std::int64_t> open;
    const auto reach = [&](std::int64_t row, std::int64_t column) {
        if (row < 0 || row >= kItemSize || column < 0 || column >= kItemSize) return;
        const auto at = static_cast<std::size_t>(row * kItemSize + column);
        if (picture[at] >= kBlack || !is_item[at]) return;
        is_item[at] = false;
        open.push_back(row * kItemSize + column);
    };
    for (std::int64_t i = 0; i < kItemSize; ++i) {
        reach(0, i), reach(kItemSize - 1, i);
        reach(i, 0), reach(i, kItemSize - 1);
    }
    while (!open.empty()) {
        const std::int64_t row = open.back() / kItemSize, column = open.back() % kItemSize;
        open.pop_back();
        reach(row - 1, column), reach(row + 1, column);
        reach(row, column - 1), reach(row, column + 1);
    }
    return is_item;
}

Scene compose_scene(const Fashion& items, std::uint64_t seed, std::int64_t index) {
    Random random(seed_of(seed, kScene, index));
    Scene scene{std::vector<float>(3 * kSceneSize * kSceneSize), std::vector<std::uint8_t>(kSceneSize * kSceneSize, 0)};
    const Texture texture(random);
    const Color first = any_color(random, 0, 0.9), second = any_color(random, 0, 0.9);
    for (std::int64_t row = 0; row < kSceneSize; ++row)
        for (std::int64_t column = 0; column < kSceneSize; ++column) {
            const double share =
                std::clamp(texture.at(static_cast<double>(row), static_cast<double>(column)), 0.0, 1.0);
            for (std::size_t channel = 0; channel < 3; ++channel)
                scene.pixels[(channel * kSceneSize + static_cast<std::size_t>(row)) * kSceneSize +
                             static_cast<std::size_t>(column)] =
                    static_cast<float>(first[channel] * (1 - share) + second[channel] * share);
        }
    for (std::int64_t count = 2 + random.below(3); count > 0; --count) put_item(scene, items, random);
    return scene;
}

}  // namespace tconv::train
