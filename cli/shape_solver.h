// tconv shape --from 64 --want 128: every (k, s, p, op, d) that does it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "draw/theme.h"
#include "tconv/result.h"

namespace tconv::cli {

struct SolverOptions {
    std::string from, want, max_kernel, max_dilation;
    bool shows_all = false;

    void declare(CLI::App& app);
    bool is_given() const {
        return shows_all || !from.empty() || !want.empty() || !max_kernel.empty() || !max_dilation.empty();
    }
};

/// The first geometry option that was given to the verb ("--stride"), or an empty string.
std::string first_given_geometry(const CLI::App& app);

/// Answers the question on stdout, or as a picture where one is named. Errors: invalid_argument, and those of
/// write_scene().
Result<int> solve_shape(const SolverOptions& options, bool as_json, const std::string& picture, draw::Theme theme);

}  // namespace tconv::cli
