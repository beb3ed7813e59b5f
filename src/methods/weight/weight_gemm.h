// weight_gemm: the gradient of the weights as a product of matrices over the pixels, tap by tap:
//
//     dW[c,f,j] = sum over pixels (n, i) of  coarse[n,c,i] * fine[n,f, i*s + j*d - p]
//                                            stream [pixel][c]   vectors [pixel's position + tap's shift][f]
//
// A tap only shifts the vectors, so blocks of both sides are packed once for many taps (weight_block.h); how the
// problem is cut is weight_tiling.h's matter. Tasks are shared among workers. Where there are few of them, the pixels
// are cut into *parts* too, each with its own sums, which are added in the order of the parts: how many is decided from
// the problem alone, so the bits do not depend on the number of workers.
#pragma once

#include "methods/candidates.h"
