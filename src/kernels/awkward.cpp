// A unit for tests: portable, with a tile that divides nothing.
#define TCONV_UNIT awkward
#define TCONV_UNIT_ROWS 5
#define TCONV_UNIT_REGISTERS 19
#define TCONV_UNIT_LANES 1
#define TCONV_UNIT_SPLIT_ROWS 3
#define TCONV_UNIT_SPLIT_LANES 5
#define TCONV_UNIT_SPLIT_DEPTH 6
#include "kernels/unit-inl.h"
