// 2,000 steps of each training, narrow: what a step takes of memory is given back.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <numeric>
#include <string>

#include "train/dcgan.h"
#include "train/random.h"
#include "train/segmentation.h"

namespace tconv::train {
namespace {

constexpr int kSteps = 2000, kSettled = 200;

// Pages in memory, in bytes; 0 where the system does not say.
std::int64_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::int64_t whole = 0, resident = 0;
    file >> whole >> resident;
    return resident * 4096;
}

template <class Step>
void soak(Step step) {
    std::int64_t used = 0, resident = 0;
    for (int number = 0; number < kSteps; ++number) {
        ASSERT_TRUE(std::isfinite(step(number))) << "step " << number;
        if (number + 1 == kSettled) {
            used = autograd::memory_use().used_bytes + autograd::memory_use().kept_bytes;
            resident = resident_bytes();
        }
    }
    EXPECT_EQ(autograd::memory_use().used_bytes + autograd::memory_use().kept_bytes, used);
    EXPECT_LE(resident_bytes(), resident + (std::int64_t{2} << 20));
}

TEST(Soak, OfDcgan) {
    constexpr std::int64_t kBatch = 4;
    const Fashion data = read_fashion(std::string(kFashionFolder), Part::train, 64).value();
    Dcgan dcgan(1, Doubling::k4s2, 8);
    soak([&](int number) {
        std::vector<std::int64_t> indices(kBatch);
        std::iota(indices.begin(), indices.end(), number * kBatch % 60);
        return dcgan.step(padded_pictures(data, indices), noise(kBatch, seed_of(1, kNoise, number))).generator;
    });
}

TEST(Soak, OfTheFcn) {
    const Fashion data = read_fashion(std::string(kFashionFolder), Part::train, 64).value();
    Segmentation segmentation(1, Head::learned, 4);
    soak([&](int number) {
        const std::int64_t indices[] = {number % 32};
        return segmentation.step(scene_batch(data, 1, indices), 0.01);
    });
}

}  // namespace
}  // namespace tconv::train
