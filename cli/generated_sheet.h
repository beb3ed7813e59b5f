// Clothes that nobody sewed: what `tconv run` makes with the trained generator that ships with it.
#pragma once

#include <string>

#include "tconv/result.h"

namespace tconv::cli {

/// Generates a sheet of pictures into a PNG file; prints the generator's layers and the time that it takes. Errors:
/// write_failed, out_of_memory.
Result<void> write_generated_sheet(const std::string& path);

}  // namespace tconv::cli
