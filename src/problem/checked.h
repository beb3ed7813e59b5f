// Checked 64-bit size arithmetic: a number that remembers whether anything on the way to it overflowed.
//
//     Checked bytes = Checked(n) * channels * rows * 4;
//     if (!bytes.fits()) ...
//
// "Fits" means at most kMaxExtent = 2^62 - 1 in magnitude, so that the sum of two sizes that fit is still an int64.
#pragma once

#include <cstdint>

namespace tconv {

class Checked {
public:
    static constexpr std::int64_t kMaxExtent = (std::int64_t{1} << 62) - 1;

    constexpr Checked(std::int64_t value) noexcept : value_(value) {}

    constexpr bool fits() const noexcept { return exact_ && value_ <= kMaxExtent && value_ >= -kMaxExtent; }
    constexpr std::int64_t value() const noexcept { return value_; }  ///< meaningful only where fits()

    friend constexpr Checked operator+(Checked a, Checked b) noexcept {
        return combine(a, b, [](auto x, auto y, auto* r) { return __builtin_add_overflow(x, y, r); });
    }
    friend constexpr Checked operator-(Checked a, Checked b) noexcept {
        return combine(a, b, [](auto x, auto y, auto* r) { return __builtin_sub_overflow(x, y, r); });
    }
    friend constexpr Checked operator*(Checked a, Checked b) noexcept {
        return combine(a, b, [](auto x, auto y, auto* r) { return __builtin_mul_overflow(x, y, r); });
    }

private:
    template <class Operation>
    static constexpr Checked combine(Checked a, Checked b, Operation operation) noexcept {
        Checked result(0);
        const bool overflowed = operation(a.value_, b.value_, &result.value_);
        result.exact_ = a.exact_ && b.exact_ && !overflowed;
        return result;
    }

    std::int64_t value_;
    bool exact_ = true;
};

}  // namespace tconv
