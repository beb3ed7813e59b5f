// MachineLimits: what this machine can do at most, measured in this process (measure.h), and the limit of a pass:
//
//     limit  =  max(useful FLOPs / peak,  bytes of its arrays / bandwidth at that many bytes)
#pragma once

#include <map>
#include <optional>

#include "tconv/measure.h"

namespace tconv::cli {

/// The least time that a pass can take.
struct Limit {
    double milliseconds = 0;
    bool is_compute = true;  ///< it is the multiply-adds that take it
};

class MachineLimits {
public:
    /// As many threads, and the instruction set, that `options` name; nothing is measured yet.
    explicit MachineLimits(PlanOptions options) : options_(std::move(options)) {}

    /// Of multiply-adds, all threads together.
    Result<double> peak_gflops(DType dtype);
    /// Of a working set of so many bytes, to the nearest of eight steps from one power of two to the next.
    Result<double> bandwidth_gbs(std::int64_t working_set_bytes);
    /// Of main memory.
    Result<double> memory_bandwidth_gbs() { return bandwidth_gbs(memory_working_set()); }

    Result<Limit> limit_of(DType dtype, double useful_flops, std::int64_t bytes);

    /// Everything of a kind that has been measured, once more; the higher number is kept.
    ///@{
    Result<void> measure_peaks_again();
    Result<void> measure_bandwidths_again();
    ///@}

private:
    PlanOptions options_;
    std::map<DType, double> peaks_;
    std::map<std::int64_t, double> bandwidths_;
};

}  // namespace tconv::cli
