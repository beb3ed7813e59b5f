// The portable unit: compiled for the platform's baseline, one element a vector.
#define TCONV_UNIT portable
#define TCONV_UNIT_ROWS 4
#define TCONV_UNIT_REGISTERS 21
#define TCONV_UNIT_LANES 1
#include "kernels/unit-inl.h"
