#include "plan/channel_sums.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "methods/method.h"
#include "plan/resolve.h"

namespace tconv::plan {
namespace {

// Several sums side by side, so that an addition need not wait for the one before it.
constexpr std::int64_t kSums = 16;

template <class T>
double sum(const T* values, std::int64_t count) noexcept {
    std::array<double, kSums> sums{};
    std::int64_t i = 0;
    for (; i + kSums <= count; i += kSums)
        for (std::int64_t k = 0; k < kSums; ++k)
            sums[static_cast<std::size_t>(k)] += static_cast<double>(values[i + k]);
    double total = 0;
    for (const double part : sums) total += part;
    for (; i < count; ++i) total += static_cast<double>(values[i]);
    return total;
}

// Channels `mine` of an array with `channels` of them, each of `positions` contiguous elements.
template <class T>
void sum_first(const T* values, std::int64_t batch, std::int64_t channels, std::int64_t positions, Range mine,
               T* sums) noexcept {
    for (std::int64_t c = mine.begin; c < mine.end; ++c) {
        double total = 0;
        for (std::int64_t n = 0; n < batch; ++n) total += sum(values + (n * channels + c) * positions, positions);
        sums[c] = static_cast<T>(total);
    }
}

// The same where the channels are the innermost axis.
template <class T>
void sum_last(const T* values, std::int64_t rows, std::int64_t channels, Range mine, T* sums) noexcept {
    for (std::int64_t c = mine.begin; c < mine.end; c += kSums) {
        const std::int64_t width = std::min(kSums, mine.end - c);
        std::array<double, kSums> totals{};
        for (std::int64_t row = 0; row < rows; ++row)
            for (std::int64_t k = 0; k < width; ++k)
                totals[static_cast<std::size_t>(k)] += static_cast<double>(values[row * channels + c + k]);
        for (std::int64_t k = 0; k < width; ++k) sums[c + k] = static_cast<T>(totals[static_cast<std::size_t>(k)]);
    }
}

template <class T>
void sum_range(const Problem& problem, std::int64_t channels, std::int64_t rows, const void* side, Range mine,
               void* sums) noexcept {
    if (problem.layout == Layout::channels_first)
        sum_first(static_cast<const T*>(side), problem.batch, channels, rows / problem.batch, mine,
                  static_cast<T*>(sums));
    else
        sum_last(static_cast<const T*>(side), rows, channels, mine, static_cast<T*>(sums));
}

}  // namespace

Result<void> sum_channels(const Problem& problem, Pass layer, const void* side, void* sums,
                          const PlanOptions& options) {
    constexpr double kBytesPerMicrosecond = 10e3;
    const bool is_scatter = layer == Pass::scatter;
    const std::int64_t channels = is_scatter ? problem.fine_channels : problem.coarse_channels;
    const std::int64_t rows = problem.batch * (is_scatter ? problem.fine_positions() : problem.coarse_positions());
    const auto resources = plan::resolve(options);
    if (!resources) return resources.error();
    if (channels == 0) return {};
    if (rows == 0) {  // nothing is summed
        std::memset(sums, 0, static_cast<std::size_t>(channels * size_of(problem.dtype)));
        return {};
    }
    const bool is_small = static_cast<double>(rows) * static_cast<double>(channels * size_of(problem.dtype)) <
                          kBytesPerMicrosecond * options.serial_below_microseconds;
    const std::int64_t workers = is_small ? 1 : std::min<std::int64_t>(resources->threads, channels);
    Executor executor{};
    if (workers > 1) {
        const auto pool = options.executor ? Result<Executor>(*options.executor) : pool_executor(resources->threads);
        if (pool) executor = *pool;  // without threads, a loop does it
    }
    methods::for_each_worker(&executor, workers, [&](std::int64_t worker) {
        const Range mine = methods::share(channels, workers, worker);
        problem.dtype == DType::f32 ? sum_range<float>(problem, channels, rows, side, mine, sums)
                                    : sum_range<double>(problem, channels, rows, side, mine, sums);
    });
    return {};
}

}  // namespace tconv::plan
