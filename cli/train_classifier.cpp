// tconv train classifier: the network that measures dcgan's pictures.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "train/measures.h"
#include "train/random.h"
#include "train_course.h"

namespace tconv::cli {
namespace {

constexpr double kLearningRate = 0.05, kMomentum = 0.9;

class ClassifierCourse : public Course {
public:
    ClassifierCourse(const TrainOptions& options, train::Fashion data, train::Fashion held_out)
        : options_(options),
          data_(std::move(data)),
          held_out_(std::move(held_out)),
          batch_(std::min(options.batch, data_.count())),
          classifier_(options.seed),
          sgd_(classifier_.parameters(), {.learning_rate = kLearningRate, .momentum = kMomentum}) {}

    std::string introduction() const override {
        return fmt::format("{} pictures in batches of {}, {} steps an epoch", data_.count(), batch_, steps_per_epoch());
    }
    std::int64_t steps_per_epoch() const override { return data_.count() / batch_; }
    std::int64_t images_per_step() const override { return batch_; }
    std::vector<std::string> losses() const override { return {"loss"}; }
    std::vector<std::string> measures() const override { return {"accuracy"}; }
    train::Settings settings() const override {
        return {{"network", "classifier"},
                {"seed", std::to_string(options_.seed)},
                {"batch", std::to_string(batch_)},
                {"limit", std::to_string(data_.count())},
                {"data", fmt::format("{:016x}", train::fingerprint(data_))}};
    }
    train::Kept kept() override { return {{{"classifier", &classifier_}}, {{"sgd", &sgd_}}}; }

    std::vector<double> step(std::int64_t epoch, std::int64_t step) override {
        if (order_of_ != epoch) {
            order_ = train::shuffled(data_.count(), train::seed_of(options_.seed, train::kOrder, epoch));
            order_of_ = epoch;
        }
        const auto chosen =
            std::span(order_).subspan(static_cast<std::size_t>(step * batch_), static_cast<std::size_t>(batch_));
        autograd::Labels labels;
        for (const std::int64_t index : chosen) labels.push_back(data_.labels[static_cast<std::size_t>(index)]);
        const double epochs =
            static_cast<double>(epoch) + static_cast<double>(step) / static_cast<double>(steps_per_epoch());
        sgd_.set_learning_rate(kLearningRate / (1 + epochs));
        sgd_.zero_grad();
        const std::uint64_t seed = train::seed_of(options_.seed, train::kFlip, epoch, step);
        const autograd::Variable loss =
            autograd::cross_entropy(classifier_(train::padded_pictures(data_, chosen, DType::f32, seed)), labels);
        loss.backward();
        sgd_.step();
        return {loss.item()};
    }

    Result<std::vector<double>> look(std::int64_t epoch) override {
        if (epoch == 0) return std::vector<double>{};
        const io::Safetensors weights{io::stored(classifier_.state_dict(), /*half=*/true), {}};
        if (auto ok = io::write_safetensors(file_in(options_, "classifier.safetensors"), weights); !ok)
            return ok.error();
        return std::vector<double>{train::accuracy(classifier_, held_out_)};
    }

private:
    const TrainOptions& options_;
    train::Fashion data_, held_out_;
    std::int64_t batch_;
    train::Classifier classifier_;
    nn::Sgd sgd_;
    std::vector<std::int64_t> order_;
    std::int64_t order_of_ = -1;  ///< the epoch
};

}  // namespace

Result<std::unique_ptr<Course>> make_classifier(const TrainOptions& given) {
    auto data = train::read_fashion(given.data, train::Part::train, given.limit);
    if (!data) return data.error();
    auto held_out = train::read_fashion(given.data, train::Part::held_out, given.limit);
    if (!held_out) return held_out.error();
    return std::unique_ptr<Course>(new ClassifierCourse(given, *std::move(data), *std::move(held_out)));
}

}  // namespace tconv::cli
