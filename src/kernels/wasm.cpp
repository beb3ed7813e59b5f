// The WebAssembly unit, of 128-bit vectors: 4x8 tiles (f32), since engines on x86-64 have 16 registers for 8 sums, 2
// vectors, a weight and, without fused multiply-add, products.
#define TCONV_UNIT wasm
#define TCONV_UNIT_ROWS 4
#define TCONV_UNIT_REGISTERS 15
#define TCONV_UNIT_LANES 4
#include "kernels/unit-inl.h"
