// The methods there are, in the order in which a plan considers them. Adding one is a pair of files and a line in
// candidates.cpp.
#pragma once

#include <span>

#include "methods/method.h"

namespace tconv::methods {

/// Of all passes.
std::span<const Candidate* const> candidates() noexcept;

extern const Candidate kSplitGemm;   ///< scatter, gather of f32: split_gemm.h
extern const Candidate kPhaseGemm;   ///< scatter, gather: phase_gemm.h
extern const Candidate kOverlapAdd;  ///< scatter: overlap_add.h
extern const Candidate kNaturalAdd;  ///< scatter of few pixels: natural_add.h
extern const Candidate kWeightGemm;  ///< weight_grad: weight_gemm.h
extern const Candidate kDepthwise;   ///< scatter, gather: depthwise.h; exact for weights that are not finite
extern const Candidate kWinograd;    ///< scatter, gather, where it is allowed: winograd.h
extern const Candidate kDirect;      ///< scatter, gather: direct.h; exact for weights that are not finite
extern const Candidate kReference;   ///< all: the definition itself; never chosen, only asked for

}  // namespace tconv::methods
