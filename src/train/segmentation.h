// Training of the FCN on scenes.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "tconv/optimisers.h"
#include "train/networks.h"
#include "train/scenes.h"

namespace tconv::train {

/// Scenes as a network takes them.
struct SceneBatch {
    Tensor pixels;            ///< (N, 3, 64, 64), from -1 to 1
    autograd::Labels labels;  ///< N * 64 * 64
};
SceneBatch scene_batch(const Fashion& items, std::uint64_t seed, std::span<const std::int64_t> indices,
                       DType dtype = DType::f32);

/// The network with its optimiser: gradient descent with momentum 0.9.
class Segmentation {
public:
    Segmentation(std::uint64_t seed, Head head, std::int64_t width = 16);

    /// One step of gradient descent; the loss that it found before.
    double step(const SceneBatch& batch, double learning_rate);
    /// The class of every pixel, by the running statistics.
    std::vector<std::uint8_t> predict(const Tensor& pixels);

    /// f64 for comparisons; before the first step.
    void to(DType dtype);

    Fcn network;
    nn::Sgd sgd;
};

/// How often pixels of one class were taken for another: counts[truth][answer].
struct Confusion {
    std::array<std::array<std::int64_t, kSceneClasses>, kSceneClasses> counts{};

    void add(std::span<const std::int32_t> truth, std::span<const std::uint8_t> answers);
    /// The share of pixels that were right.
    double pixel_accuracy() const;
    /// Per class, pixels that are in both the truth and the answer by those that are in either; the mean of the classes
    /// that occur.
    double mean_iou() const;
};

}  // namespace tconv::train
