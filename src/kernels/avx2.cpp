// The AVX2 unit: 4x24 tiles (f32); 12 sums, 3 vectors and a broadcast weight fill the 16 registers.
#define TCONV_UNIT avx2
#define TCONV_UNIT_ROWS 4
#define TCONV_UNIT_REGISTERS 16
#define TCONV_UNIT_LANES 8
#include "kernels/unit-inl.h"
