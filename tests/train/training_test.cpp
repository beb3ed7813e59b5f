// Both trainings, on narrow networks: shapes and names, losses that fall, the same bits for any number of threads, and
// checkpoints from which a training goes on with the bits that it would have had.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "io/temporary_folder.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "train/assets.h"
#include "train/checkpoint.h"
#include "train/dcgan.h"
#include "train/random.h"
#include "train/segmentation.h"

namespace tconv::train {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kBatch = 8, kWidth = 4;

Fashion some_pictures() { return read_fashion(std::string(kFashionFolder), Part::train, 256).value(); }

std::vector<std::int64_t> range(std::int64_t begin, std::int64_t count) {
    std::vector<std::int64_t> indices(static_cast<std::size_t>(count));
    std::iota(indices.begin(), indices.end(), begin);
    return indices;
}

struct SmallDcgan {
    explicit SmallDcgan(std::uint64_t seed = 1, std::int64_t width = kWidth) : dcgan(seed, Doubling::k4s2, width) {}

    DcganLosses step(std::int64_t number) {
        return dcgan.step(padded_pictures(data, range(number * kBatch % 128, kBatch)),
                          noise(kBatch, seed_of(1, kNoise, number)));
    }
    Kept kept() {
        return {{{"generator", &dcgan.generator}, {"discriminator", &dcgan.discriminator}},
                {{"generator_adam", &dcgan.generator_adam}, {"discriminator_adam", &dcgan.discriminator_adam}}};
    }

    Fashion data = some_pictures();
    Dcgan dcgan;
};

struct SmallSegmentation {
    explicit SmallSegmentation(Head head = Head::learned) : trained(1, head, kWidth) {}

    double step(std::int64_t number) {
        return trained.step(scene_batch(data, 1, range(number * kBatch % 64, kBatch)), 0.05);
    }

    Fashion data = some_pictures();
    Segmentation trained;
};

bool have_equal_state(nn::Module& a, nn::Module& b) {
    const nn::StateDict first = a.state_dict(), second = b.state_dict();
    return std::equal(first.begin(), first.end(), second.begin(), second.end(), [](const auto& x, const auto& y) {
        return x.first == y.first && array_equal(x.second, y.second);
    });
}

TEST(Networks, HaveTheTutorialsShapesAndNames) {
    Generator generator;
    Discriminator discriminator;
    const Tensor pictures = generator(noise(2, 1)).data();
    EXPECT_EQ(pictures.shape(), (Shape{2, 1, 32, 32}));
    EXPECT_EQ(discriminator(pictures).shape(), (Shape{2, 1, 1, 1}));
    EXPECT_EQ(Generator(8, Doubling::k3s2)(noise(1, 1)).shape(), (Shape{1, 1, 32, 32}));
    const auto parameters = generator.named_parameters();
    EXPECT_EQ(parameters.front().first, "main.0.weight");
    EXPECT_EQ(parameters.front().second->data.shape(), (Shape{100, 256, 4, 4}));
    EXPECT_EQ(parameters.back().first, "main.9.weight");
    initialise_dcgan(generator, 1);
    const Tensor& weights = parameters.front().second->data;
    EXPECT_NEAR(sum(weights * weights).item() / static_cast<double>(weights.elements()), 0.02 * 0.02, 1e-5);
}

// Transposed convolutions that begin as bilinear interpolation compute what fixed ones compute.
TEST(Networks, BeginWithTheHeadThatIsFixed) {
    SmallSegmentation learned(Head::learned), fixed(Head::fixed);
    const Tensor x = normal({1, 3, 64, 64}, 3);
    EXPECT_TRUE(allclose(learned.trained.network(x).data(), fixed.trained.network(x).data(), 1e-5, 1e-6));
    EXPECT_EQ(learned.trained.network(x).shape(), (Shape{1, kSceneClasses, 64, 64}));
    learned.step(0), fixed.step(0);
    EXPECT_FALSE(array_equal(learned.trained.network.large.weight.data,
                             SmallSegmentation(Head::learned).trained.network.large.weight.data));
    EXPECT_TRUE(array_equal(fixed.trained.network.large.weight.data,
                            SmallSegmentation(Head::fixed).trained.network.large.weight.data));
}

TEST(Training, OfDcganMakesTheLossesFall) {
    SmallDcgan training(1, 16);
    double first = 0, last = 0;
    for (int step = 0; step < 60; ++step) {
        const double loss = training.step(step).discriminator;
        (step < 10 ? first : last) += step < 10 || step >= 50 ? loss : 0;
    }
    EXPECT_LT(last, 0.7 * first);
}

TEST(Training, OfTheFcnMakesTheLossFall) {
    SmallSegmentation training;
    double first = 0, last = 0;
    for (int step = 0; step < 40; ++step) {
        const double loss = training.step(step);
        (step < 5 ? first : last) += step < 5 || step >= 35 ? loss : 0;
    }
    EXPECT_LT(last, 0.6 * first);
}

TEST(Training, HasTheSameBitsForAnyNumberOfThreads) {
    SmallDcgan one, two;
    SmallSegmentation first, second;
    for (int step = 0; step < 3; ++step) {
        double losses[2][3];
        for (int threads = 1; threads <= 2; ++threads) {
            const autograd::Threads scope(threads);
            const DcganLosses found = (threads == 1 ? one : two).step(step);
            losses[threads - 1][0] = found.discriminator;
            losses[threads - 1][1] = found.generator;
            losses[threads - 1][2] = (threads == 1 ? first : second).step(step);
        }
        for (int i = 0; i < 3; ++i) ASSERT_EQ(losses[0][i], losses[1][i]) << "step " << step << ", loss " << i;
    }
    EXPECT_TRUE(have_equal_state(one.dcgan.generator, two.dcgan.generator));
    EXPECT_TRUE(have_equal_state(one.dcgan.discriminator, two.dcgan.discriminator));
    EXPECT_TRUE(have_equal_state(first.trained.network, second.trained.network));
}

TEST(Training, DependsOnItsSeed) {
    SmallDcgan one(1), other(2);
    EXPECT_FALSE(have_equal_state(one.dcgan.generator, other.dcgan.generator));
}

TEST(Checkpoint, GoesOnWithTheSameBits) {
    const io_test::TemporaryFolder folder;
    const Settings settings{{"seed", "1"}};
    SmallDcgan whole, before, after(99);
    std::vector<double> losses;
    for (int step = 0; step < 6; ++step) losses.push_back(whole.step(step).generator);
    for (int step = 0; step < 3; ++step) before.step(step);
    const Position position{2, 3, {0.1, -1e300}, {{1.0 / 3, 2}, {3, 4}}};
    ASSERT_TRUE(save_checkpoint(folder / "c", settings, position, before.kept()));
    const auto read = load_checkpoint(folder / "c", settings, after.kept());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->epoch, 2);
    EXPECT_EQ(read->step, 3);
    EXPECT_EQ(read->sums, position.sums);
    EXPECT_EQ(read->history, position.history);
    for (int step = 3; step < 6; ++step) ASSERT_EQ(after.step(step).generator, losses[static_cast<std::size_t>(step)]);
    EXPECT_TRUE(have_equal_state(after.dcgan.generator, whole.dcgan.generator));
    EXPECT_TRUE(have_equal_state(after.dcgan.discriminator, whole.dcgan.discriminator));
}

