#include "plan/cost.h"

#include <algorithm>

namespace tconv::plan {
namespace {

// What one core of an ordinary machine reads and writes in main memory, and the vectors that it multiplies and adds.
constexpr double kBytesPerNanosecond = 10, kVectorsPerCycle = 2;

// Every array once.
double memory_ms(const Problem& problem, int threads) noexcept {
    const double elements = static_cast<double>(problem.coarse_elements()) +
                            static_cast<double>(problem.fine_elements()) +
                            static_cast<double>(problem.weight_elements());
    return elements * static_cast<double>(size_of(problem.dtype)) / kBytesPerNanosecond / threads / 1e6;
}

double milliseconds(double cycles, int threads) { return cycles / threads / cpu_facts().nominal_ghz / 1e6; }

}  // namespace

double useful_flops(const Problem& problem) noexcept {
    const std::int64_t fine_channels = problem.fine_channels / problem.groups;
    double flops = 2 * static_cast<double>(problem.batch) * static_cast<double>(problem.coarse_channels) *
                   static_cast<double>(fine_channels);
    for (const Axis& axis : problem.axes) flops *= static_cast<double>(meeting_pairs(axis));
    return flops;
}

double predicted_ms(const methods::Request& request, double cycles, int threads) {
    return std::max(milliseconds(cycles, threads), memory_ms(request.problem, threads));
}

bool is_compute_bound(const methods::Request& request, int threads) {
    const int lanes =
        request.problem.dtype == DType::f32 ? request.unit.set<float>().lanes : request.unit.set<double>().lanes;
    const double cycles = useful_flops(request.problem) / 2 / lanes / kVectorsPerCycle;
    return milliseconds(cycles, threads) >= memory_ms(request.problem, threads);
}

}  // namespace tconv::plan
