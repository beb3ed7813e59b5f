// The measures, on inputs whose measure is known.
#include "train/measures.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "train/assets.h"
#include "train/segmentation.h"
#include "train/sheet.h"

namespace tconv::train {
namespace {

// Features N(mean, deviation^2) in every direction.
Seen normal_features(std::int64_t count, std::uint64_t seed, double mean, double deviation) {
    Seen seen;
    const Tensor values = normal({count, Classifier::kFeatures}, seed, mean, deviation, DType::f64);
    const auto all = values.as<double>();
    seen.features.assign(all.begin(), all.end());
    seen.classes.assign(static_cast<std::size_t>(count), 0);
    return seen;
}

TEST(FrechetDistance, IsZeroBetweenEqualSets) {
    const Seen a = normal_features(500, 1, 0, 1);
    EXPECT_NEAR(frechet_distance(a, a), 0, 1e-9);
}

// Of normal distributions with one variance in every direction: d (m1 - m2)^2 + d (s1 - s2)^2.
TEST(FrechetDistance, IsThatOfNormalDistributions) {
    const Seen a = normal_features(20'000, 1, 0, 1), b = normal_features(20'000, 2, 0.5, 3);
    const double expected = 64 * (0.25 + 4);
    EXPECT_NEAR(frechet_distance(a, b), expected, 0.02 * expected);
    EXPECT_NEAR(frechet_distance(a, b), frechet_distance(b, a), 1e-6);
}

TEST(ClassBalance, IsTheEntropyOfTheShares) {
    Seen seen;
    for (int i = 0; i < 100; ++i) seen.classes.push_back(static_cast<std::uint8_t>(i % 10));
    EXPECT_NEAR(class_balance(seen), 1, 1e-12);
    seen.classes.assign(50, 3);
    EXPECT_EQ(class_balance(seen), 0);
    seen.classes.insert(seen.classes.end(), 50, 4);
    EXPECT_NEAR(class_balance(seen), std::log10(2), 1e-12);
}

TEST(MeanPicture, HasThePatternThatIsInIt) {
    Tensor pictures = zeros({3, 1, 32, 32});
    for (std::int64_t row = 0; row < 32; row += 2)
        for (std::int64_t column = 0; column < 32; column += 2) pictures(1, 0, row, column) = 0.3;
    MeanPicture mean;
    mean.add(pictures);
    EXPECT_NEAR(mean.pattern(2).value(), 0.1 * 127.5, 1e-5) << "one of three pictures";
    EXPECT_NEAR(mean.pattern(3).value(), 0, 0.1 * 127.5 / 3) << "spread over phases";
    EXPECT_FALSE(mean.pattern(0));
    MeanPicture flat;
    flat.add(full({2, 1, 32, 32}, 0.5));
    EXPECT_NEAR(flat.pattern(2).value(), 0, 1e-9);
}

TEST(Classifier, ThatShipsKnowsTheHeldOutPictures) {
    auto classifier = shipped_classifier();
    ASSERT_TRUE(classifier) << classifier.error().message;
    const auto held_out = read_fashion(std::string(kFashionFolder), Part::held_out, 1000);
    ASSERT_TRUE(held_out) << held_out.error().message;
    EXPECT_GT(accuracy(*classifier, *held_out), 0.88);
    const Seen seen = look_at_all(*classifier, *held_out);
    EXPECT_EQ(seen.count(), 1000);
    EXPECT_EQ(seen.features.size(), 1000u * Classifier::kFeatures);
    EXPECT_GT(class_balance(seen), 0.98);
}

TEST(Confusion, CountsAccuracyAndOverlap) {
    Confusion confusion;
    const std::int32_t truth[] = {0, 0, 0, 1, 1, 2};
    const std::uint8_t answers[] = {0, 0, 1, 1, 1, 1};
    confusion.add(truth, answers);
    EXPECT_NEAR(confusion.pixel_accuracy(), 4. / 6, 1e-12);
    EXPECT_NEAR(confusion.mean_iou(), (2. / 3 + 2. / 4 + 0) / 3, 1e-12) << "classes that never occur do not count";
    EXPECT_EQ(Confusion().mean_iou(), 0);
}

TEST(Sheet, PutsPicturesIntoRows) {
    Tensor pictures = full({3, 1, 2, 2}, -1);
    pictures(2, 0, 1, 0) = 1;
    const io::Image sheet = picture_sheet(pictures, 2, 3);
    EXPECT_EQ(sheet.height, 2 * (2 * 3 + 2) + 2);
    EXPECT_EQ(sheet.width, 2 * (2 * 3 + 2) + 2);
    EXPECT_EQ(sheet.at(0, 0), 255) << "the gap";
    EXPECT_EQ(sheet.at(2, 2), 0) << "the first picture";
    EXPECT_EQ(sheet.at(8 + 2 + 3, 2), 255) << "the third one's second row";
    EXPECT_EQ(sheet.at(8 + 2 + 3, 2 + 3), 0);
    EXPECT_EQ(sheet.at(8 + 2, 8 + 2), 255) << "there is no fourth";
}

TEST(Sheet, ColorsClasses) {
    const SceneBatch batch{zeros({1, 3, 64, 64}), autograd::Labels(64 * 64, 4)};
    const std::vector<std::uint8_t> answers[] = {std::vector<std::uint8_t>(64 * 64, 7)};
    const io::Image sheet = scene_sheet(batch, answers, 1);
    EXPECT_EQ(sheet.width, 3 * 66 + 2);
    for (std::int64_t channel = 0; channel < 3; ++channel) {
        EXPECT_EQ(sheet.at(10, 10, channel), 128);
        EXPECT_EQ(sheet.at(10, 76, channel), class_color(4)[static_cast<std::size_t>(channel)]);
        EXPECT_EQ(sheet.at(10, 142, channel), class_color(7)[static_cast<std::size_t>(channel)]);
    }
}

}  // namespace
}  // namespace tconv::train
