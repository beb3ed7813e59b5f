// Which layers `tconv bench` times: those of a file, those of the zoo that is built in (bench/zoo.txt), or a short set
// of the zoo. A file holds either one problem text a line, with # before comments, or a JSON list of layers
// (zoo_layer.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tconv/problem.h"
#include "tconv/result.h"

namespace tconv::cli {

/// Layout and element type of layers that do not name them.
struct LayerDefaults {
    Layout layout = Layout::channels_first;
    DType dtype = DType::f32;
};

/// The whole zoo.
Result<std::vector<Problem>> zoo_layers(const LayerDefaults& defaults);

/// Eight layers of the zoo, each of another kind: over in ten seconds.
Result<std::vector<Problem>> short_set(const LayerDefaults& defaults);

/// The layers of a file, or of stdin for "-". Errors (malformed_file): a file that is missing or holds no layers; a
/// line or a list's entry that cannot be read, by its number.
Result<std::vector<Problem>> read_layers(const std::string& path, const LayerDefaults& defaults);

/// The layers that a text holds, one a line. `source` is named in errors.
Result<std::vector<Problem>> parse_layers(std::string_view text, const std::string& source,
                                          const LayerDefaults& defaults);

}  // namespace tconv::cli
