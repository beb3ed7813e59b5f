// depthwise: scatter and gather where every group has one channel on each side and channels lie next to each other
// (channels last). No channel has to do with another, so lanes are channels, and nothing is packed or transposed but
// the weights, to [tap][channel]:
//
//     y[o, c]  =  sum over taps t that meet o, in the order of the kernel, of   w[t, c] * x[i(o, t), c]
//
// Points of one phase of a row are a kernel call: their taps lie at the same distances. At a row's ends, where the
// frame or the read grid cuts taps off, a point has a call of its own with the taps that are left; so no product is
// padded, and infinities among the weights go where the definition sends them.
#pragma once

#include "methods/candidates.h"
