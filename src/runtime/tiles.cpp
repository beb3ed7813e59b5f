#include "tiles.h"

#if defined(__linux__) && defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace tconv {

#if defined(__linux__) && defined(__x86_64__) && defined(__GNUC__)

bool may_use_tiles() {
    constexpr unsigned kXsave = 1u << 27;                        // leaf 1, ecx: OSXSAVE
    constexpr unsigned kTiles = 1u << 24, kBf16 = 1u << 22;      // leaf 7, edx
    constexpr unsigned kTileState = 3u << 17;                    // XCR0: TILECFG and TILEDATA
    constexpr long kTileData = 18, kRequestPermission = 0x1023;  // arch_prctl(2)
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & kXsave) == 0) return false;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & kTiles) == 0 || (d & kBf16) == 0) return false;
    unsigned low = 0, high = 0;
    asm("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & kTileState) != kTileState) return false;
    return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

#else

bool may_use_tiles() { return false; }

#endif

}  // namespace tconv
