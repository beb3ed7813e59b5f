#include "kernels/kernel_list.h"

namespace tconv::kernels {
namespace {

constexpr Unit kUnits[] = {
#define TCONV_KERNEL_UNIT(name, isa) {#name, isa, name##_f32, name##_f64},
#include "kernels/kernel_units.inc"
#undef TCONV_KERNEL_UNIT
};

}  // namespace

Units all_units() noexcept { return {kUnits, sizeof kUnits / sizeof kUnits[0]}; }

const Unit& unit_for(Isa isa) noexcept {
    for (const Unit& unit : kUnits)
        if (unit.isa == isa) return unit;
    return kUnits[0];
}

}  // namespace tconv::kernels
