// Isa: the instruction sets that kernels are compiled for. A build holds some of them, a CPU can run some of them; the
// best that both have is used unless TCONV_ISA or an option names another. "portable" is always there.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tconv/result.h"

namespace tconv {

/// An instruction set that kernels may be compiled for; a later one is preferred.
enum class Isa : std::uint8_t {
    portable,  ///< plain C++ for the platform's baseline
    sse4,      ///< x86-64 with SSE4.2 and POPCNT (Nehalem, Bulldozer)
    avx2,      ///< x86-64 with AVX2, FMA and F16C (Haswell, Zen)
    avx512,    ///< x86-64 with AVX-512 F, BW, CD, DQ and VL (Skylake-X, Zen 4)
    amx,       ///< that, and matrix tiles of bfloat16 (AMX; Sapphire Rapids), of which f32 products are made
    neon,      ///< AArch64, all of it
    wasm,      ///< WebAssembly with vectors of 128 bits
};

/// "portable", "sse4", "avx2", "avx512", "amx", "neon", "wasm".
std::string_view to_string(Isa isa) noexcept;

/// The other way round. Errors: invalid_argument for a name that tconv does not know (the names it knows are listed).
Result<Isa> parse_isa(std::string_view name);

/// Those that this build has and this CPU can run, best first.
std::vector<Isa> available_isas();

/// The one that kernels use where nothing else is asked for: TCONV_ISA (read at each call; empty is none), else the
/// best available. Errors: invalid_argument for an unknown name in TCONV_ISA, unsupported for one that this build or
/// CPU has not got.
Result<Isa> default_isa();

/// `isa` if this build has it and this CPU can run it. Errors: unsupported.
Result<Isa> require_isa(Isa isa);

}  // namespace tconv
