// Fix: an ONNX file with some of its transposed convolutions repaired (repair.h), every other byte as it was. What is
// promised of a repair is looked at in the bytes that were made, read anew: that the layer has kept its sizes, that R1
// computes the same function, that R2 and R4 left no pattern.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tconv/lint.h"
#include "tconv/repair.h"

namespace tconv::lint {

/// The repairs of repair.h, by the names that people use.
enum class Repair : std::uint8_t {
    embed_even,  ///< R1
    project_dc,  ///< R2
    blur,        ///< R4
};
/// "R1" and so on.
const char* to_string(Repair repair) noexcept;
/// Reads "R1", "R2" or "R4". Errors (invalid_argument): anything else.
Result<Repair> parse_repair(std::string_view text);

/// What is to be repaired, and how.
struct FixRequest {
    std::vector<Repair> repairs{Repair::embed_even};  ///< one after the other
    std::vector<std::string> nodes;  ///< by their names; none: every ConvTranspose that a repair can do something for
    checkerboard::Target target = checkerboard::Target::least_change;  ///< of R2
};

/// What became of one layer.
struct FixedNode {
    std::string name;               ///< in the model
    Problem before;                 ///< its geometry
    Problem after;                  ///< likewise, of the same sizes
    std::vector<Repair> repairs;    ///< what was done; those that had nothing to do are left out
    bool is_same_function = false;  ///< exactly: the same output for every input
    double relative_change = 0;     ///< |W' - W| / |W|; see checkerboard::Repaired
    double gain_change = 0;         ///< |M' - M| / |M|
    double epsilon_before = 0;      ///< see checkerboard::Measures
    double epsilon_after = 0;       ///< of the weights as they are stored
};

/// A repaired file.
struct Fixed {
    std::vector<std::byte> file;              ///< the whole model
    std::vector<FixedNode> nodes;             ///< what was repaired; none: the file is as it was
    std::vector<Skipped> skipped;             ///< what was not, and why
    std::vector<std::string> external_files;  ///< where others of its tensors lie, relative to the model's folder
};

/// Repairs a model. Errors: malformed_file; invalid_argument (a node that is not there, or that was named and cannot be
/// repaired); unsupported (weights that are not float16, float32 or float64).
Result<Fixed> fix_model(std::span<const std::byte> file, const FixRequest& request, const ReadExternal& external = {});

}  // namespace tconv::lint
