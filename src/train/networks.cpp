#include "train/networks.h"

#include <cmath>
#include <string>

#include "tconv/factories.h"
#include "train/random.h"

namespace tconv::train {
namespace {

// (N, in, n, n) to (N, out, 2n, 2n).
nn::ConvTranspose2d doubling_layer(std::int64_t in, std::int64_t out, Doubling doubling) {
    if (doubling == Doubling::k4s2) return {in, out, 4, {.stride = 2, .padding = 1, .bias = false}};
    return {in, out, 3, {.stride = 2, .padding = 1, .output_padding = 1, .bias = false}};
}

nn::Conv2d halving_layer(std::int64_t in, std::int64_t out) {
    return {in, out, 4, {.stride = 2, .padding = 1, .bias = false}};
}

// A convolution that keeps the size, batch normalisation and ReLU.
void add_stage(nn::Sequential& network, std::int64_t in, std::int64_t out) {
    network.add(nn::Conv2d(in, out, 3, {.padding = 1, .bias = false}));
    network.add(nn::BatchNorm2d(out));
    network.add(nn::ReLU());
}

nn::ConvTranspose2d enlarging_layer(std::int64_t classes, std::int64_t factor, Head head) {
    nn::ConvTranspose2d layer(
        classes, classes, 2 * factor,
        {.stride = factor, .padding = factor / 2, .groups = head == Head::fixed ? classes : 1, .bias = false});
    layer.initialize(nn::bilinear());
    layer.weight.requires_grad = head == Head::learned;
    return layer;
}

}  // namespace

autograd::Variable in_quick_order(const autograd::Variable& x) {
    constexpr std::int64_t kVector = 16;
    return x.shape(0) < kVector ? x : autograd::batch_last(x);
}

autograd::Variable Network::operator()(const autograd::Variable& x) {
    return autograd::batch_first(main(in_quick_order(x)));
}

Generator::Generator(std::int64_t width, Doubling doubling) {
    main.add(nn::ConvTranspose2d(kNoiseSize, 4 * width, 4, {.bias = false}));  // 1 x 1 to 4 x 4
    for (const std::int64_t out : {2 * width, width}) {
        main.add(nn::BatchNorm2d(2 * out));
        main.add(nn::ReLU());
        main.add(doubling_layer(2 * out, out, doubling));
    }
    main.add(nn::BatchNorm2d(width));
    main.add(nn::ReLU());
    main.add(doubling_layer(width, 1, doubling));
    main.add(nn::Tanh());
}

Discriminator::Discriminator(std::int64_t width) {
    main.add(halving_layer(1, width));
    main.add(nn::LeakyReLU(0.2));
    for (const std::int64_t out : {2 * width, 4 * width}) {
        main.add(halving_layer(out / 2, out));
        main.add(nn::BatchNorm2d(out));
        main.add(nn::LeakyReLU(0.2));
    }
    main.add(nn::Conv2d(4 * width, 1, 4, {.bias = false}));  // 4 x 4 to 1 x 1
}

void initialise_dcgan(nn::Module& network, std::uint64_t seed) {
    std::uint64_t number = 0;
    for (const auto& [name, parameter] : network.named_parameters()) {
        const Tensor& data = parameter->data;
        const bool is_norm = data.rank() == 1;
        if (name.ends_with(".bias"))
            data.fill(0);
        else
            data.assign(normal(data.shape(), seed_of(seed, kWeights, number), is_norm ? 1 : 0, 0.02, data.dtype()));
        ++number;
    }
}

Fcn::Fcn(std::int64_t classes, Head head, std::int64_t width)
    : score(4 * width, classes, 1),
      score_deeper(8 * width, classes, 1),
      twice(enlarging_layer(classes, 2, head)),
      large(enlarging_layer(classes, 4, head)) {
    add_stage(features, 3, width);
    features.add(nn::MaxPool2d(2));
    add_stage(features, width, 2 * width);
    features.add(nn::MaxPool2d(2));
    add_stage(features, 2 * width, 4 * width);
    deeper.add(nn::MaxPool2d(2));
    add_stage(deeper, 4 * width, 8 * width);
    add_stage(deeper, 8 * width, 8 * width);
}

autograd::Variable Fcn::operator()(const autograd::Variable& x) {
    constexpr std::size_t kSmallMaps = 8;  // behind the second halving: 16 x 16 and less
    autograd::Variable quarter = x;
    for (std::size_t i = 0; i < features.size(); ++i)
        quarter = features[i](i == kSmallMaps ? in_quick_order(quarter) : quarter);
    const autograd::Variable eighth = deeper(quarter);
    return large(autograd::batch_first(autograd::add(score(quarter), twice(score_deeper(eighth)))));
}

nn::Parts Fcn::parts() {
    return {.children = {{"features", &features},
                         {"deeper", &deeper},
                         {"score", &score},
                         {"score_deeper", &score_deeper},
                         {"twice", &twice},
                         {"large", &large}}};
}

Classifier::Classifier(std::uint64_t seed) : last(kFeatures, 10) {
    nn::manual_seed(seed_of(seed, kWeights));
    std::int64_t in = 1;
    for (const std::int64_t out : {16, 32, 64}) {
        add_stage(features, in, out);
        features.add(nn::AvgPool2d(2));
        in = out;
    }
    features.add(nn::Flatten());
    features.add(nn::Linear(64 * 4 * 4, kFeatures));
    features.add(nn::ReLU());
    nn::kaiming_uniform(std::sqrt(5.0))(last.weight.data, {.seed = nn::next_seed()});  // made before the seed was set
    last.bias->data.fill(0);
    for (const auto& [name, parameter] : features.named_parameters())
        if (parameter->data.rank() == 4) nn::kaiming_normal()(parameter->data, {.seed = nn::next_seed()});
}

}  // namespace tconv::train
