// A still: a scene that does not move, written as the file's ending says.
#pragma once

#include <string>

#include "draw/scene.h"
#include "tconv/result.h"

namespace tconv::cli {

/// Whether a path ends in .svg or .png.
bool is_still(const std::string& path);

/// Writes F.svg or F.png. Errors: write_failed, and those of the room raster.
Result<void> write_still(const std::string& path, const draw::Scene& scene);

}  // namespace tconv::cli