TEST(Checkpoint, RefusesAnotherTraining) {
    const io_test::TemporaryFolder folder;
    SmallDcgan training;
    ASSERT_TRUE(save_checkpoint(folder / "c", {{"seed", "1"}}, {}, training.kept()));
    const auto refusal = [&](const std::string& file, const Settings& settings, const Kept& kept) {
        const auto read = load_checkpoint(folder / file, settings, kept);
        return read ? std::string() : read.error().message;
    };
    EXPECT_THAT(refusal("c", {{"seed", "2"}}, training.kept()), HasSubstr("seed 1, and this call says 2"));
    EXPECT_THAT(refusal("c", {{"batch", "2"}}, training.kept()), HasSubstr("does not say its batch"));
    EXPECT_THAT(refusal("none", {}, training.kept()), HasSubstr("check the name"));
    SmallDcgan wider(1, 8);
    EXPECT_THAT(refusal("c", {}, wider.kept()), HasSubstr("does not fit generator"));
    ASSERT_TRUE(io::write_safetensors(folder / "other", {}));
    EXPECT_THAT(refusal("other", {}, training.kept()), HasSubstr("no checkpoint of tconv train"));
}

// Every damage is noticed, or changes numbers only.
TEST(Checkpoint, SurvivesTruncation) {
    const io_test::TemporaryFolder folder;
    SmallDcgan training;
    ASSERT_TRUE(save_checkpoint(folder / "c", {}, {}, training.kept()));
    const auto bytes = io::read_file(folder / "c").value();
    for (std::size_t length = 0; length < bytes.size(); length += bytes.size() / 50) {
        ASSERT_TRUE(io::write_file(folder / "cut", std::span(bytes).first(length)));
        EXPECT_FALSE(load_checkpoint(folder / "cut", {}, training.kept()));
    }
}

TEST(Generator, ThatShipsMakesPictures) {
    auto generator = shipped_generator();
    ASSERT_TRUE(generator) << generator.error().message;
    const autograd::NoGrad no_grad;
    const Tensor pictures = (*generator)(noise(16, 1)).data();
    // Clothes on black: dark borders, something in the middle, none like another.
    EXPECT_LT(sum(pictures(Slice(), Slice(), 0)).item() / (16 * 32), -0.95);
    EXPECT_GT(sum(pictures(Slice(), Slice(), 16, Slice(12, 20))).item() / (16 * 8), -0.5);
    EXPECT_FALSE(allclose(pictures(0), pictures(1), 0.1, 0.1));
}

}  // namespace
}  // namespace tconv::train
