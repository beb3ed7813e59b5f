#include "tconv/machine.h"

#include "cpu.h"
#include "tconv/executor.h"
#include "tconv/isa.h"

namespace tconv {

Machine this_machine() {
    Machine machine;
    machine.cpu = cpu_name();
    if (machine.cpu.empty()) machine.cpu = "unknown";
    const Result<Isa> isa = default_isa();
    machine.isa = to_string(isa ? *isa : Isa::portable);
    for (const Isa available : available_isas()) machine.available_isas.emplace_back(to_string(available));
    machine.threads = default_threads();
    machine.caches = caches_of_cpu0();
    return machine;
}

}  // namespace tconv
