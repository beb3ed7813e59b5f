// A lint report as SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"): what code hosts show beside a
// change.
#pragma once

#include <string>

#include "json.h"
#include "tconv/lint.h"

namespace tconv::cli {

/// One run with every rule and a result for every finding; `path` is the model's, as it was given.
Json sarif(const lint::Report& report, const std::string& path);

}  // namespace tconv::cli
