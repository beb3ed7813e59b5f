// Pictures as arrays, for the commands that send a picture through a layer.
#pragma once

#include <cstdint>

#include "tconv/io.h"
#include "tconv/tensor.h"

namespace tconv::cli {

/// A sum of a layer as a pixel: rounded to nearest, clamped to 0..255; NaN is 0.
std::uint8_t to_pixel(float value) noexcept;

/// The array (1, channels, height, width), f32, values 0..255. Errors: out_of_memory.
Result<Tensor> to_planes(const io::Image& image);

/// The picture of an array (1, channels, height, width), f32.
io::Image to_image(const Tensor& planes);

/// The rectangle with its upper left corner at (row, column), which must lie inside.
io::Image crop(const io::Image& image, std::int64_t row, std::int64_t column, std::int64_t height, std::int64_t width);

/// Every pixel as a square of zoom x zoom.
io::Image zoomed(const io::Image& image, std::int64_t zoom);

/// Copies `part` into `page`, its upper left corner at (row, column); a grey part may go on a page of RGB.
void paste(io::Image& page, const io::Image& part, std::int64_t row, std::int64_t column);

/// A white picture.
io::Image blank(std::int64_t height, std::int64_t width, std::int64_t channels);

}  // namespace tconv::cli
