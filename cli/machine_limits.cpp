#include "machine_limits.h"

#include <algorithm>
#include <bit>

namespace tconv::cli {
namespace {

// The three digits that follow the first one count.
std::int64_t rounded(std::int64_t bytes) {
    const int digits = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(bytes)));
    const int dropped = std::max(digits - 4, 0);
    const std::int64_t step = std::int64_t{1} << dropped;
    return (bytes + step / 2) / step * step;
}

}  // namespace

Result<double> MachineLimits::peak_gflops(DType dtype) {
    if (const auto known = peaks_.find(dtype); known != peaks_.end()) return known->second;
    const auto peak = measure_peak_gflops(dtype, options_);
    if (peak) peaks_[dtype] = *peak;
    return peak;
}

Result<double> MachineLimits::bandwidth_gbs(std::int64_t working_set_bytes) {
    constexpr std::int64_t kLeast = 16 << 10;
    const std::int64_t bytes = rounded(std::clamp(working_set_bytes, kLeast, memory_working_set()));
    if (const auto known = bandwidths_.find(bytes); known != bandwidths_.end()) return known->second;
    const auto bandwidth = measure_bandwidth_gbs(bytes, options_);
    if (bandwidth) bandwidths_[bytes] = *bandwidth;
    return bandwidth;
}

Result<void> MachineLimits::measure_peaks_again() {
    for (auto& [dtype, peak] : peaks_) {
        const auto again = measure_peak_gflops(dtype, options_);
        if (!again) return again.error();
        peak = std::max(peak, *again);
    }
    return {};
}

Result<void> MachineLimits::measure_bandwidths_again() {
    for (auto& [bytes, bandwidth] : bandwidths_) {
        const auto again = measure_bandwidth_gbs(bytes, options_);
        if (!again) return again.error();
        bandwidth = std::max(bandwidth, *again);
    }
    return {};
}

Result<Limit> MachineLimits::limit_of(DType dtype, double useful_flops, std::int64_t bytes) {
    const auto peak = peak_gflops(dtype);
    if (!peak) return peak.error();
    const auto bandwidth = bandwidth_gbs(bytes);
    if (!bandwidth) return bandwidth.error();
    const double compute = useful_flops / *peak * 1e-6, memory = static_cast<double>(bytes) / *bandwidth * 1e-6;
    return Limit{std::max(compute, memory), compute >= memory};
}

}  // namespace tconv::cli
