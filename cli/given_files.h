// The files of --x, --w and -b, for the commands that show where numbers come from and can do without any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "draw/story.h"
#include "geometry_options.h"
#include "optional_arrays.h"
#include "tconv/result.h"

namespace tconv::cli {

struct GivenFiles {
    std::string input, weights, bias;  ///< paths; empty where not given

    /// Declares the three options; `without` goes on after "the input (.npy); ".
    void declare(CLI::App& app, const std::string& without);
};

/// What was in the files.
struct ReadArrays {
    std::optional<Tensor> input, weights, bias;
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
