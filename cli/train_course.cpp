#include "train_course.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>

#include "tconv/autograd.h"
#include "terminal.h"
#include "verb.h"

namespace tconv::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr double kCheckpointSeconds = 60;  // a killed process loses no more than that

std::string checkpoint_path(const TrainOptions& options) { return file_in(options, "checkpoint.safetensors"); }

std::string named_numbers(const std::vector<std::string>& names, const std::vector<double>& numbers) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < numbers.size(); ++i)
        text += fmt::format("  {} {:.4g}", names[i], numbers[i]);
    return text;
}

// The whole table anew: every finished epoch, with all digits.
Result<void> write_log(const Course& course, const train::Position& position, const TrainOptions& options) {
    std::string text = "epoch";
    for (const std::string& name : course.losses()) text += "," + name;
    for (const std::string& name : course.measures()) text += "," + name;
    for (std::size_t epoch = 0; epoch < position.history.size(); ++epoch) {
        text += fmt::format("\n{}", epoch + 1);
        for (const double number : position.history[epoch]) text += fmt::format(",{:.17g}", number);
    }
    text += "\n";
    return io::write_file(file_in(options, "log.csv"), std::as_bytes(std::span(text)));
}

// The run of one training; what it is asked at every step stands together.
class Run {
public:
    Run(Course& course, const TrainOptions& options) : course_(course), options_(options) {}

    Result<int> run() {
        const InterruptLater later;
        if (auto ready = prepare(); !ready) return ready.error();
        fmt::print("{}: {}, seed {}\n", options_.network, course_.introduction(), options_.seed);
        std::fflush(stdout);
        if (position_.epoch == 0 && position_.step == 0)
            if (auto ok = course_.look(0); !ok) return ok.error();
        while (position_.epoch < options_.epochs) {
            const Result<int> code = run_epoch();
            if (!code || *code != kDone) return code;
        }
        fmt::print("{} holds the sheets, log.csv, the weights and a checkpoint to go on from\n", options_.directory);
        return kDone;
    }

private:
    Result<void> prepare() {
        namespace fs = std::filesystem;
        const std::string path = checkpoint_path(options_);
        std::error_code error;
        if (options_.resume) {
            auto position = train::load_checkpoint(path, course_.settings(), course_.kept());
            if (!position) return position.error();
            if (position->step > course_.steps_per_epoch() ||
                (position->step > 0 && position->sums.size() != course_.losses().size()))
                return Error{ErrorCode::malformed_file, "'" + path +
                                                            "' does not say how far it is; start anew without "
                                                            "--resume, or name the --out of another training"};
            position_ = *std::move(position);
            fmt::print(stderr, "going on from epoch {}, step {}\n", position_.epoch, position_.step);
            return {};
        }
        fs::create_directories(options_.directory, error);
        if (!fs::is_directory(options_.directory, error))
            return Error{ErrorCode::write_failed,
                         "the directory '" + options_.directory + "' could not be made; name another with --out DIR"};
        // Hours of work are not overwritten because a word was forgotten.
        if (fs::exists(path, error)) {
            const std::string kept = file_in(options_, "previous.safetensors");
            fs::rename(path, kept, error);
            if (error)
                return Error{ErrorCode::write_failed, "'" + path +
                                                          "' is of an earlier training and could not be "
                                                          "moved to '" +
                                                          kept + "': " + error.message()};
            fmt::print(stderr, "the earlier training's checkpoint is now {}; --resume would have gone on from it\n",
                       kept);
        }
        return {};
    }

    Result<void> save() {
        saved_ = Clock::now();
        return train::save_checkpoint(checkpoint_path(options_), course_.settings(), position_, course_.kept());
    }

    Result<int> interrupted() {
        if (auto ok = save(); !ok) return ok.error();
        fmt::print(stderr, "interrupted after {} steps of epoch {}; the same command with --resume goes on from {}\n",
                   position_.step, position_.epoch + 1, checkpoint_path(options_));
        return kInterrupted;
    }

    Result<int> run_epoch() {
        const std::int64_t steps = course_.steps_per_epoch(), first = position_.step;
        if (first == 0) position_.sums.assign(course_.losses().size(), 0);
        const auto start = Clock::now();
        std::optional<Progress> progress(fmt::format("epoch {}/{}", position_.epoch + 1, options_.epochs));
        while (position_.step < steps) {
            if (InterruptLater::came()) {
                progress.reset();
                return interrupted();
            }
            const std::vector<double> losses = course_.step(position_.epoch, position_.step);
            for (std::size_t i = 0; i < losses.size(); ++i) {
                position_.sums[i] += losses[i];
                if (std::isfinite(losses[i])) continue;
                progress.reset();
                fmt::print(stderr,
                           "tconv train: the loss {} is no number any more at step {} of epoch {}; try another "
                           "--seed, or a larger --batch\n",
                           course_.losses()[i], position_.step + 1, position_.epoch + 1);
                return kBadAnswer;
            }
            ++position_.step;
            progress->update(position_.step, steps,
                             named_numbers(course_.losses(), losses) +
                                 fmt::format("  {:.0f} images/s", rate(position_.step - first, start)));
            if (Seconds(Clock::now() - saved_).count() > kCheckpointSeconds)
                if (auto ok = save(); !ok) return ok.error();
        }
        progress.reset();
        return finish_epoch(steps, rate(steps - first, start));
    }

    Result<int> finish_epoch(std::int64_t steps, double images_per_second) {
        std::vector<double> row;
        row.reserve(position_.sums.size());
        for (const double sum : position_.sums) row.push_back(sum / static_cast<double>(steps));
        auto measures = course_.look(position_.epoch + 1);
        if (!measures) return measures.error();
        const std::string told = named_numbers(course_.losses(), row) + named_numbers(course_.measures(), *measures);
        row.insert(row.end(), measures->begin(), measures->end());
        ++position_.epoch;
        position_.step = 0;
        position_.history.push_back(std::move(row));
        if (auto ok = write_log(course_, position_, options_); !ok) return ok.error();
        if (auto ok = save(); !ok) return ok.error();
        fmt::print("epoch {}/{}{}{}\n", position_.epoch, options_.epochs, told,
                   images_per_second > 0 ? fmt::format("  {:.0f} images/s", images_per_second) : "");
        std::fflush(stdout);
        return kDone;
    }

    double rate(std::int64_t steps, Clock::time_point start) const {
        const double seconds = Seconds(Clock::now() - start).count();
        return seconds > 0 ? static_cast<double>(steps * course_.images_per_step()) / seconds : 0;
    }

    Course& course_;
    const TrainOptions& options_;
    train::Position position_;
    Clock::time_point saved_ = Clock::now();
};

}  // namespace

std::string file_in(const TrainOptions& options, const std::string& name) {
    return (std::filesystem::path(options.directory) / name).string();
}

Result<int> run_course(Course& course, const TrainOptions& options) { return Run(course, options).run(); }

}  // namespace tconv::cli
