// Linear and BatchNorm2d.
#include <cmath>

#include "nn/seeds.h"
#include "tconv/factories.h"
#include "tconv/module.h"
#include "tensor/strided.h"

namespace tconv::nn {

Linear::Linear(std::int64_t in_features, std::int64_t out_features, bool has_bias)
    : plans_(autograd::make_convolution_plans()) {
    if (in_features < 1 || out_features < 1)
        strided::fail("a linear layer of " + std::to_string(in_features) + " to " + std::to_string(out_features) +
                      " features is not possible; both must be at least 1");
    const double bound = 1 / std::sqrt(static_cast<double>(in_features));
    const std::uint64_t seed = next_seed();
    weight.data = tconv::uniform({out_features, in_features}, seed, -bound, bound);
    if (has_bias) bias = Parameter{tconv::uniform({out_features}, mix(seed), -bound, bound)};
}

autograd::Variable Linear::operator()(const autograd::Variable& x) {
    if (!bias) return autograd::linear(x, weight.variable(), nullptr, plans_);
    const autograd::Variable b = bias->variable();
    return autograd::linear(x, weight.variable(), &b, plans_);
}

Parts Linear::parts() {
    Parts parts{.parameters = {{"weight", &weight}}};
    if (bias) parts.parameters.emplace_back("bias", &*bias);
    return parts;
}

BatchNorm2d::BatchNorm2d(std::int64_t channels, double epsilon, double momentum)
    : num_batches_tracked(zeros({}, DType::f64)), epsilon_(epsilon), momentum_(momentum) {
    if (channels < 1)
        strided::fail("batch normalisation of " + std::to_string(channels) +
                      " channels is not possible; use at least 1");
    weight.data = ones({channels});
    bias.data = zeros({channels});
    running_mean = zeros({channels});
    running_var = ones({channels});
}

autograd::Variable BatchNorm2d::operator()(const autograd::Variable& x) {
    if (is_training()) num_batches_tracked.fill(num_batches_tracked.item() + 1);
    return autograd::batch_norm(x, weight.variable(), bias.variable(),
                                {.running_mean = running_mean,
                                 .running_variance = running_var,
                                 .is_training = is_training(),
                                 .momentum = momentum_,
                                 .epsilon = epsilon_});
}

Parts BatchNorm2d::parts() {
    return {.parameters = {{"weight", &weight}, {"bias", &bias}},
            .buffers = {{"running_mean", &running_mean},
                        {"running_var", &running_var},
                        {"num_batches_tracked", &num_batches_tracked}}};
}

}  // namespace tconv::nn
