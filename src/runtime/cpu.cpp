#include "cpu.h"

#if defined(__linux__)
#include <unistd.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "system_text.h"
#endif

namespace tconv {

#if defined(__linux__)

namespace {

// The first value of any of `keys` in /proc/cpuinfo, an earlier key first.
std::string cpuinfo_value(std::initializer_list<std::string_view> keys) {
    const std::string text = read_system_file("/proc/cpuinfo");
    for (const std::string_view key : keys) {
        for (std::size_t line = 0; line < text.size();) {
            const std::size_t end = std::min(text.find('\n', line), text.size());
            const std::string_view words = std::string_view(text).substr(line, end - line);
            const std::size_t colon = words.find(':');
            if (colon != std::string_view::npos && trimmed(words.substr(0, colon)) == key)
                if (const auto name = trimmed(words.substr(colon + 1)); !name.empty()) return std::string(name);
            line = end + 1;
        }
    }
    return {};
}

// "48K", "2M" in bytes, or 0.
std::int64_t cache_bytes(std::string_view text) {
    std::int64_t unit = 1;
    if (!text.empty() && (text.back() == 'K' || text.back() == 'M')) {
        unit = text.back() == 'K' ? 1024 : 1024 * 1024;
        text.remove_suffix(1);
    }
    return unit * positive_number(text, std::int64_t{1} << 40);
}

// The greatest clock that the system promises, else the one of this moment; 0 where it tells neither.
double clock_ghz() {
    constexpr std::int64_t kMost = 100'000'000;
    const std::string khz = read_system_file("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq");
    if (const std::int64_t value = positive_number(trimmed(khz), kMost); value > 0)
        return static_cast<double>(value) / 1e6;
    const std::string mhz = cpuinfo_value({"cpu MHz"});
    return static_cast<double>(positive_number(mhz.substr(0, mhz.find('.')), kMost)) / 1e3;
}

}  // namespace

// x86 and most others write "model name"; some ARM boards only "Model" or "Hardware", once, at the end.
std::string cpu_name() { return cpuinfo_value({"model name", "Model", "Hardware"}); }

std::vector<Cache> caches_of_cpu0() {
    std::vector<Cache> caches;
    for (int i = 0; i < 16; ++i) {
        const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(i) + "/";
        const std::string level = read_system_file(folder + "level");
        if (level.empty()) break;
        const std::string type = read_system_file(folder + "type");
        const std::int64_t bytes = cache_bytes(trimmed(read_system_file(folder + "size")));
        if (bytes == 0) continue;
        const char* const kind = trimmed(type) == "Data" ? "d" : trimmed(type) == "Instruction" ? "i" : "";
        caches.push_back({"L" + std::string(trimmed(level)) + kind, bytes});
    }
#if defined(_SC_LEVEL1_DCACHE_SIZE)
    if (caches.empty()) {  // no /sys, as in some containers
        struct Question {
            const char* name;
            int key;
        };
        for (const Question& question : {Question{"L1d", _SC_LEVEL1_DCACHE_SIZE},
                                         {"L1i", _SC_LEVEL1_ICACHE_SIZE},
                                         {"L2", _SC_LEVEL2_CACHE_SIZE},
                                         {"L3", _SC_LEVEL3_CACHE_SIZE}})
            if (const long bytes = sysconf(question.key); bytes > 0) caches.push_back({question.name, bytes});
    }
#endif
    return caches;
}

#else

namespace {

double clock_ghz() { return 0; }

}  // namespace

std::string cpu_name() { return {}; }

std::vector<Cache> caches_of_cpu0() { return {}; }

#endif

const CpuFacts& cpu_facts() {
    static const CpuFacts facts = [] {
        CpuFacts found;
        for (const Cache& cache : caches_of_cpu0()) {
            if (cache.name == "L1d" || cache.name == "L1") found.l1d_bytes = cache.size_bytes;
            if (cache.name == "L2") found.l2_bytes = cache.size_bytes;
            if (cache.name == "L3") found.l3_bytes = cache.size_bytes;
        }
        if (const double ghz = clock_ghz(); ghz > 0) found.nominal_ghz = ghz;
        return found;
    }();
    return facts;
}

}  // namespace tconv
