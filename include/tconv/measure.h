// Measuring: what this machine can do now, as the limit that a pass is held against.
//
//     limit of a pass  =  max(useful FLOPs / peak,  bytes of its arrays / bandwidth at that many bytes)
//
// The peak is that of multiply-adds between registers, in the vectors of one instruction set. The bandwidth is that of
// c = a + b (two arrays read, one written, as in STREAM), all three together `working_set_bytes` large: a layer that
// fits a cache has that cache's bandwidth as its limit. All threads work at once, and the shortest of several rounds
// counts, since neighbours on a shared machine only slow a round down. Each measurement takes some 50 to 500 ms.
#pragma once

#include <cstdint>

#include "tconv/plan.h"
#include "tconv/problem.h"
#include "tconv/result.h"

namespace tconv {

/// FLOPs in a nanosecond (two for each multiply-add) of `options.threads` threads with the instruction set and executor
/// of `options`; the rest of them is ignored. Errors: those of make_plan() about threads and instruction sets.
Result<double> measure_peak_gflops(DType dtype, const PlanOptions& options = {});

/// A working set that no cache holds: four times the last level's size, from 128 to 512 MiB.
std::int64_t memory_working_set();

/// Bytes in a nanosecond, read and written. `working_set_bytes` is for all threads together; less than 4 KiB for each
/// is taken as that, and more than memory_working_set() as that. Errors: as above; out_of_memory.
Result<double> measure_bandwidth_gbs(std::int64_t working_set_bytes, const PlanOptions& options = {});

}  // namespace tconv
