// Every kernel of every unit (src/kernels/kernel_list.h) that this CPU can run, at a few sizes:
//
//     avx512/f32/tile_8x3/steps:512      share_of_peak (shown as "0.9/s"): of the multiply-adds that the same unit does
//                                        between registers, measured beside each benchmark
//     avx512/f32/store_4/count:1024      bytes_per_second: read and written
//
// A tile's vectors are read one after the other, as from a packed panel of `steps` rows.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "kernels/kernel_list.h"
#include "tconv/buffer.h"
#include "tconv/machine.h"

namespace tconv::kernels {
namespace {

constexpr double kLeastSeconds = 0.02;
constexpr std::int64_t kSteps[] = {32, 512, 2048};
constexpr std::int64_t kCounts[] = {64, 1024, 16384};

// So many ones: neither infinities nor denormals come of them.
template <class T>
class Elements {
public:
    explicit Elements(std::int64_t count) {
        auto memory = AlignedBuffer::allocate(count * static_cast<std::int64_t>(sizeof(T)));
        if (!memory) std::abort();
        memory_ = std::move(*memory);
        std::fill_n(data(), count, T(1));
    }
    T* data() { return reinterpret_cast<T*>(memory_.data()); }

private:
    AlignedBuffer memory_;
};

// FLOPs a second between registers: the best of some short tries.
template <class T>
double peak_of(const KernelSet<T>& set) {
    using Clock = std::chrono::steady_clock;
    constexpr std::int64_t kIterations = 20000;
    constexpr int kTries = 10;
    double least = std::numeric_limits<double>::infinity(), flops = 0;
    for (int i = 0; i < kTries; ++i) {
        const auto start = Clock::now();
        flops = set.multiply_adds(kIterations);
        least = std::min(least, std::chrono::duration<double>(Clock::now() - start).count());
    }
    return flops / least;
}

template <class T>
void time_tile(benchmark::State& state, const KernelSet<T>& set, int rows, int vectors) {
    const std::int64_t steps = state.range(0), lanes = std::int64_t{vectors} * set.lanes;
    Elements<T> stream(steps * rows), panel(steps * lanes), tile(rows * lanes);
    std::vector<std::int32_t> offsets;
    for (std::int64_t k = 0; k < steps; ++k) offsets.push_back(static_cast<std::int32_t>(k * lanes));
    const auto kernel = set.tile[rows - 1][vectors - 1];
    double peak = peak_of(set);
    for (auto _ : state) {
        kernel(steps, stream.data(), panel.data(), offsets.data(), 0, tile.data(), lanes, false);
        benchmark::ClobberMemory();
    }
    peak = std::max(peak, peak_of(set));
    const double flops = 2.0 * static_cast<double>(steps * rows * lanes);
    state.counters["flops"] = benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_peak"] = benchmark::Counter(flops / peak, benchmark::Counter::kIsIterationInvariantRate);
}

// `work` moves `elements` elements, reads and writes both counted.
template <class T, class Work>
void time_moves(benchmark::State& state, std::int64_t elements, const Work& work) {
    for (auto _ : state) {
        work();
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * elements * static_cast<std::int64_t>(sizeof(T)));
}

template <class T>
void time_store(benchmark::State& state, const KernelSet<T>& set, std::int64_t phases) {
    const std::int64_t count = state.range(0);
    Elements<T> rows(phases * count), output(phases * count);
    time_moves<T>(state, 2 * phases * count, [&] {
        if (phases <= kMostRowPhases)
            set.store(rows.data(), count, phases, 0, phases * count, T(1), output.data(), Stores::cached);
        else
            set.spread(rows.data(), count, phases, count, T(1), output.data(), phases, Stores::cached);
    });
}

template <class T>
void time_deinterleave(benchmark::State& state, const KernelSet<T>& set, std::int64_t phases) {
    const std::int64_t count = state.range(0);
    Elements<T> input(phases * count), rows(phases * count);
    time_moves<T>(state, 2 * phases * count,
                  [&] { set.deinterleave(input.data(), phases, phases, count, rows.data(), count); });
}

template <class T>
void time_transpose(benchmark::State& state, const KernelSet<T>& set, std::int64_t columns) {
    const std::int64_t rows = state.range(0);
    Elements<T> input(rows * columns), output(rows * columns);
    time_moves<T>(state, 2 * rows * columns,
                  [&] { set.transpose(input.data(), columns, rows, columns, output.data(), rows); });
}

template <class T>
void time_finish(benchmark::State& state, const KernelSet<T>& set, Activation::Kind kind) {
    const std::int64_t count = state.range(0);
    Elements<T> values(count), output(count);
    Activation activation;
    activation.kind = kind;
    time_moves<T>(state, 2 * count,
                  [&] { set.finish(values.data(), nullptr, count, activation, output.data(), Stores::cached); });
}

template <class Function>
void add(const std::string& name, const char* argument, const auto& sizes, const Function& function) {
    auto* const registered = benchmark::RegisterBenchmark(name.c_str(), function);
    registered->ArgName(argument)->MinTime(kLeastSeconds);
    for (const std::int64_t size : sizes) registered->Arg(size);
}

template <class T>
void add_set(const KernelSet<T>& set, const std::string& prefix) {
    for (int rows = set.rows; rows > 0; --rows)
        for (int vectors = set.widest[rows - 1]; vectors > 0; --vectors)
            add(prefix + "tile_" + std::to_string(rows) + "x" + std::to_string(vectors), "steps", kSteps,
                [&set, rows, vectors](benchmark::State& state) { time_tile(state, set, rows, vectors); });
    for (const int phases : {1, 2, 3, 4, 8})
        add(prefix + "store_" + std::to_string(phases), "count", kCounts,
            [&set, phases](benchmark::State& state) { time_store(state, set, phases); });
    for (const int phases : {2, 3, 4, 8})
        add(prefix + "deinterleave_" + std::to_string(phases), "count", kCounts,
            [&set, phases](benchmark::State& state) { time_deinterleave(state, set, phases); });
    for (const int columns : {8, 64})
        add(prefix + "transpose_" + std::to_string(columns) + "_columns", "rows", kCounts,
            [&set, columns](benchmark::State& state) { time_transpose(state, set, columns); });
    using Kind = Activation::Kind;
    struct Named {
        const char* name;
        Kind kind;
    };
    for (const Named named :
         {Named{"none", Kind::none}, {"relu", Kind::relu}, {"tanh", Kind::tanh}, {"sigmoid", Kind::sigmoid}})
        add(prefix + "finish_" + named.name, "count", kCounts,
            [&set, named](benchmark::State& state) { time_finish(state, set, named.kind); });
}

}  // namespace
}  // namespace tconv::kernels

int main(int argc, char** argv) {
    for (const tconv::kernels::Unit& unit : tconv::kernels::all_units()) {
        if (!tconv::require_isa(unit.isa)) continue;
        tconv::kernels::add_set(unit.f32(), std::string(unit.name) + "/f32/");
        tconv::kernels::add_set(unit.f64(), std::string(unit.name) + "/f64/");
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::AddCustomContext("cpu", tconv::this_machine().cpu);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
