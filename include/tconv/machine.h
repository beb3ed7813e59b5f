// The machine that tconv runs on, as `tconv info` tells it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tconv {

struct Cache {
    std::string name;         ///< L1d, L1i, L2, L3
    std::int64_t size_bytes;  ///< of one instance
};

struct Machine {
    std::string cpu;                          ///< the model's name, or "unknown"
    std::string isa;                          ///< the instruction set that kernels use
    std::vector<std::string> available_isas;  ///< those this build has and this CPU can run, best first
    int threads = 1;                          ///< TCONV_NUM_THREADS, or the CPUs this process may run on
    std::vector<Cache> caches;
};

/// Asks the system anew at each call; what it does not tell is left empty.
Machine this_machine();

}  // namespace tconv
