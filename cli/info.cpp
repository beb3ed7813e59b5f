// tconv info: what this build is and what machine it found.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <optional>
#include <utility>

#include "json.h"
#include "machine_limits.h"
#include "tconv/isa.h"
#include "tconv/machine.h"
#include "tconv/tconv.h"
#include "terminal.h"
#include "verb.h"

namespace tconv::cli {
namespace {

// 49152 as "48 KiB"; sizes that are no whole KiB in bytes.
std::string readable_bytes(std::int64_t bytes) {
    constexpr std::int64_t kKiB = 1024, kMiB = kKiB * 1024;
    if (bytes % kMiB == 0) return fmt::format("{} MiB", bytes / kMiB);
    if (bytes % kKiB == 0) return fmt::format("{} KiB", bytes / kKiB);
    return fmt::format("{} bytes", bytes);
}

// What was measured; the caches' bandwidths at half their size, so that everything else still fits.
struct Measured {
    double peak_f32 = 0, peak_f64 = 0, bandwidth = 0;
    std::vector<std::pair<std::string, double>> cache_bandwidths;
};

Result<Measured> measure(const Machine& machine) {
    MachineLimits limits{PlanOptions()};
    Measured measured;
    for (const auto& [dtype, peak] :
         {std::pair{DType::f32, &measured.peak_f32}, std::pair{DType::f64, &measured.peak_f64}}) {
        const auto gflops = limits.peak_gflops(dtype);
        if (!gflops) return gflops.error();
        *peak = *gflops;
    }
    for (const Cache& cache : machine.caches) {
        if (cache.name == "L1i") continue;
        const bool is_shared = cache.name == "L3";
        const auto bandwidth = limits.bandwidth_gbs(cache.size_bytes / 2 * (is_shared ? 1 : machine.threads));
        if (!bandwidth) return bandwidth.error();
        measured.cache_bandwidths.emplace_back(cache.name, *bandwidth);
    }
    const auto bandwidth = limits.memory_bandwidth_gbs();
    if (!bandwidth) return bandwidth.error();
    measured.bandwidth = *bandwidth;
    return measured;
}

void print_as_json(const Machine& machine, const std::optional<Measured>& measured) {
    Json json = versioned_json();
    json["version"] = TCONV_VERSION;
    json["abi"] = TCONV_ABI_VERSION;
    json["cpu"] = machine.cpu;
    json["isa"] = machine.isa;
    json["available_isas"] = machine.available_isas;
    json["threads"] = machine.threads;
    json["caches"] = Json::object();
    for (const Cache& cache : machine.caches) json["caches"][cache.name] = cache.size_bytes;
    if (measured) {
        json["peak_gflops"] = {{"f32", measured->peak_f32}, {"f64", measured->peak_f64}};
        json["bandwidth_gbs"] = measured->bandwidth;
        json["cache_bandwidth_gbs"] = Json::object();
        for (const auto& [name, bandwidth] : measured->cache_bandwidths) json["cache_bandwidth_gbs"][name] = bandwidth;
    }
    print_json(json);
}

void print_as_text(const Machine& machine, const std::optional<Measured>& measured) {
    std::string caches;
    for (const Cache& cache : machine.caches)
        caches += fmt::format("{}{} {}", caches.empty() ? "" : ", ", cache.name, readable_bytes(cache.size_bytes));
    fmt::print(
        "version  {}\n"
        "cpu      {}\n"
        "isa      {} (available: {})\n"
        "threads  {}\n"
        "caches   {}\n",
        TCONV_VERSION, machine.cpu, machine.isa, fmt::join(machine.available_isas, ", "), machine.threads,
        caches.empty() ? "unknown" : caches);
    if (!measured) return;
    fmt::print("peak     {:.1f} GFLOP/s in f32, {:.1f} in f64\n", measured->peak_f32, measured->peak_f64);
    fmt::print("memory   {:.1f} GB/s", measured->bandwidth);
    for (const auto& [name, bandwidth] : measured->cache_bandwidths) fmt::print(", {} {:.1f}", name, bandwidth);
    fmt::print("\n");
}

Result<int> info(bool is_json, bool measures) {
    if (const auto isa = default_isa(); !isa) return isa.error();
    const Machine machine = this_machine();
    std::optional<Measured> measured;
    if (measures) {
        auto numbers = while_showing("measuring", [&] { return measure(machine); });
        if (!numbers) return numbers.error();
        measured = std::move(*numbers);
    }
    is_json ? print_as_json(machine, measured) : print_as_text(machine, measured);
    return kDone;
}

Action declare_info(CLI::App& app) {
    struct Options {
        bool is_json = false, measures = false;
    };
    auto options = std::make_shared<Options>();
    app.add_flag("--json", options->is_json, "as one JSON object");
    app.add_flag("--measure", options->measures, "FMA peak and bandwidth too, with all threads at once");
    return [options] { return info(options->is_json, options->measures); };
}

}  // namespace

const Verb kInfo{"info", "version, CPU, instruction set, threads, caches",
                 "  tconv info\n"
                 "  tconv info --measure --json\n"
                 "  TCONV_NUM_THREADS=1 tconv info\n",
                 declare_info};

}  // namespace tconv::cli
