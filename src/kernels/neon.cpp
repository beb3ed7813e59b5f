// The NEON unit, for AArch64: 8x12 tiles (f32); 24 sums, 3 vectors and a weight of 32 registers.
#define TOOLCHAIN_MISS_SYS_AUXV_H  // or Highway, preparing to choose at run time, would ask for AES instructions
#define TCONV_UNIT neon
#define TCONV_UNIT_ROWS 8
#define TCONV_UNIT_REGISTERS 32
#define TCONV_UNIT_LANES 4
#include "kernels/unit-inl.h"
