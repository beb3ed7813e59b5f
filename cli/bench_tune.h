// `tconv bench --tune`: times every method that may be the fastest on each layer, in turn, and keeps the fastest in the
// file of tuned methods (tuned.h) for those who ask with --method tuned.
#pragma once

#include "bench_run.h"

namespace tconv::cli {

/// Tunes, writes the file, and prints a table (or JSON). `seconds` are for each method of a layer and pass. Errors:
/// what make_plan() has against the first layer, where none can be done; a file that is none of tuned methods.
Result<int> tune(const BenchQuestion& question, Isa isa, int threads, bool is_json);

}  // namespace tconv::cli
