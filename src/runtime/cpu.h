// What the system tells about its first processor: for Machine, and for cost models.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tconv/machine.h"

namespace tconv {

// Numbers to reckon with; where the system does not tell, a modest machine's.
struct CpuFacts {
    std::int64_t l1d_bytes = std::int64_t{32} << 10;  // of one instance, like the next two
    std::int64_t l2_bytes = std::int64_t{512} << 10;
    std::int64_t l3_bytes = std::int64_t{8} << 20;
    double nominal_ghz = 3.0;
};

// Asked once, at the first call, and the same from then on.
const CpuFacts& cpu_facts();

// The model's name, or nothing.
std::string cpu_name();

// Nearest first; none where the system does not tell.
std::vector<Cache> caches_of_cpu0();

}  // namespace tconv
