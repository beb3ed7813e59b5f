#include "tconv/isa.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "tiles.h"

namespace tconv {
namespace {

using Question = bool (*)();

struct Entry {
    Isa isa;
    std::string_view name;
    Question cpu_has_it;  // null: this build has no kernels for it
};

// Each asks for everything that the unit's flags (cmake/TconvIsas.cmake) let the compiler use. __builtin_cpu_init is
// for callers that run before the compiler's own start-up code.
#if defined(TCONV_KERNELS_SSE4)
bool cpu_has_sse4() {
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
}
constexpr Question kCpuHasSse4 = cpu_has_sse4;
#else
constexpr Question kCpuHasSse4 = nullptr;
#endif

#if defined(TCONV_KERNELS_AVX2) || defined(TCONV_KERNELS_AVX512)
bool cpu_has_avx2_and_fma() {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt") &&
           __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
}
#endif

#if defined(TCONV_KERNELS_AVX2)
constexpr Question kCpuHasAvx2 = cpu_has_avx2_and_fma;
#else
constexpr Question kCpuHasAvx2 = nullptr;
#endif

#if defined(TCONV_KERNELS_AVX512) || defined(TCONV_KERNELS_AMX)
bool cpu_has_avx512() {
    return cpu_has_avx2_and_fma() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}
#endif

#if defined(TCONV_KERNELS_AVX512)
constexpr Question kCpuHasAvx512 = cpu_has_avx512;
#else
constexpr Question kCpuHasAvx512 = nullptr;
#endif

#if defined(TCONV_KERNELS_AMX)
bool cpu_has_amx() {
    static const bool has_it = cpu_has_avx512() && may_use_tiles();
    return has_it;
}
constexpr Question kCpuHasAmx = cpu_has_amx;
#else
constexpr Question kCpuHasAmx = nullptr;
#endif

#if defined(TCONV_KERNELS_NEON)
constexpr Question kCpuHasNeon = [] { return true; };  // part of the baseline: the rest of the program uses it, too
#else
constexpr Question kCpuHasNeon = nullptr;
#endif

#if defined(TCONV_KERNELS_WASM)
constexpr Question kCpuHasWasm = [] { return true; };  // an engine without vectors refuses the whole module
#else
constexpr Question kCpuHasWasm = nullptr;
#endif

// By the number of Isa; the best is last.
constexpr Entry kIsas[] = {
    {Isa::portable, "portable", [] { return true; }},
    {Isa::sse4, "sse4", kCpuHasSse4},
    {Isa::avx2, "avx2", kCpuHasAvx2},
    {Isa::avx512, "avx512", kCpuHasAvx512},
    {Isa::amx, "amx", kCpuHasAmx},
    {Isa::neon, "neon", kCpuHasNeon},
    {Isa::wasm, "wasm", kCpuHasWasm},
};

bool usable(const Entry& entry) { return entry.cpu_has_it != nullptr && entry.cpu_has_it(); }

// "avx2, portable": those that can be used here.
std::string usable_names() {
    std::string names;
    for (const Isa isa : available_isas()) names.append(names.empty() ? "" : ", ").append(to_string(isa));
    return names;
}

}  // namespace

std::string_view to_string(Isa isa) noexcept {
    for (const Entry& entry : kIsas)
        if (entry.isa == isa) return entry.name;
    return "unknown";
}

Result<Isa> parse_isa(std::string_view name) {
    std::string known;
    for (const Entry& entry : kIsas) {
        if (entry.name == name) return entry.isa;
        known.append(known.empty() ? "" : ", ").append(entry.name);
    }
    std::string shown(name.substr(0, 40));  // so that it fits a sentence
    for (char& letter : shown)
        if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = '?';
    return Error{ErrorCode::invalid_argument, "unknown instruction set '" + shown + "'; use one of " + known};
}

std::vector<Isa> available_isas() {
    std::vector<Isa> found;
    for (const Entry& entry : kIsas)
        if (usable(entry)) found.insert(found.begin(), entry.isa);
    return found;
}

Result<Isa> default_isa() {
    const char* const wanted = std::getenv("TCONV_ISA");
    if (wanted == nullptr || *wanted == '\0') return available_isas().front();
    const Result<Isa> named = parse_isa(wanted);
    Result<Isa> isa = named ? require_isa(*named) : named;
    if (!isa) return Error{isa.error().code, "TCONV_ISA: " + isa.error().message};
    return isa;
}

Result<Isa> require_isa(Isa isa) {
    for (const Entry& entry : kIsas)
        if (entry.isa == isa) {
            if (usable(entry)) return isa;
            return Error{ErrorCode::unsupported,
                         "instruction set " + std::string(entry.name) +
                             (entry.cpu_has_it ? " is not one that this CPU can run; use one of "
                                               : " is not in this build of tconv; use one of ") +
                             usable_names()};
        }
    return Error{ErrorCode::unsupported, "instruction set number " + std::to_string(static_cast<int>(isa)) +
                                             " is unknown; use one of " + usable_names()};
}

}  // namespace tconv
