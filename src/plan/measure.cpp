#include "tconv/measure.h"

#include <algorithm>
#include <chrono>

#include "methods/output_stores.h"
#include "plan/resolve.h"
#include "runtime/cpu.h"
#include "tconv/buffer.h"

namespace tconv {
namespace {

using Clock = std::chrono::steady_clock;

// A round is long beside waking the threads, and there are enough of them to meet a quiet moment.
constexpr double kRoundSeconds = 0.004, kMostRoundSeconds = 0.02, kAllRoundsSeconds = 0.06, kMostSeconds = 0.5;
constexpr int kLeastRounds = 5;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Workers {
    const kernels::Unit* unit = nullptr;
    int threads = 1;
    Executor executor{};

    template <class Body>
    double seconds_of(std::int64_t count, const Body& body) const {
        const auto start = Clock::now();
        executor.parallel_for(
            executor.context, count, [](void* data, std::int64_t index) { (*static_cast<const Body*>(data))(index); },
            const_cast<Body*>(&body));
        return seconds_since(start);
    }
};

void run_in_a_loop(void*, std::int64_t count, Executor::Body body, void* data) {
    for (std::int64_t index = 0; index < count; ++index) body(data, index);
}

Result<Workers> workers_of(const PlanOptions& options) {
    const auto resources = plan::resolve(options);
    if (!resources) return resources.error();
    Workers workers{resources->unit, resources->threads, {}};
    if (options.executor) {
        workers.executor = *options.executor;
        if (workers.executor.parallel_for == nullptr) workers.executor.parallel_for = run_in_a_loop;
        return workers;
    }
    const auto pool = pool_executor(workers.threads);
    if (!pool) return pool.error();
    workers.executor = *pool;
    return workers;
}

// The least seconds that all workers take for `repeats` bodies each, divided by the repeats. How many repeats make a
// round is learnt from one worker alone, since waking the others on a busy machine can take longer than a round; for
// the same reason rounds grow for as long as that makes a repeat shorter by half.
template <class Body>
double least_seconds(const Workers& workers, const Body& body) {
    const auto once = [&](double repeats, std::int64_t count) {
        const auto whole = static_cast<std::int64_t>(repeats);
        const double seconds = workers.seconds_of(count, [&](std::int64_t worker) { body(worker, whole); });
        return std::max(seconds / static_cast<double>(whole), 1e-9);
    };
    const auto begin = Clock::now();
    once(1, 1);
    double repeats = std::clamp(kRoundSeconds / once(1, 1), 1.0, 1e9), least = once(repeats, workers.threads);
    for (int round = 0;
         round < kLeastRounds ? seconds_since(begin) < kMostSeconds : seconds_since(begin) < kAllRoundsSeconds;
         ++round) {
        const double seconds = once(repeats, workers.threads);
        if (seconds * 1.5 < least && seconds * repeats < kMostRoundSeconds) repeats *= 4;
        least = std::min(least, seconds);
    }
    return least;
}

// One worker's arrays a, b, c of `elements` floats. What lies between them keeps their starts off the same place in a
// page, where a store would seem to meet the loads that follow it.
struct Slice {
    static constexpr std::int64_t kLine = AlignedBuffer::kAlignment / sizeof(float);
    std::int64_t elements = 0;

    std::int64_t pitch() const { return elements + 3 * kLine; }
    std::int64_t size() const { return 3 * pitch(); }
};

}  // namespace

Result<double> measure_peak_gflops(DType dtype, const PlanOptions& options) {
    const auto workers = workers_of(options);
    if (!workers) return workers.error();
    const auto multiply_adds =
        dtype == DType::f32 ? workers->unit->f32().multiply_adds : workers->unit->f64().multiply_adds;
    constexpr std::int64_t kIterations = 1000;
    const double flops = multiply_adds(kIterations) * workers->threads;
    const double seconds =
        least_seconds(*workers, [&](std::int64_t, std::int64_t repeats) { multiply_adds(repeats * kIterations); });
    return flops / seconds * 1e-9;
}

std::int64_t memory_working_set() {
    constexpr std::int64_t kMiB = std::int64_t{1} << 20;
    return std::clamp(4 * cpu_facts().l3_bytes, 128 * kMiB, 512 * kMiB);
}

Result<double> measure_bandwidth_gbs(std::int64_t working_set_bytes, const PlanOptions& options) {
    const auto workers = workers_of(options);
    if (!workers) return workers.error();
    constexpr std::int64_t kLeastBytes = 4096, kBytes = 3 * sizeof(float);
    const std::int64_t bytes = std::min(working_set_bytes, memory_working_set());
    Slice slice;
    slice.elements = std::max(bytes / workers->threads, kLeastBytes) / kBytes / Slice::kLine * Slice::kLine;
    auto memory = AlignedBuffer::allocate(slice.size() * workers->threads * static_cast<std::int64_t>(sizeof(float)));
    if (!memory) return memory.error();
    float* const arrays = reinterpret_cast<float*>(memory->data());
    workers->seconds_of(workers->threads, [&](std::int64_t worker) {  // its own pages, near it
        std::fill_n(arrays + worker * slice.size(), slice.size(), 1.0f);
    });
    const auto finish = workers->unit->f32().finish;
    // As methods write their outputs.
    const kernels::Stores stores =
        methods::outgrows_caches(bytes / 3) ? kernels::Stores::streaming : kernels::Stores::cached;
    const double seconds = least_seconds(*workers, [&](std::int64_t worker, std::int64_t repeats) {
        float* const a = arrays + worker * slice.size();
        for (std::int64_t i = 0; i < repeats; ++i)
            finish(a + slice.pitch(), a + 2 * slice.pitch(), slice.elements, Activation{}, a, stores);
    });
    return static_cast<double>(slice.elements * kBytes * workers->threads) / seconds * 1e-9;
}

}  // namespace tconv
