// The machine that tconv runs on, as `tconv info` tells it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tconv {

/// One level of the processor's cache.
struct Cache {
    std::string name;         ///< L1d, L1i, L2, L3
    std::int64_t size_bytes;  ///< of one instance
};

/// The processor, as far as the system tells.
struct Machine {
    std::string cpu;                          ///< the model's name, or "unknown"
    std::string isa;                          ///< the instruction set that kernels use
    std::vector<std::string> available_isas;  ///< those this build has and this CPU can run, best first
    int threads = 1;                          ///< TCONV_NUM_THREADS, or the CPUs this process may run on
    std::vector<Cache> caches;                ///< nearest first
};

/// Asks the system anew at each call; what it does not tell is left empty.
Machine this_machine();

}  // namespace tconv
