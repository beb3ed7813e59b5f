// The networks that the seed documents end in, and the classifier that measures them.
#pragma once

#include <cstdint>

#include "tconv/nn.h"

namespace tconv::train {

inline constexpr std::int64_t kNoiseSize = 100;  ///< numbers that a picture is generated from

/// The transposed convolutions that double the size: k4 s2 p1, or k3 s2 p1 op1, whose overlap is uneven.
enum class Doubling { k4s2, k3s2 };

/// Batch last where there are samples enough to fill vectors with.
autograd::Variable in_quick_order(const autograd::Variable& x);

/// A module whose layers are named "main.0", "main.1", ... as in PyTorch's tutorials.
class Network : public nn::Module {
public:
    autograd::Variable operator()(const autograd::Variable& x) override;
    nn::Parts parts() override { return {.children = {{"main", &main}}}; }

    nn::Sequential main;

protected:
    Network() = default;
};

/// DCGAN's generator for 32 x 32 pictures: (N, 100, 1, 1) to (N, 1, 32, 32), from -1 to 1. Transposed convolutions with
/// batch normalisation and ReLU between them, tanh at the end; `width` channels before the last.
/// (Radford, Metz, Chintala 2016; pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html)
struct Generator : Network {
    explicit Generator(std::int64_t width = 64, Doubling doubling = Doubling::k4s2);
};

/// Its discriminator: (N, 1, 32, 32) to (N, 1, 1, 1), the logarithm of the odds that a picture is real.
struct Discriminator : Network {
    explicit Discriminator(std::int64_t width = 64);
};

/// The tutorial's: weights of convolutions N(0, 0.02), of batch normalisation N(1, 0.02), its biases 0.
void initialise_dcgan(nn::Module& network, std::uint64_t seed);

/// What a network for segmentation enlarges its scores with.
enum class Head {
    learned,  ///< transposed convolutions, bilinear at first, then trained
    fixed,    ///< the same, of one channel each, never trained
};

/// A fully convolutional network (Long, Shelhamer, Darrell 2015): (N, 3, 64, 64) to scores (N, classes, 64, 64). Four
/// stages of convolutions, each but the first behind a halving; scores at 1/8 are doubled and added to scores at 1/4,
/// and the sum is enlarged four times. Both enlargements have k = 2s, p = s/2.
class Fcn : public nn::Module {
public:
    explicit Fcn(std::int64_t classes, Head head = Head::learned, std::int64_t width = 16);

    autograd::Variable operator()(const autograd::Variable& x) override;
    nn::Parts parts() override;

    nn::Sequential features;           ///< to 1/4 of the size
    nn::Sequential deeper;             ///< from there to 1/8
    nn::Conv2d score, score_deeper;    ///< 1 x 1
    nn::ConvTranspose2d twice, large;  ///< by 2 and by 4
};

/// A small classifier of padded pictures: (N, 1, 32, 32) to (N, 10). features() is what its last layer sees.
class Classifier : public nn::Module {
public:
    static constexpr std::int64_t kFeatures = 64;

    explicit Classifier(std::uint64_t seed = 0);

    autograd::Variable operator()(const autograd::Variable& x) override { return last(features(in_quick_order(x))); }
    nn::Parts parts() override { return {.children = {{"features", &features}, {"last", &last}}}; }

    nn::Sequential features;  ///< (N, 1, 32, 32) to (N, 64)
    nn::Linear last;          ///< (N, 64) to (N, 10)
};

}  // namespace tconv::train
