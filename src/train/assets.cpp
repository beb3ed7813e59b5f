#include "train/assets.h"

#include <cstddef>
#include <span>

#include "tconv/io.h"

namespace tconv::assets {
extern const unsigned char kClassifierWeights[];
extern const unsigned long kClassifierWeightsSize;
extern const unsigned char kGeneratorWeights[];
extern const unsigned long kGeneratorWeightsSize;
}  // namespace tconv::assets

namespace tconv::train {
namespace {

Result<void> load(nn::Module& module, const unsigned char* bytes, unsigned long size) {
    const auto weights = io::decode_safetensors(std::as_bytes(std::span(bytes, size)));
    if (!weights) return weights.error();
    if (auto ok = module.load_state_dict(weights->named()); !ok) return ok.error();
    module.eval();
    return {};
}

}  // namespace

Result<Classifier> shipped_classifier() {
    Classifier classifier;
    if (auto ok = load(classifier, assets::kClassifierWeights, assets::kClassifierWeightsSize); !ok) return ok.error();
    return classifier;
}

Result<Generator> shipped_generator() {
    Generator generator;
    if (auto ok = load(generator, assets::kGeneratorWeights, assets::kGeneratorWeightsSize); !ok) return ok.error();
    return generator;
}

}  // namespace tconv::train
