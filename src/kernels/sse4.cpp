// The SSE4 unit: 6x8 tiles (f32); 12 sums, 2 vectors, a broadcast weight and a product fill the 16 registers. There is
// no multiply-add: products are rounded before they are added. As a weight takes a load and a shuffle, 2 rows of 6
// vectors seemed faster (some 12 % in single runs; AMD Zen 5, 2026-11-23), but methods want tiles as tall as the phases
// of a row.
#define HWY_DISABLE_PCLMUL_AES  // Highway's SSE4 would ask for AES instructions, which the first such CPUs lack
#define TCONV_UNIT sse4
#define TCONV_UNIT_ROWS 6
#define TCONV_UNIT_REGISTERS 15  // and one for the product
#define TCONV_UNIT_LANES 4
#include "kernels/unit-inl.h"
static_assert(HWY_TARGET == HWY_SSE4, "compiler flags and instruction set disagree");  // SSE2 has four lanes, too
