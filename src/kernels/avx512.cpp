// The AVX-512 unit: 8x48 tiles (f32); 24 sums, 3 vectors and a broadcast weight of 32 registers.
#define TCONV_UNIT avx512
#define TCONV_UNIT_ROWS 8
#define TCONV_UNIT_REGISTERS 32
#define TCONV_UNIT_LANES 16
#include "kernels/unit-inl.h"
