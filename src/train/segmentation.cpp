#include "train/segmentation.h"

#include <algorithm>

#include "autograd/memory.h"
#include "autograd/parallel.h"
#include "train/random.h"

namespace tconv::train {
namespace {

constexpr double kMomentum = 0.9;

// Layers draw their weights from the program's sequence; this one begins at the training's seed.
Fcn make_network(std::uint64_t seed, Head head, std::int64_t width) {
    nn::manual_seed(seed_of(seed, kWeights));
    Fcn network(kSceneClasses, head, width);
    for (const auto& [name, parameter] : network.named_parameters())
        if (parameter->data.rank() == 4 && !name.starts_with("twice") && !name.starts_with("large"))
            nn::kaiming_normal()(parameter->data, {.seed = nn::next_seed()});
    return network;
}

std::vector<nn::Parameter*> trained(Fcn& network) {
    std::vector<nn::Parameter*> list;
    for (nn::Parameter* parameter : network.parameters())
        if (parameter->requires_grad) list.push_back(parameter);
    return list;
}

}  // namespace

SceneBatch scene_batch(const Fashion& items, std::uint64_t seed, std::span<const std::int64_t> indices, DType dtype) {
    constexpr std::int64_t kPlane = kSceneSize * kSceneSize;
    const auto count = static_cast<std::int64_t>(indices.size());
    SceneBatch batch{autograd::empty({count, 3, kSceneSize, kSceneSize}, dtype),
                     autograd::Labels(static_cast<std::size_t>(count * kPlane))};
    autograd::with_type(dtype, [&](auto zero) {
        using T = decltype(zero);
        T* const pixels = autograd::elements<T>(batch.pixels);
        autograd::for_each_part(count, count * kPlane, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t n = begin; n < end; ++n) {
                const Scene scene = compose_scene(items, seed, indices[static_cast<std::size_t>(n)]);
                std::transform(scene.pixels.begin(), scene.pixels.end(), pixels + n * 3 * kPlane,
                               [](float pixel) { return T(2) * static_cast<T>(pixel) - T(1); });
                std::copy(scene.labels.begin(), scene.labels.end(), batch.labels.begin() + n * kPlane);
            }
        });
    });
    return batch;
}

Segmentation::Segmentation(std::uint64_t seed, Head head, std::int64_t width)
    : network(make_network(seed, head, width)), sgd(trained(network), {.learning_rate = 0, .momentum = kMomentum}) {}

void Segmentation::to(DType dtype) {
    network.to(dtype);
    sgd = nn::Sgd(trained(network), {.learning_rate = 0, .momentum = kMomentum});
}

double Segmentation::step(const SceneBatch& batch, double learning_rate) {
    sgd.set_learning_rate(learning_rate);
    sgd.zero_grad();
    const autograd::Variable loss = autograd::cross_entropy(network(batch.pixels), batch.labels);
    loss.backward();
    sgd.step();
    return loss.item();
}

std::vector<std::uint8_t> Segmentation::predict(const Tensor& pixels) {
    const autograd::NoGrad no_grad;
    network.eval();
    const Tensor scores = network(pixels).data();
    network.train();
    const std::int64_t plane = scores.shape(2) * scores.shape(3), classes = scores.shape(1);
    std::vector<std::uint8_t> answers(static_cast<std::size_t>(scores.shape(0) * plane));
    autograd::with_type(scores.dtype(), [&](auto zero) {
        using T = decltype(zero);
        const T* value = autograd::elements<T>(scores);
        for (std::int64_t n = 0; n < scores.shape(0); ++n)
            for (std::int64_t at = 0; at < plane; ++at) {
                std::int64_t best = 0;
                for (std::int64_t c = 1; c < classes; ++c)
                    if (value[(n * classes + c) * plane + at] > value[(n * classes + best) * plane + at]) best = c;
                answers[static_cast<std::size_t>(n * plane + at)] = static_cast<std::uint8_t>(best);
            }
    });
    return answers;
}

void Confusion::add(std::span<const std::int32_t> truth, std::span<const std::uint8_t> answers) {
    for (std::size_t i = 0; i < truth.size(); ++i) ++counts[static_cast<std::size_t>(truth[i])][answers[i]];
}

double Confusion::pixel_accuracy() const {
    std::int64_t right = 0, all = 0;
    for (std::size_t truth = 0; truth < counts.size(); ++truth)
        for (std::size_t answer = 0; answer < counts.size(); ++answer) {
            all += counts[truth][answer];
            right += truth == answer ? counts[truth][answer] : 0;
        }
    return all == 0 ? 0 : static_cast<double>(right) / static_cast<double>(all);
}

double Confusion::mean_iou() const {
    double total = 0;
    int classes = 0;
    for (std::size_t c = 0; c < counts.size(); ++c) {
        std::int64_t either = -counts[c][c];
        for (std::size_t other = 0; other < counts.size(); ++other) either += counts[c][other] + counts[other][c];
        if (either == 0) continue;
        total += static_cast<double>(counts[c][c]) / static_cast<double>(either);
        ++classes;
    }
    return classes == 0 ? 0 : total / classes;
}

}  // namespace tconv::train
