// natural_add: overlap-add with the weights in their natural order, for few pixels. A weight array (C_in, C_out, k...)
// is a matrix whose row, one for each read channel, holds every tap of every written channel side by side. So the
// products of all pixels with it,
//
//     columns[pixel][channel, tap]  =  sum over c of   input[c][pixel] * weights[c][channel, tap]
//
// need no packing: lanes are the row's elements as they lie in memory, rows are pixels. For a block of channels the
// sums stay in a cache; then each pixel's stamp is added where it lies. Every weight is read once, in long stretches,
// whatever stride, dilation and padding are. With more than some dozens of pixels the columns outgrow the cache, and
// other methods keep more of the work in registers.
//
// Worth it for maps of one pixel (the first layers of generators, decoders of a vector), and wherever weights are given
// anew with each call.
#pragma once

#include "methods/candidates.h"
