#include "picture.h"

#include <algorithm>
#include <cmath>

namespace tconv::cli {

std::uint8_t to_pixel(float value) noexcept {
    if (!(value > 0)) return 0;
    return static_cast<std::uint8_t>(std::lround(std::min(value, 255.0F)));
}

Result<Tensor> to_planes(const io::Image& image) {
    auto planes = Tensor::zeros({1, image.channels, image.height, image.width}, DType::f32);
    if (!planes) return planes.error();
    float* value = planes->as<float>().data();
    for (std::int64_t channel = 0; channel < image.channels; ++channel)
        for (std::int64_t row = 0; row < image.height; ++row)
            for (std::int64_t column = 0; column < image.width; ++column) *value++ = image.at(row, column, channel);
    return planes;
}

io::Image to_image(const Tensor& planes) {
    io::Image image = blank(planes.shape()[2], planes.shape()[3], planes.shape()[1]);
    const float* value = planes.as<float>().data();
    for (std::int64_t channel = 0; channel < image.channels; ++channel)
        for (std::int64_t row = 0; row < image.height; ++row)
            for (std::int64_t column = 0; column < image.width; ++column)
                image.at(row, column, channel) = to_pixel(*value++);
    return image;
}

io::Image crop(const io::Image& image, std::int64_t row, std::int64_t column, std::int64_t height, std::int64_t width) {
    io::Image part = blank(height, width, image.channels);
    for (std::int64_t r = 0; r < height; ++r) {
        const auto first = image.pixels.begin() + ((row + r) * image.width + column) * image.channels;
        std::copy(first, first + width * image.channels, part.pixels.begin() + r * width * image.channels);
    }
    return part;
}

io::Image zoomed(const io::Image& image, std::int64_t zoom) {
    io::Image large = blank(image.height * zoom, image.width * zoom, image.channels);
    for (std::int64_t row = 0; row < large.height; ++row)
        for (std::int64_t column = 0; column < large.width; ++column)
            for (std::int64_t channel = 0; channel < image.channels; ++channel)
                large.at(row, column, channel) = image.at(row / zoom, column / zoom, channel);
    return large;
}

void paste(io::Image& page, const io::Image& part, std::int64_t row, std::int64_t column) {
    for (std::int64_t r = 0; r < part.height; ++r)
        for (std::int64_t c = 0; c < part.width; ++c)
            for (std::int64_t channel = 0; channel < page.channels; ++channel)
                page.at(row + r, column + c, channel) = part.at(r, c, std::min(channel, part.channels - 1));
}

io::Image blank(std::int64_t height, std::int64_t width, std::int64_t channels) {
    return {width, height, channels,
            std::vector<std::uint8_t>(static_cast<std::size_t>(height * width * channels), std::uint8_t{255})};
}

}  // namespace tconv::cli
