// tconv train dcgan.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "picture.h"
#include "train/assets.h"
#include "train/dcgan.h"
#include "train/measures.h"
#include "train/random.h"
#include "train/sheet.h"
#include "train_course.h"

namespace tconv::cli {
namespace {

constexpr std::int64_t kShown = 64, kMeasuredAtOnce = 250;

class DcganCourse : public Course {
public:
    DcganCourse(const TrainOptions& options, train::Fashion data, train::Fashion held_out, train::Classifier classifier)
        : options_(options),
          data_(std::move(data)),
          batch_(std::min(options.batch, data_.count())),
          dcgan_(options.seed, options.doubling == "k3s2" ? train::Doubling::k3s2 : train::Doubling::k4s2),
          classifier_(std::move(classifier)),
          real_(train::look_at_all(classifier_, held_out)) {}

    std::string introduction() const override {
        return fmt::format("{} pictures in batches of {}, {} steps an epoch, generator {}", data_.count(), batch_,
                           steps_per_epoch(), options_.doubling);
    }
    std::int64_t steps_per_epoch() const override { return data_.count() / batch_; }
    std::int64_t images_per_step() const override { return batch_; }
    std::vector<std::string> losses() const override { return {"D", "G"}; }
    std::vector<std::string> measures() const override { return {"Frechet", "balance", "pattern"}; }
    train::Settings settings() const override {
        return {{"network", "dcgan"},
                {"generator", options_.doubling},
                {"seed", std::to_string(options_.seed)},
                {"batch", std::to_string(batch_)},
                {"limit", std::to_string(data_.count())},
                {"data", fmt::format("{:016x}", train::fingerprint(data_))}};
    }
    train::Kept kept() override {
        return {{{"generator", &dcgan_.generator}, {"discriminator", &dcgan_.discriminator}},
                {{"generator_adam", &dcgan_.generator_adam}, {"discriminator_adam", &dcgan_.discriminator_adam}}};
    }

    std::vector<double> step(std::int64_t epoch, std::int64_t step) override {
        if (order_of_ != epoch) {
            order_ = train::shuffled(data_.count(), train::seed_of(options_.seed, train::kOrder, epoch));
            order_of_ = epoch;
        }
        const auto chosen =
            std::span(order_).subspan(static_cast<std::size_t>(step * batch_), static_cast<std::size_t>(batch_));
        const auto losses =
            dcgan_.step(train::padded_pictures(data_, chosen),
                        train::noise(batch_, train::seed_of(options_.seed, train::kNoise, epoch, step)));
        return {losses.discriminator, losses.generator};
    }

    Result<std::vector<double>> look(std::int64_t epoch) override {
        const Tensor pictures = dcgan_.generate(train::noise(kShown, train::seed_of(options_.seed, train::kMeasure)));
        const std::string name = fmt::format("samples_{:03}.png", epoch);
        if (auto ok = io::write_png(file_in(options_, name), train::picture_sheet(pictures, 8, 2)); !ok)
            return ok.error();
        if (epoch == 0) return std::vector<double>{};
        const io::Safetensors weights{io::stored(dcgan_.generator.state_dict(), /*half=*/true),
                                      {{"generator", options_.doubling}}};
        if (auto ok = io::write_safetensors(file_in(options_, "generator.safetensors"), weights); !ok)
            return ok.error();
        train::Seen seen;
        train::MeanPicture mean;
        for (std::int64_t begin = 0; begin < real_.count(); begin += kMeasuredAtOnce) {
            const std::int64_t count = std::min(kMeasuredAtOnce, real_.count() - begin);
            const std::uint64_t seed = train::seed_of(options_.seed, train::kMeasure, begin + 1);
            const Tensor generated = dcgan_.generate(train::noise(count, seed));
            train::look_at(classifier_, generated, seen);
            mean.add(generated);
        }
        const auto pattern = mean.pattern(2);  // of the last layer's stride
        if (!pattern) return pattern.error();
        return std::vector<double>{train::frechet_distance(seen, real_), train::class_balance(seen), *pattern};
    }

private:
    const TrainOptions& options_;
    train::Fashion data_;
    std::int64_t batch_;
    train::Dcgan dcgan_;
    train::Classifier classifier_;
    train::Seen real_;  ///< the held-out pictures
    std::vector<std::int64_t> order_;
    std::int64_t order_of_ = -1;  ///< the epoch
};

}  // namespace

Result<std::unique_ptr<Course>> make_dcgan(const TrainOptions& given) {
    auto data = train::read_fashion(given.data, train::Part::train, given.limit);
    if (!data) return data.error();
    auto held_out = train::read_fashion(given.data, train::Part::held_out, given.limit);
    if (!held_out) return held_out.error();
    auto classifier = train::shipped_classifier();
    if (!classifier) return classifier.error();
    return std::unique_ptr<Course>(
        new DcganCourse(given, *std::move(data), *std::move(held_out), *std::move(classifier)));
}

}  // namespace tconv::cli
