#include "tconv/print.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <ostream>

#include "tensor/strided.h"

namespace tconv {
namespace {

constexpr int kMostDigits = 8, kLineWidth = 75;
constexpr std::int64_t kMostElements = 1000, kEdge = 3;
constexpr auto kFixed = std::chars_format::fixed, kScientific = std::chars_format::scientific;

// A number's text in three parts: "-12" "." "5" and, where it is scientific, "+05" after an e.
struct Parts {
    std::string whole, fraction, exponent;
};

Parts split(const std::string& text) {
    const std::size_t end = std::min(text.find('e'), text.size()), point = std::min(text.find('.'), end);
    return {text.substr(0, point), point < end ? text.substr(point + 1, end - point - 1) : "",
            end < text.size() ? text.substr(end + 1) : ""};
}

// The shortest text that tells the value apart from its neighbours of the same type.
std::string shortest(double value, DType dtype, std::chars_format format) {
    char text[512];
    const auto print = [&](auto typed) { return std::to_chars(text, text + sizeof text, typed, format).ptr; };
    return {text, dtype == DType::f32 ? print(static_cast<float>(value)) : print(value)};
}

// The value itself, which is exact, rounded to so many digits after the point.
std::string rounded(double value, std::chars_format format, int digits) {
    char text[512];
    return {text, std::to_chars(text, text + sizeof text, value, format, digits).ptr};
}

// The shortest text with at most 8 digits after the point, without zeros at its end.
Parts at_most_8_digits(double value, DType dtype, std::chars_format format) {
    Parts parts = split(shortest(value, dtype, format));
    if (parts.fraction.size() <= kMostDigits) return parts;
    parts = split(rounded(value, format, kMostDigits));
    parts.fraction.erase(parts.fraction.find_last_not_of('0') + 1);
    return parts;
}

std::string not_finite(double value) { return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf"; }

// Axes that are long are shown by three elements at each edge, in a summary.
bool is_hidden(std::int64_t at, std::int64_t size, bool is_summary) {
    return is_summary && size > 2 * kEdge && at >= kEdge && at < size - kEdge;
}

// One format for all shown elements: fixed or scientific, padded so that points and ends stand below each other.
class Format {
public:
    explicit Format(DType dtype) : dtype_(dtype) {}

    void see(double value) {
        values_.push_back(value);
        if (!std::isfinite(value) || value == 0) return;
        largest_ = std::max(largest_, std::abs(value));
        smallest_ = std::min(smallest_, std::abs(value));
    }

    void settle() {
        is_scientific_ = largest_ > 0 && is_wide();
        for (const double value : values_) {
            if (!std::isfinite(value)) continue;
            const Parts parts = at_most_8_digits(value, dtype_, is_scientific_ ? kScientific : kFixed);
            fraction_ = std::max(fraction_, parts.fraction.size());
            exponent_ = std::max(exponent_, parts.exponent.size());
        }
        for (const double value : values_) width_ = std::max(width_, padded(value).size());
    }

    std::string operator()(double value) const {
        const std::string text = padded(value);
        return std::string(width_ - text.size(), ' ') + text;
    }

private:
    // NumPy compares in the array's own type: 1e-4f is not below 1e-4 there.
    bool is_wide() const {
        if (dtype_ == DType::f64) return largest_ >= 1e8 || smallest_ < 1e-4 || largest_ / smallest_ > 1000;
        const auto largest = static_cast<float>(largest_), smallest = static_cast<float>(smallest_);
        return largest >= 1e6f || smallest < 1e-4f || largest / smallest > 1000;
    }

    // Scientific numbers all have the same digits; fixed ones are filled up with spaces.
    std::string padded(double value) const {
        if (!std::isfinite(value)) return not_finite(value);
        if (!is_scientific_) {
            const Parts parts = at_most_8_digits(value, dtype_, kFixed);
            return parts.whole + '.' + parts.fraction + std::string(fraction_ - parts.fraction.size(), ' ');
        }
        // What has as many digits already stays. The shortest text of 2^-96f = 1.262177448...e-29 is 1.2621775e-29,
        // since the neighbour above a power of two is twice as far as the one below.
        Parts parts = split(shortest(value, dtype_, kScientific));
        if (parts.fraction.size() != fraction_) parts = split(rounded(value, kScientific, static_cast<int>(fraction_)));
        const std::string zeros(exponent_ - std::min(exponent_, parts.exponent.size()), '0');
        return parts.whole + '.' + parts.fraction + 'e' + parts.exponent[0] + zeros + parts.exponent.substr(1);
    }

    DType dtype_;
    std::vector<double> values_;
    double largest_ = 0, smallest_ = std::numeric_limits<double>::infinity();
    std::size_t fraction_ = 0, exponent_ = 0, width_ = 0;
    bool is_scientific_ = false;
};

class Printer {
public:
    explicit Printer(const Tensor& tensor)
        : tensor_(tensor), is_summary_(tensor.elements() > kMostElements), format_(tensor.dtype()) {
        collect(0, 0);
        format_.settle();
    }

    std::string print() const { return nested(0, 0, " ", kLineWidth); }

private:
    template <class Visit>
    void for_each_shown(std::size_t axis, Visit&& visit) const {
        const std::int64_t size = tensor_.shape()[axis];
        for (std::int64_t at = 0; at < size; ++at) {
            if (is_hidden(at, size, is_summary_)) at = size - kEdge;
            visit(at, at * tensor_.strides()[axis]);
        }
    }

    void collect(std::size_t axis, std::int64_t offset) {
        if (axis == tensor_.shape().size()) return format_.see(strided::load(tensor_, offset));
        for_each_shown(axis, [&](std::int64_t, std::int64_t step) { collect(axis + 1, offset + step); });
    }

    // The text of one axis and those inside it; the first line's indent is the caller's.
    std::string nested(std::size_t axis, std::int64_t offset, const std::string& indent, int width) const {
        const std::size_t left = tensor_.shape().size() - axis;
        const std::int64_t size = tensor_.shape()[axis];
        const bool hides = is_summary_ && size > 2 * kEdge;
        std::string text, line = indent;
        const auto add = [&](const std::string& word) {
            if (line.size() + word.size() > static_cast<std::size_t>(width - 1) && line.size() > indent.size()) {
                text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
                line = indent;
            }
            line += word + ' ';
        };
        for_each_shown(axis, [&](std::int64_t at, std::int64_t step) {
            if (hides && at == size - kEdge)
                left == 1 ? add("...") : void(text += indent + "..." + std::string(left - 1, '\n'));
            if (left == 1) return add(format_(strided::load(tensor_, offset + step)));
            text += indent + nested(axis + 1, offset + step, indent + ' ', width - 1);
            if (at + 1 < size) text += std::string(left - 1, '\n');
        });
        if (left == 1) text += line.substr(0, line.size() - 1);
        return '[' + text.substr(indent.size()) + ']';
    }

    const Tensor& tensor_;
    bool is_summary_;
    Format format_;
};

// A tensor of shape () is printed as a number of its type: all its digits, and scientific only where it is far from 1.
std::string scalar(double value, DType dtype) {
    if (!std::isfinite(value)) return not_finite(value);
    const double size = std::abs(value);
    const bool is_fixed = size == 0 || (size >= 1e-4 && size < (dtype == DType::f32 ? 1e6 : 1e16));
    std::string text = shortest(value, dtype, is_fixed ? kFixed : kScientific);
    if (is_fixed && text.find('.') == std::string::npos) text += ".0";
    return text;
}

}  // namespace

std::string to_string(const Tensor& tensor) {
    if (tensor.elements() == 0) return "[]";
    if (tensor.rank() == 0) return scalar(tensor.item(), tensor.dtype());
    return Printer(tensor).print();
}

std::ostream& operator<<(std::ostream& out, const Tensor& tensor) { return out << to_string(tensor); }

}  // namespace tconv
