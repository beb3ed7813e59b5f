// tconv info: what this build is and what machine it found.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "json.h"
#include "tconv/isa.h"
#include "tconv/machine.h"
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

Result<int> info(bool as_json) {
    if (const auto isa = default_isa(); !isa) return isa.error();  // TCONV_ISA
    const Machine machine = this_machine();
    if (as_json) {
        Json json = versioned_json();
        json["version"] = TCONV_VERSION;
        json["abi"] = nullptr;  // the C ABI's number; null in a build that has none
        json["cpu"] = machine.cpu;
        json["isa"] = machine.isa;
        json["available_isas"] = machine.available_isas;
        json["threads"] = machine.threads;
        json["caches"] = Json::object();
        for (const Cache& cache : machine.caches) json["caches"][cache.name] = cache.size_bytes;
        print_json(json);
        return kDone;
    }
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
    return kDone;
}

Action declare(CLI::App& app) {
    struct Options {
        bool as_json = false, measures = false;
    };
    auto options = std::make_shared<Options>();
    app.add_flag("--json", options->as_json, "as one JSON object");
    app.add_flag("--measure", options->measures, "FMA peak and bandwidth (not in this build)");
    return [options]() -> Result<int> {
        if (!options->measures) return info(options->as_json);
        return Error{ErrorCode::unsupported, "this build has no engine to measure; leave out --measure"};
    };
}

}  // namespace

const Verb kInfo{"info", "version, CPU, instruction set, threads, caches",
                 "  tconv info\n"
                 "  tconv info --json\n"
                 "  TCONV_NUM_THREADS=1 tconv info\n",
                 declare};

}  // namespace tconv::cli
