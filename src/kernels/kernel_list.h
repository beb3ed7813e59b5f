// The kernel units by name and instruction set; kernel_units.inc is the list they come from.
#pragma once

#include <cstdint>

#include "kernels/kernel_set.h"
#include "tconv/isa.h"

namespace tconv::kernels {

#define TCONV_KERNEL_UNIT(name, isa)               \
    const KernelSet<float>& name##_f32() noexcept; \
    const KernelSet<double>& name##_f64() noexcept;
#include "kernels/kernel_units.inc"
#undef TCONV_KERNEL_UNIT

/// One line of the list.
struct Unit {
    const char* name;
    Isa isa;
    const KernelSet<float>& (*f32)() noexcept;
    const KernelSet<double>& (*f64)() noexcept;

    template <class T>
    const KernelSet<T>& set() const noexcept {
        if constexpr (sizeof(T) == sizeof(float))
            return f32();
        else
            return f64();
    }
};

/// All of this build's, in the order of the list.
struct Units {
    const Unit* first;
    std::int64_t count;
    const Unit* begin() const noexcept { return first; }
    const Unit* end() const noexcept { return first + count; }
};
Units all_units() noexcept;

/// The unit that plans for an instruction set use: the first of the list that has it.
const Unit& unit_for(Isa isa) noexcept;

}  // namespace tconv::kernels
