#include "tconv/machine.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#if defined(__linux__)
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>
#elif !defined(__wasm__)
#include <thread>
#endif

namespace tconv {
namespace {

// A whole number in [1, most], or 0.
std::int64_t positive_number(std::string_view text, std::int64_t most) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value >= 1 && value <= most ? value : 0;
}

#if defined(__linux__)

// A short file of /proc or /sys, at most 64 KiB of it; empty where it cannot be read.
std::string read_system_file(const std::string& path) {
    std::string text;
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return text;
    char block[4096];
    while (text.size() < 65536) {
        const ssize_t got = ::read(file, block, sizeof block);
        if (got <= 0) break;
        text.append(block, static_cast<std::size_t>(got));
    }
    ::close(file);
    return text;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\n");
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

// x86 and most others write "model name"; some ARM boards only "Model" or "Hardware", once, at the end.
std::string cpu_name() {
    const std::string text = read_system_file("/proc/cpuinfo");
    for (const std::string_view key : {"model name", "Model", "Hardware"}) {
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

// The affinity mask; a kernel built for more CPUs than the set holds refuses it, so the set grows.
int allowed_cpus() {
    for (int size = 1024; size <= 1 << 20; size *= 2) {
        cpu_set_t* const set = CPU_ALLOC(static_cast<std::size_t>(size));
        if (set == nullptr) return 0;
        const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(size));
        const int count = sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (count > 0) return count;
    }
    return 0;
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

std::string cpu_name() { return {}; }
std::vector<Cache> caches_of_cpu0() { return {}; }
#if defined(__wasm__)
int allowed_cpus() { return 1; }
#else
int allowed_cpus() { return static_cast<int>(std::thread::hardware_concurrency()); }
#endif

#endif

int thread_count() {
    constexpr std::int64_t kMostThreads = 4096;
    if (const char* const wanted = std::getenv("TCONV_NUM_THREADS"))
        if (const std::int64_t count = positive_number(wanted, kMostThreads); count > 0) return static_cast<int>(count);
    const int allowed = allowed_cpus();
    return allowed > 0 ? allowed : 1;
}

}  // namespace

Machine this_machine() {
    Machine machine;
    machine.cpu = cpu_name();
    if (machine.cpu.empty()) machine.cpu = "unknown";
    machine.isa = "portable";
    machine.available_isas = {"portable"};
    machine.threads = thread_count();
    machine.caches = caches_of_cpu0();
    return machine;
}

}  // namespace tconv
