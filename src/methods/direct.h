// direct: plain loops over exactly those pairs that meet, on weights in their natural order. For each written line
// (a sample, a channel, outer positions), in chunks:
//
//     line[o] = sum over read channels, over outer taps that hit, over inner *runs*;     then bias, residual,
//     activation
//
// A run is a piece of the inner axis that one loop computes. There are three ways to cut the pairs (o, i, j) of an
// inner axis into runs, and the plan takes the one with the longest loops:
//
//     taps      one run for each tap j:              line[o(i)] += w[j] * x[i]      over the i that land in the chunk
//     stamps    one run for each read i (scatter):   line[o(j)] += x[i] * w[j]      over the j that land in the chunk
//     sums      one run for each written o:          line[o]    += sum w[j] * x[i]  over the pairs that meet at o
//
// No product is ever padded, so infinities and NaN, in inputs or weights, travel only where the definition says. It is
// what weights that are not finite fall back on, what tiny problems cost least with, and what serves all that the fast
// methods refuse.
#pragma once

#include "methods/candidates.h"
