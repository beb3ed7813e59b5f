// The pictures as they are read, the scenes composed of them, and the order in which they come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>

#include "io/temporary_folder.h"
#include "tconv/arithmetic.h"
#include "train/random.h"
#include "train/scenes.h"
#include "train/segmentation.h"

namespace tconv::train {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kFolder(kFashionFolder);

// A few pictures whose pixels are known, for tests that need none of the real ones.
Fashion made_up(std::int64_t count) {
    Fashion data;
    for (std::int64_t n = 0; n < count; ++n) {
        data.labels.push_back(static_cast<std::uint8_t>(n % kClasses));
        for (std::int64_t i = 0; i < kItemSize * kItemSize; ++i)
            data.pixels.push_back(static_cast<std::uint8_t>((i + 31 * n) % 256));
    }
    return data;
}

TEST(Fashion, IsReadFromDebiansFiles) {
    const auto data = read_fashion(kFolder, Part::held_out, 0);
    ASSERT_TRUE(data) << data.error().message;
    EXPECT_EQ(data->count(), 10'000);
    EXPECT_EQ(data->labels[0], 9) << "a boot";
    EXPECT_EQ(std::count(data->labels.begin(), data->labels.end(), 3), 1000) << "every class as often";
    const auto some = read_fashion(kFolder, Part::held_out, 7);
    EXPECT_EQ(some->count(), 7);
    EXPECT_TRUE(std::ranges::equal(some->picture(6), data->picture(6)));
    EXPECT_NE(fingerprint(*some), fingerprint(*data));
    EXPECT_EQ(fingerprint(*some), fingerprint(*read_fashion(kFolder, Part::held_out, 7)));
}

TEST(Fashion, SaysWhatToInstall) {
    const io_test::TemporaryFolder folder;
    EXPECT_THAT(
        read_fashion(folder.path(), Part::train, 0).error().message,
        AllOf(HasSubstr("train-images-idx3-ubyte.gz"), HasSubstr("dataset-fashion-mnist"), HasSubstr("--data")));
    // Files that are there but other ones.
    const auto idx = [](std::vector<int> sizes, std::size_t bytes, char value) {
        std::string file = {'\0', '\0', '\x08', static_cast<char>(sizes.size())};
        for (const int size : sizes) file += {'\0', '\0', '\0', static_cast<char>(size)};
        return file + std::string(bytes, value);
    };
    const auto write = [&](const std::string& name, const std::string& text) {
        std::ofstream(folder / name, std::ios::binary) << text;
    };
    write("train-labels-idx1-ubyte", idx({2}, 2, 1));
    write("train-images-idx3-ubyte", idx({2, 27, 28}, 2 * 27 * 28, 0));
    EXPECT_THAT(read_fashion(folder.path(), Part::train, 0).error().message, HasSubstr("(2, 27, 28)"));
    write("train-images-idx3-ubyte", idx({2, 28, 28}, 2 * 28 * 28, 0));
    EXPECT_TRUE(read_fashion(folder.path(), Part::train, 0));
    write("train-labels-idx1-ubyte", idx({2}, 2, 10));
    EXPECT_THAT(read_fashion(folder.path(), Part::train, 0).error().message, HasSubstr("below 10"));
}

TEST(Fashion, IsPaddedAndScaled) {
    const Fashion data = made_up(3);
    const std::int64_t indices[] = {2, 0};
    const Tensor pictures = padded_pictures(data, indices);
    EXPECT_EQ(pictures.shape(), (Shape{2, 1, 32, 32}));
    EXPECT_EQ(pictures(0, 0, 1, 5).item(), -1) << "the border is black";
    EXPECT_FLOAT_EQ(static_cast<float>(pictures(0, 0, 2, 2).item()), 62 / 127.5F - 1);
    EXPECT_FLOAT_EQ(static_cast<float>(pictures(1, 0, 2, 3).item()), 1 / 127.5F - 1);
    // Mirrored or not, by the seed.
    std::vector<std::int64_t> many(64, 0);
    const Tensor mirrored = padded_pictures(data, many, DType::f32, 5);
    int turned = 0;
    for (std::int64_t n = 0; n < 64; ++n) {
        const bool is_turned = mirrored(n, 0, 2, 2).item() != pictures(1, 0, 2, 2).item();
        turned += is_turned ? 1 : 0;
        EXPECT_EQ(mirrored(n, 0, 9, is_turned ? 29 : 2).item(), pictures(1, 0, 9, 2).item());
    }
    EXPECT_GT(turned, 16);
    EXPECT_LT(turned, 48);
}

TEST(Order, IsAPermutationOfItsSeed) {
    std::vector<std::int64_t> order = shuffled(1000, 3);
    EXPECT_EQ(order, shuffled(1000, 3));
    EXPECT_NE(order, shuffled(1000, 4));
    std::ranges::sort(order);
    for (std::int64_t i = 0; i < 1000; ++i) ASSERT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Scenes, AreTheSameForASeed) {
    const Fashion data = made_up(20);
    const Scene first = compose_scene(data, 1, 5), again = compose_scene(data, 1, 5);
    EXPECT_EQ(first.pixels, again.pixels);
    EXPECT_EQ(first.labels, again.labels);
    EXPECT_NE(first.pixels, compose_scene(data, 1, 6).pixels);
    EXPECT_NE(first.pixels, compose_scene(data, 2, 5).pixels);
}

TEST(Scenes, ShowWhatTheirLabelsSay) {
    const auto data = read_fashion(kFolder, Part::train, 500);
    ASSERT_TRUE(data);
    std::array<std::int64_t, kSceneClasses> seen{};
    for (std::int64_t index = 0; index < 200; ++index) {
        const Scene scene = compose_scene(*data, 1, index);
        for (const float pixel : scene.pixels) ASSERT_TRUE(pixel >= 0 && pixel <= 1);
        for (const std::uint8_t label : scene.labels) ++seen.at(label);
    }
    const std::int64_t all = 200 * kSceneSize * kSceneSize;
    EXPECT_GT(seen[0], all / 4);
    EXPECT_LT(seen[0], all * 3 / 4);
    for (const std::int64_t count : seen) EXPECT_GT(count, all / 200);
}

TEST(Scenes, FillAnItemsInside) {
    std::vector<std::uint8_t> ring(kItemSize * kItemSize, 0);
    for (std::int64_t i = 8; i <= 20; ++i)
        for (const std::int64_t at : {8 * kItemSize + i, 20 * kItemSize + i, i * kItemSize + 8, i * kItemSize + 20})
            ring[static_cast<std::size_t>(at)] = 200;
    const std::vector<bool> mask = silhouette(ring);
    EXPECT_EQ(std::count(mask.begin(), mask.end(), true), 13 * 13);
}

TEST(Scenes, ComeInBatches) {
    const Fashion data = made_up(20);
    const std::int64_t indices[] = {4, 9};
    const SceneBatch batch = scene_batch(data, 1, indices);
    const Scene second = compose_scene(data, 1, 9);
    EXPECT_EQ(batch.pixels.shape(), (Shape{2, 3, 64, 64}));
    EXPECT_FLOAT_EQ(static_cast<float>(batch.pixels(1, 2, 3, 4).item()),
                    2 * second.pixels[(2 * kSceneSize + 3) * kSceneSize + 4] - 1);
    EXPECT_EQ(batch.labels[kSceneSize * kSceneSize + 77], second.labels[77]);
}

}  // namespace
}  // namespace tconv::train
