// tconv lint --map: a picture for every layer of a report.
#pragma once

#include <string>

#include "tconv/lint.h"

namespace tconv::cli {

/// Writes DIR/01-NAME.svg and so on, one for every layer but convolutions without findings; makes the folder where it
/// is missing. Errors: write_failed.
Result<void> write_maps(const lint::Report& report, const std::string& folder);

}  // namespace tconv::cli
