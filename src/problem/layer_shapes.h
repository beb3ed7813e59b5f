// What every framework's layer has in common: arrays whose shapes have to agree, and lists of numbers with one entry
// for all axes or one per axis. The translators in frameworks*.cpp start and end here. No number leaves these
// functions above 2^62 - 1, so the sum of two of them is exact.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "tconv/frameworks.h"

namespace tconv::layer {

/// One number per spatial axis; the entries beyond the rank are not used.
using PerAxis = std::array<std::int64_t, Problem::kMaxRank>;

std::string number(std::int64_t value);
std::string shape_text(const Sizes& shape);   ///< "(4, 3, 2, 2)"
std::string quoted(const std::string& text);  ///< shortened and freed of line breaks, so that it fits a sentence
Error refuse(std::string sentence);           ///< invalid_argument
Error mismatch(std::string sentence);         ///< array_mismatch

/// A list of a framework's terms: its name there, its value where it is not given, the least value allowed.
struct ListTerm {
    const char* name;
    const Sizes& given;
    std::int64_t otherwise;
    std::int64_t least;
};

/// The list with one entry per axis. Errors: invalid_argument (its length, a value that is too small or too large).
Result<PerAxis> per_axis(const ListTerm& term, int rank);

/// A list of wanted sizes: exactly one per axis, or those of the whole output behind batch and channels (`leading`
/// entries, which may be 0). Errors: invalid_argument (its length, a size below 1).
Result<PerAxis> wanted_sizes(const char* name, const Sizes& given, int rank, int leading);

/// pads in ONNX's order, all begins and then all ends; one entry for all of them; none for 0.
struct Pads {
    PerAxis begin{}, end{};
};
Result<Pads> begins_and_ends(const char* name, const Sizes& given, int rank);

/// Which side of the problem the layer's input is on.
enum class InputSide : std::uint8_t { coarse, fine };

/// The problem with everything that the arrays decide: rank, batch, channels, groups, formats, bias, and on each axis
/// the kernel and the input's size. Errors: array_mismatch, invalid_argument.
Result<Problem> problem_of(const LayerShapes& shapes, InputSide side, std::int64_t groups);

/// problem_of a transposed convolution, with strides and dilations; full_size() of every axis is exact afterwards.
Result<Problem> transposed(const LayerShapes& shapes, std::int64_t groups, const ListTerm& strides,
                           const ListTerm& dilations);

/// The problem if validate() accepts it.
Result<Problem> finish(const Problem& problem);

}  // namespace tconv::layer
