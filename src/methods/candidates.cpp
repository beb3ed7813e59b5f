#include "methods/candidates.h"

#include <array>

namespace tconv::methods {

std::span<const Candidate* const> candidates() noexcept {
    static constexpr std::array<const Candidate*, 0> kAll{};
    return kAll;
}

}  // namespace tconv::methods
