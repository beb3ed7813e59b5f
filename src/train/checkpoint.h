// Checkpoints: everything that a training's next step depends on, in one safetensors file that is replaced as a whole.
// What is drawn at random depends on the step's number alone (random.h), so a training that goes on from a checkpoint
// has the bits of one that was never interrupted.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tconv/io.h"
#include "tconv/optimisers.h"

namespace tconv::train {

/// How far a training is.
struct Position {
    std::int64_t epoch = 0;                      ///< finished epochs
    std::int64_t step = 0;                       ///< finished steps of the epoch after them
    std::vector<double> sums{};                  ///< of that epoch's losses
    std::vector<std::vector<double>> history{};  ///< a row of numbers for every finished epoch
};

/// What a training was asked for, by name: a checkpoint goes on only under the same settings.
using Settings = std::vector<std::pair<std::string, std::string>>;

/// The parts of a training that are kept: modules and optimisers with their names.
struct Kept {
    std::vector<std::pair<std::string, nn::Module*>> modules;
    std::vector<std::pair<std::string, nn::Optimiser*>> optimisers;
};

/// Writes a checkpoint. Errors: write_failed, out_of_memory.
Result<void> save_checkpoint(const std::string& path, const Settings& settings, const Position& position,
                             const Kept& kept);

/// Puts a checkpoint into the parts; where it fails, some may have been changed. Errors: malformed_file (no such file,
/// no checkpoint, another network's); invalid_argument (other settings, with both values).
Result<Position> load_checkpoint(const std::string& path, const Settings& settings, const Kept& kept);

}  // namespace tconv::train
