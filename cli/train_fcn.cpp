// tconv train fcn.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "train/random.h"
#include "train/segmentation.h"
#include "train/sheet.h"
#include "train_course.h"

namespace tconv::cli {
namespace {

constexpr std::int64_t kHeldOut = 1000, kShownScenes = 6;
constexpr double kFirstLearningRate = 0.1;

class FcnCourse : public Course {
public:
    FcnCourse(const TrainOptions& options, train::Fashion data, train::Fashion held_out)
        : options_(options),
          data_(std::move(data)),
          held_out_(std::move(held_out)),
          batch_(std::min(options.batch, options.limit)),
          trained_(options.seed, options.head == "fixed" ? train::Head::fixed : train::Head::learned) {}

    std::string introduction() const override {
        return fmt::format("{} scenes in batches of {}, {} steps an epoch, head {}", options_.limit, batch_,
                           steps_per_epoch(), options_.head);
    }
    std::int64_t steps_per_epoch() const override { return options_.limit / batch_; }
    std::int64_t images_per_step() const override { return batch_; }
    std::vector<std::string> losses() const override { return {"loss"}; }
    std::vector<std::string> measures() const override { return {"accuracy", "IoU"}; }
    train::Settings settings() const override {
        return {{"network", "fcn"},
                {"head", options_.head},
                {"seed", std::to_string(options_.seed)},
                {"batch", std::to_string(batch_)},
                {"limit", std::to_string(options_.limit)},
                {"data", fmt::format("{:016x}", train::fingerprint(data_))}};
    }
    train::Kept kept() override { return {{{"fcn", &trained_.network}}, {{"sgd", &trained_.sgd}}}; }

    std::vector<double> step(std::int64_t epoch, std::int64_t step) override {
        if (order_of_ != epoch) {
            order_ = train::shuffled(options_.limit, train::seed_of(options_.seed, train::kOrder, epoch));
            order_of_ = epoch;
        }
        const auto chosen =
            std::span(order_).subspan(static_cast<std::size_t>(step * batch_), static_cast<std::size_t>(batch_));
        const double epochs =
            static_cast<double>(epoch) + static_cast<double>(step) / static_cast<double>(steps_per_epoch());
        return {trained_.step(train::scene_batch(data_, options_.seed, chosen), kFirstLearningRate / (1 + epochs / 2))};
    }

    Result<std::vector<double>> look(std::int64_t epoch) override {
        const train::SceneBatch shown = held_out_batch(0, kShownScenes);
        const std::vector<std::uint8_t> answers[] = {trained_.predict(shown.pixels)};
        const std::string name = fmt::format("predictions_{:03}.png", epoch);
        if (auto ok = io::write_png(file_in(options_, name), train::scene_sheet(shown, answers, 2)); !ok)
            return ok.error();
        if (epoch == 0) return std::vector<double>{};
        const io::Safetensors weights{io::stored(trained_.network.state_dict()), {{"head", options_.head}}};
        if (auto ok = io::write_safetensors(file_in(options_, "fcn.safetensors"), weights); !ok) return ok.error();
        train::Confusion confusion;
        const std::int64_t count = std::min(kHeldOut, options_.limit);
        for (std::int64_t begin = 0; begin < count; begin += batch_) {
            const train::SceneBatch batch = held_out_batch(begin, std::min(batch_, count - begin));
            confusion.add(batch.labels, trained_.predict(batch.pixels));
        }
        return std::vector<double>{confusion.pixel_accuracy(), confusion.mean_iou()};
    }

private:
    // The same scenes for every training, so that trainings can be compared.
    train::SceneBatch held_out_batch(std::int64_t begin, std::int64_t count) const {
        std::vector<std::int64_t> indices(static_cast<std::size_t>(count));
        std::iota(indices.begin(), indices.end(), begin);
        return train::scene_batch(held_out_, train::seed_of(0, train::kMeasure), indices);
    }

    const TrainOptions& options_;
    train::Fashion data_, held_out_;
    std::int64_t batch_;
    train::Segmentation trained_;
    std::vector<std::int64_t> order_;
    std::int64_t order_of_ = -1;  ///< the epoch
};

}  // namespace

Result<std::unique_ptr<Course>> make_fcn(const TrainOptions& given) {
    auto data = train::read_fashion(given.data, train::Part::train, 0);
    if (!data) return data.error();
    auto held_out = train::read_fashion(given.data, train::Part::held_out, 0);
    if (!held_out) return held_out.error();
    return std::unique_ptr<Course>(new FcnCourse(given, *std::move(data), *std::move(held_out)));
}

}  // namespace tconv::cli
