// Both trainings over hundreds of steps, on narrow networks and few pictures: losses fall, the measures pass floors,
// and one and two threads end with the same bits.
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "tconv/arithmetic.h"
#include "train/assets.h"
#include "train/dcgan.h"
#include "train/measures.h"
#include "train/random.h"
#include "train/segmentation.h"

namespace tconv::train {
namespace {

constexpr std::int64_t kPictures = 512, kHeldOut = 256, kPerStep = 16;

Fashion pictures(Part part, std::int64_t count) {
    return read_fashion(std::string(kFashionFolder), part, count).value();
}

// Step `number`'s indices of pictures or scenes.
std::vector<std::int64_t> indices_of(int number, std::int64_t count) {
    std::vector<std::int64_t> indices(static_cast<std::size_t>(count));
    std::iota(indices.begin(), indices.end(), number * count % kPictures);
    return indices;
}

// The sum of the first and of the last tenth of the steps.
struct Fall {
    double first = 0, last = 0;
    void add(int step, int steps, double loss) {
        if (step < steps / 10) first += loss;
        if (step >= steps - steps / 10) last += loss;
    }
};

void expect_same(nn::Module& a, nn::Module& b) {
    const nn::StateDict first = a.state_dict(), second = b.state_dict();
    for (std::size_t i = 0; i < first.size(); ++i)
        EXPECT_TRUE(array_equal(first[i].second, second[i].second)) << first[i].first;
}

TEST(Hundreds, OfStepsOfDcganMakeClothes) {
    constexpr int kSteps = 300;
    const Fashion data = pictures(Part::train, kPictures);
    Classifier classifier = shipped_classifier().value();
    const Seen real = look_at_all(classifier, pictures(Part::held_out, kHeldOut));
    const auto look = [&](Dcgan& dcgan) {
        Seen seen;
        look_at(classifier, dcgan.generate(noise(kHeldOut, 5)), seen);
        return seen;
    };
    Dcgan one(1, Doubling::k4s2, 8), two(1, Doubling::k4s2, 8);
    const double before = frechet_distance(look(one), real);
    Fall discriminator;
    for (int threads = 1; threads <= 2; ++threads) {
        const autograd::Threads scope(threads);
        for (int step = 0; step < kSteps; ++step) {
            const DcganLosses losses =
                (threads == 1 ? one : two)
                    .step(padded_pictures(data, indices_of(step, kPerStep)), noise(kPerStep, seed_of(1, kNoise, step)));
            if (threads == 1) discriminator.add(step, kSteps, losses.discriminator);
        }
    }
    EXPECT_LT(discriminator.last, 0.8 * discriminator.first);
    const Seen seen = look(one);
    EXPECT_LT(frechet_distance(seen, real), 0.5 * before);
    EXPECT_GT(class_balance(seen), 0.3);
    expect_same(one.generator, two.generator);
    expect_same(one.discriminator, two.discriminator);
}

TEST(Hundreds, OfStepsOfTheFcnFindClothes) {
    constexpr int kSteps = 200;
    constexpr std::int64_t kScenes = 8;
    const Fashion data = pictures(Part::train, kPictures), held_out = pictures(Part::held_out, kHeldOut);
    Segmentation one(1, Head::learned, 4), two(1, Head::learned, 4);
    Fall loss;
    for (int threads = 1; threads <= 2; ++threads) {
        const autograd::Threads scope(threads);
        for (int step = 0; step < kSteps; ++step) {
            const double found = (threads == 1 ? one : two).step(scene_batch(data, 1, indices_of(step, kScenes)), 0.05);
            if (threads == 1) loss.add(step, kSteps, found);
        }
    }
    EXPECT_LT(loss.last, 0.6 * loss.first);
    Confusion confusion;
    const SceneBatch unseen = scene_batch(held_out, 2, indices_of(0, 32));
    confusion.add(unseen.labels, one.predict(unseen.pixels));
    EXPECT_GT(confusion.pixel_accuracy(), 0.6);
    EXPECT_GT(confusion.mean_iou(), 0.1);
    expect_same(one.network, two.network);
}

}  // namespace
}  // namespace tconv::train
