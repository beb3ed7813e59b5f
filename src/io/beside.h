// Files beside a file: what a model names relative to its own folder. A name that leads out of that folder, by its
// words or by a link, is refused before anything is opened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tconv/result.h"

namespace tconv::io {

/// Bytes [offset, offset + length) of the file `name` in the folder of `path`. Errors: malformed_file (an absolute
/// name, one with "..", one that links out of the folder, no file, or a shorter one).
Result<std::vector<std::byte>> read_beside(const std::string& path, std::string_view name, std::int64_t offset,
                                           std::int64_t length);

}  // namespace tconv::io
