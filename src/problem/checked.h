// Checked 64-bit size arithmetic: a number that remembers whether anything on the way to it overflowed.
//
//     Checked bytes = Checked(n) * channels * rows * 4;
//     if (!bytes.fits()) ...
//
// "Fits" means at most kMaxExtent = 2^62 - 1 in magnitude, so that the sum of two sizes that fit is still an int64.
#pragma once

#include <cstdint>
#include <limits>

namespace tconv {

class Checked {
public:
    static constexpr std::int64_t kMaxExtent = (std::int64_t{1} << 62) - 1;

    constexpr Checked(std::int64_t value) noexcept : value_(value) {}

    constexpr bool fits() const noexcept { return exact_ && value_ <= kMaxExtent && value_ >= -kMaxExtent; }
    constexpr std::int64_t value() const noexcept { return value_; }  ///< meaningful only where fits()

    friend constexpr Checked operator+(Checked a, Checked b) noexcept {
        const bool overflows = b.value_ > 0 ? a.value_ > kMax - b.value_ : a.value_ < kMin - b.value_;
        return overflows ? Checked() : Checked(a.value_ + b.value_, a.exact_ && b.exact_);
    }
    friend constexpr Checked operator-(Checked a, Checked b) noexcept {
        const bool overflows = b.value_ < 0 ? a.value_ > kMax + b.value_ : a.value_ < kMin + b.value_;
        return overflows ? Checked() : Checked(a.value_ - b.value_, a.exact_ && b.exact_);
    }
    friend constexpr Checked operator*(Checked a, Checked b) noexcept {
        return product_overflows(a.value_, b.value_) ? Checked() : Checked(a.value_ * b.value_, a.exact_ && b.exact_);
    }

private:
    static constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    static constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

    constexpr Checked() noexcept : value_(0), exact_(false) {}
    constexpr Checked(std::int64_t value, bool exact) noexcept : value_(value), exact_(exact) {}

    static constexpr bool product_overflows(std::int64_t a, std::int64_t b) noexcept {
        if (a == 0 || b == 0) return false;
        if (a > 0) return b > 0 ? a > kMax / b : b < kMin / a;
        return b > 0 ? a < kMin / b : a < kMax / b;
    }

    std::int64_t value_;
    bool exact_ = true;
};

}  // namespace tconv
