// Training of DCGAN, as PyTorch's tutorial does it: per batch one step of the discriminator on real and on generated
// pictures, then one of the generator towards what the discriminator takes for real.
#pragma once

#include <cstdint>

#include "tconv/optimisers.h"
#include "train/networks.h"

namespace tconv::train {

/// What one step found, before it changed the networks.
struct DcganLosses {
    double discriminator = 0;  ///< on real and on generated pictures, added
    double generator = 0;
};

/// The tutorial's optimiser.
inline constexpr nn::Adam::Options kDcganAdam{.learning_rate = 2e-4, .beta1 = 0.5};

/// Both networks with their optimisers.
class Dcgan {
public:
    /// Networks with the tutorial's random weights.
    Dcgan(std::uint64_t seed, Doubling doubling, std::int64_t width = 64, nn::Adam::Options adam = kDcganAdam);

    /// One step: real (N, 1, 32, 32) and noise (N, 100, 1, 1), of the networks' type.
    DcganLosses step(const Tensor& real, const Tensor& noise);

    /// Pictures from noise, by the running statistics.
    Tensor generate(const Tensor& noise);

    /// f64 for comparisons; before the first step.
    void to(DType dtype);

    Generator generator;
    Discriminator discriminator;
    nn::Adam generator_adam, discriminator_adam;

private:
    nn::Adam::Options adam_;
};

/// N(0, 1), of shape (count, 100, 1, 1).
Tensor noise(std::int64_t count, std::uint64_t seed, DType dtype = DType::f32);

}  // namespace tconv::train
