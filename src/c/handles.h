// What is behind the opaque types.
#pragma once

#include <cstdint>
#include <memory>

#include "c/structs.h"
#include "tconv/plan.h"

struct tconv_plan {
    tconv::Plan plan;
    std::unique_ptr<tconv::c::HostPool> pool;  // what the plan's executor points to
};

struct tconv_packed {
    tconv::PackedWeights weights;
};

namespace tconv::c {

// Whether a pointer is a multiple of `bytes`; null is.
inline bool is_aligned(const void* pointer, std::int64_t bytes) noexcept {
    return reinterpret_cast<std::uintptr_t>(pointer) % static_cast<std::uintptr_t>(bytes) == 0;
}

}  // namespace tconv::c
