// What `tconv bench` prints: a table, or JSON (docs/cli.md).
#pragma once

#include "bench_run.h"

namespace tconv::cli {

/// "scatter", "gather" or "weight_grad".
const char* name_of(Pass pass) noexcept;

void print_bench_json(const BenchAnswer& answer, const std::string& isa, int threads);
void print_bench_table(const BenchAnswer& answer, const std::string& isa, int threads);

}  // namespace tconv::cli
