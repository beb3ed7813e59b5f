// Course: what differs between the trainings of `tconv train`; and the loop that they share: epochs and steps, the
// progress bar, checkpoints, going on from one, and a clean end on Ctrl-C.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tconv/result.h"
#include "train/checkpoint.h"

namespace tconv::cli {

/// What `tconv train` was asked for.
struct TrainOptions {
    std::string network, data, directory;
    std::int64_t epochs = 0, limit = 0, batch = 0;  ///< 0: the network's own
    std::int64_t given_seed = 0;                    ///< as CLI11 reads it: it would take -1 for an unsigned number
    std::uint64_t seed = 0;                         ///< the same
    int threads = 0;
    bool resume = false;
    std::string doubling = "k4s2", head = "learned";
};

/// One training.
class Course {
public:
    virtual ~Course() = default;

    /// "60,000 pictures in batches of 128, 468 steps an epoch".
    virtual std::string introduction() const = 0;
    virtual std::int64_t steps_per_epoch() const = 0;
    virtual std::int64_t images_per_step() const = 0;
    /// Names of the losses that a step returns, and of the measures that an epoch ends with.
    virtual std::vector<std::string> losses() const = 0;
    virtual std::vector<std::string> measures() const = 0;
    /// What a checkpoint must have been trained with.
    virtual train::Settings settings() const = 0;
    virtual train::Kept kept() = 0;

    virtual std::vector<double> step(std::int64_t epoch, std::int64_t step) = 0;
    /// After `epoch` epochs (0: before the first): writes the sheets, and the weights, and measures.
    virtual Result<std::vector<double>> look(std::int64_t epoch) = 0;
};

/// Reads the data and makes the networks. Errors: those of reading.
///@{
Result<std::unique_ptr<Course>> make_dcgan(const TrainOptions& options);
Result<std::unique_ptr<Course>> make_fcn(const TrainOptions& options);
Result<std::unique_ptr<Course>> make_classifier(const TrainOptions& options);
///@}

/// Runs it to its end; exit codes 0, 130 on Ctrl-C, 1 where a loss is no number any more.
Result<int> run_course(Course& course, const TrainOptions& options);

/// The path of a file in the training's directory.
std::string file_in(const TrainOptions& options, const std::string& name);

}  // namespace tconv::cli
