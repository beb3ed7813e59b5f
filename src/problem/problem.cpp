#include "tconv/problem.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "problem/axis.h"
#include "problem/checked.h"

namespace tconv {
namespace {

Error refuse(std::string sentence) { return {ErrorCode::invalid_argument, std::move(sentence)}; }

std::string number(std::int64_t value) { return std::to_string(value); }

Result<void> validate_channels(const Problem& problem) {
    if (auto ok = check_at_least("batch", problem.batch, 0); !ok) return ok;
    if (auto ok = check_at_least("groups", problem.groups, 1); !ok) return ok;
    if (auto ok = check_at_least("input (coarse) channels", problem.coarse_channels, 0); !ok) return ok;
    if (auto ok = check_at_least("output (fine) channels", problem.fine_channels, 0); !ok) return ok;
    for (const auto& [what, channels] : {std::pair{"input (coarse) channels ", problem.coarse_channels},
                                         std::pair{"output (fine) channels ", problem.fine_channels}}) {
        if (channels % problem.groups == 0) continue;
        return refuse(what + number(channels) + " must be divisible by groups " + number(problem.groups) +
                      "; the largest common choice is groups " + number(std::gcd(channels, problem.groups)));
    }
    return {};
}

// Every array has to be addressable in bytes, in either precision; a zero anywhere must not hide an overflow.
Result<void> validate_bytes(const Problem& problem) {
    const auto least_one = [](std::int64_t count) { return Checked(std::max<std::int64_t>(count, 1)); };
    const Checked batch = least_one(problem.batch);
    const Checked coarse = batch * least_one(problem.coarse_channels), fine = batch * least_one(problem.fine_channels);
    const Checked weights = least_one(problem.coarse_channels) * least_one(problem.fine_channels / problem.groups);
    Checked coarse_positions = 1, fine_positions = 1, taps = 1;
    for (const Axis& axis : problem.axes) {
        coarse_positions = coarse_positions * axis.coarse;
        fine_positions = fine_positions * axis.fine;
        taps = taps * axis.kernel;
    }
    for (const auto& [what, elements] :
         {std::pair{"input (coarse side)", coarse * coarse_positions},
          std::pair{"output (fine side)", fine * fine_positions}, std::pair{"weights", weights * taps}}) {
        if ((elements * size_of(DType::f64)).fits()) continue;
        return refuse(std::string("the ") + what + " would need more than 2^62 bytes; use smaller sizes");
    }
    return {};
}

Result<void> validate_epilogue(const Problem& problem) {
    const Activation& activation = problem.activation;
    switch (activation.kind) {
        case Activation::Kind::leaky:
            if (std::isfinite(activation.alpha)) break;
            return refuse("leaky's slope must be a finite number");
        case Activation::Kind::clamp:
            if (activation.alpha <= activation.beta) break;
            return refuse("clamp's lower bound must not be above its upper bound, and neither may be NaN");
        default:
            if (activation.alpha == 0 && activation.beta == 0) break;
            return refuse("only leaky and clamp take parameters");
    }
    for (const char c : problem.name) {
        if (c == '"' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return refuse("a name must not hold a double quote or a control character");
    }
    return {};
}

}  // namespace

std::int64_t Problem::coarse_positions() const noexcept { return axes[0].coarse * axes[1].coarse * axes[2].coarse; }
std::int64_t Problem::fine_positions() const noexcept { return axes[0].fine * axes[1].fine * axes[2].fine; }
std::int64_t Problem::taps() const noexcept { return axes[0].kernel * axes[1].kernel * axes[2].kernel; }

Result<void> validate(const Problem& problem) {
    if (problem.rank < 1 || problem.rank > Problem::kMaxRank)
        return refuse("rank " + number(problem.rank) + " must be 1, 2 or 3 spatial axes");
    for (int i = 0; i < Problem::kMaxRank - problem.rank; ++i) {
        if (problem.axes[static_cast<std::size_t>(i)] != Axis{})
            return refuse("an axis beyond the rank must be left as it is: Axis{}");
    }
    for (const Axis& axis : problem.spatial()) {
        if (auto ok = check_axis(axis); !ok) return ok;
    }
    if (auto ok = validate_channels(problem); !ok) return ok;
    if (auto ok = validate_bytes(problem); !ok) return ok;
    return validate_epilogue(problem);
}

}  // namespace tconv
