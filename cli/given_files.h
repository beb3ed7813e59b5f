// What --x, --w and -b are given, for the commands that show where numbers come from and can do without any: npy files,
// or numbers on the command line ("0,1,2,3", "1" for all).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "draw/story.h"
#include "geometry_options.h"
#include "optional_arrays.h"
#include "tconv/result.h"

namespace tconv::cli {

struct GivenFiles {
    std::string input, weights, bias;  ///< empty where not given

    /// Declares the three options; `without` goes on after "the input (.npy, or numbers); ".
    void declare(CLI::App& app, const std::string& without);
    /// --w alone.
    void declare_weights(CLI::App& app, const std::string& without);
};

/// An array from a file, or numbers that get their shape from the problem; neither where nothing was given.
struct ReadArray {
    std::optional<Tensor> array;
    std::vector<double> numbers;
    bool is_given() const noexcept { return array || !numbers.empty(); }
};

struct ReadArrays {
    ReadArray input, weights, bias;
    bool any() const noexcept { return input.is_given() || weights.is_given() || bias.is_given(); }
    /// The problem that the options and these arrays describe; after it, every array that was given is there, in the
    /// problem's shape. Errors: as GeometryOptions::resolve(), and array_mismatch for arrays of another shape.
    Result<Problem> resolve(const GeometryOptions& geometry);
    GivenArrays given() const;
};

/// Errors: invalid_argument where standard input is named twice, and those of io::read_npy().
Result<ReadArrays> read_arrays(const GivenFiles& files);

/// One sample's numbers; nothing for arrays that are not given.
draw::Numbers sample_numbers(const Problem& problem, const GivenArrays& arrays, std::int64_t sample);

/// The story of one sample; small whole numbers stand for arrays that are not given. Errors: as draw::tell(), which
/// looks at the size before any number is copied.
Result<draw::Story> tell_story(const Problem& problem, const GivenArrays& arrays, std::int64_t sample);

}  // namespace tconv::cli
