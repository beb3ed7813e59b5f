// tconv lint --fix: repairs a model, says what each repair costs, and writes the result.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "tconv/lint.h"

namespace tconv::cli {

struct FixOptions {
    std::string output, repairs, target;
    std::vector<std::string> nodes;

    void declare(CLI::App& app);
};

/// Repairs `model`, whose bytes are given, and writes options.output. Errors: as lint::fix_model(), write_failed.
Result<int> fix_model(const FixOptions& options, const std::string& model, const std::vector<std::byte>& bytes,
                      const lint::ReadExternal& external);

}  // namespace tconv::cli
