// reference: the definition itself (tconv/reference.h) as a method. Both sides are turned into doubles in the
// workspace, the definition's loops run on them on one thread, and the result is rounded once:
//
//     output = round(reference(double(input), double(weights), ...))
//
// It serves all three passes and everything that fits into memory. It is never the cheapest: only asked for by name.
#pragma once

#include "methods/candidates.h"
