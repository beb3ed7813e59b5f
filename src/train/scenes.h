// Scenes to segment: 64 x 64 pixels in colour, a texture, and two to four pieces of clothing on it, some behind others
// or half outside, and for each pixel what it shows. Scene i of a seed is always the same.
#pragma once

#include <cstdint>
#include <vector>

#include "train/fashion.h"

namespace tconv::train {

inline constexpr std::int64_t kSceneSize = 64;      ///< rows and columns
inline constexpr int kSceneClasses = kClasses + 1;  ///< 0: the texture; 1 + label: an item
inline constexpr int kTextures = 5;

/// One scene.
struct Scene {
    std::vector<float> pixels;         ///< (3, 64, 64): red, green, blue from 0 to 1
    std::vector<std::uint8_t> labels;  ///< (64, 64), below kSceneClasses
};

/// Composes a scene of a part's pictures.
Scene compose_scene(const Fashion& items, std::uint64_t seed, std::int64_t index);

/// Which pixels of a picture belong to the item: all that cannot be reached from outside over black ones.
std::vector<bool> silhouette(std::span<const std::uint8_t> picture);

}  // namespace tconv::train
