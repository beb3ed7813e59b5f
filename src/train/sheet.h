// Sheets: many pictures on one, as what a training shows of itself.
#pragma once

#include <cstdint>
#include <span>

#include "tconv/io.h"
#include "tconv/tensor.h"
#include "train/segmentation.h"

namespace tconv::train {

/// Pictures (N, 1, rows, columns) with values from -1 to 1 in rows of `columns`, each pixel a square of zoom x zoom.
io::Image picture_sheet(const Tensor& pictures, std::int64_t columns, std::int64_t zoom);

/// One row for each scene: what is seen, what is there, and every answer, in the classes' colours.
io::Image scene_sheet(const SceneBatch& batch, std::span<const std::vector<std::uint8_t>> answers, std::int64_t zoom);

/// The colour of a class: red, green, blue.
std::span<const std::uint8_t, 3> class_color(int scene_class) noexcept;

}  // namespace tconv::train
