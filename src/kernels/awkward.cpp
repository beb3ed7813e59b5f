// A unit for tests: portable, with a tile that divides nothing.
#define TCONV_UNIT awkward
#define TCONV_UNIT_ROWS 5
#define TCONV_UNIT_REGISTERS 19
#define TCONV_UNIT_LANES 1
#include "kernels/unit-inl.h"
