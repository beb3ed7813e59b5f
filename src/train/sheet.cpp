#include "train/sheet.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tconv::train {
namespace {

constexpr std::int64_t kGap = 2;

std::uint8_t to_byte(double value) {
    return static_cast<std::uint8_t>(std::lround(std::clamp((value + 1) * 127.5, 0.0, 255.0)));
}

// White, with room for cells of a size and a gap around each.
class Grid {
public:
    Grid(std::int64_t rows, std::int64_t columns, std::int64_t height, std::int64_t width, std::int64_t channels)
        : height_(height + kGap), width_(width + kGap) {
        page.height = rows * height_ + kGap;
        page.width = columns * width_ + kGap;
        page.channels = channels;
        page.pixels.assign(static_cast<std::size_t>(page.height * page.width * channels), std::uint8_t{255});
    }

    /// value(row, column, channel) of every pixel of a cell.
    template <class Value>
    void fill(std::int64_t cell_row, std::int64_t cell_column, Value value) {
        for (std::int64_t row = 0; row < height_ - kGap; ++row)
            for (std::int64_t column = 0; column < width_ - kGap; ++column)
                for (std::int64_t channel = 0; channel < page.channels; ++channel)
                    page.at(kGap + cell_row * height_ + row, kGap + cell_column * width_ + column, channel) =
                        value(row, column, channel);
    }

    io::Image page;

private:
    std::int64_t height_, width_;
};

// Okabe and Ito's colours, which people with colour blindness tell apart, and lighter ones of them; the texture is
// dark.
constexpr std::array<std::array<std::uint8_t, 3>, kSceneClasses> kColors{{{40, 40, 40},
                                                                          {230, 159, 0},
                                                                          {86, 180, 233},
                                                                          {0, 158, 115},
                                                                          {240, 228, 66},
                                                                          {0, 114, 178},
                                                                          {213, 94, 0},
                                                                          {204, 121, 167},
                                                                          {255, 255, 255},
                                                                          {150, 220, 190},
                                                                          {170, 130, 90}}};

}  // namespace

std::span<const std::uint8_t, 3> class_color(int scene_class) noexcept {
    return kColors[static_cast<std::size_t>(scene_class)];
}

io::Image picture_sheet(const Tensor& pictures, std::int64_t columns, std::int64_t zoom) {
    const std::int64_t count = pictures.shape(0), rows = pictures.shape(2), width = pictures.shape(3);
    const auto values = pictures.as<float>();
    Grid grid((count + columns - 1) / columns, columns, rows * zoom, width * zoom, 1);
    for (std::int64_t n = 0; n < count; ++n)
        grid.fill(n / columns, n % columns, [&](std::int64_t row, std::int64_t column, std::int64_t) {
            const std::int64_t at = (n * rows + row / zoom) * width + column / zoom;
            return to_byte(static_cast<double>(values[static_cast<std::size_t>(at)]));
        });
    return std::move(grid.page);
}

io::Image scene_sheet(const SceneBatch& batch, std::span<const std::vector<std::uint8_t>> answers, std::int64_t zoom) {
    constexpr std::int64_t kPlane = kSceneSize * kSceneSize;
    const std::int64_t count = batch.pixels.shape(0);
    const auto pixels = batch.pixels.as<float>();
    Grid grid(count, 2 + std::ssize(answers), kSceneSize * zoom, kSceneSize * zoom, 3);
    const auto at = [&](std::int64_t row, std::int64_t column) { return row / zoom * kSceneSize + column / zoom; };
    for (std::int64_t n = 0; n < count; ++n) {
        grid.fill(n, 0, [&](std::int64_t row, std::int64_t column, std::int64_t channel) {
            return to_byte(
                static_cast<double>(pixels[static_cast<std::size_t>((n * 3 + channel) * kPlane + at(row, column))]));
        });
        const auto fill_classes = [&](std::int64_t cell, const auto& classes) {
            grid.fill(n, cell, [&](std::int64_t row, std::int64_t column, std::int64_t channel) {
                const auto shown = classes[static_cast<std::size_t>(n * kPlane + at(row, column))];
                return kColors[static_cast<std::size_t>(shown)][static_cast<std::size_t>(channel)];
            });
        };
        fill_classes(1, batch.labels);
        for (std::size_t i = 0; i < answers.size(); ++i) fill_classes(2 + static_cast<std::int64_t>(i), answers[i]);
    }
    return std::move(grid.page);
}

}  // namespace tconv::train
