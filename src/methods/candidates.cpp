#include "methods/candidates.h"

#include <array>

namespace tconv::methods {

std::span<const Candidate* const> candidates() noexcept {
    static constexpr std::array kAll{&kSplitGemm, &kPhaseGemm, &kOverlapAdd, &kNaturalAdd, &kWeightGemm,
                                     &kDepthwise, &kWinograd,  &kDirect,     &kReference};
    return kAll;
}

}  // namespace tconv::methods
