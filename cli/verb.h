// A verb of the command line: it declares its options on an App and returns the action to take once they are parsed.
// Adding one is one file with one Verb, and one line in kVerbs (main.cpp).
//
// An action writes data to stdout or files and messages to stderr, and returns an exit code or an Error; main.cpp
// prints the Error as one sentence, "tconv apply: ...", and chooses the exit code from its kind.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "tconv/result.h"

namespace tconv::cli {

using Action = std::function<Result<int>()>;

struct Verb {
    const char* name;
    const char* summary;   ///< one line, for `tconv --help`
    const char* examples;  ///< shown first by -h and --help
    Action (*declare)(CLI::App& app);
};

extern const Verb kApply, kBackward, kBench, kExplain, kInfo, kLint, kMatrix, kRun, kShape, kTour, kTrace, kTrain,
    kUpsample;

// Exit codes (the contract is docs/cli.md).
inline constexpr int kDone = 0, kBadAnswer = 1, kUsage = 2, kBadInput = 3, kUnsupported = 5, kInterrupted = 130;

/// The exit code that an error leads to.
int exit_code(const Error& error) noexcept;

}  // namespace tconv::cli
