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

// The shortest text that tells the value apart from its neighbours of the same type, with at most 8 digits after the
// point, and a point always: "4." "0.1" "0.33333334".
std::string shortest(double value, DType dtype, std::chars_format format) {
    char text[512];
    const auto print = [&](auto typed) {
        const char* end = std::to_chars(text, text + sizeof text, typed, format).ptr;
        return std::string(static_cast<const char*>(text), end);
    };
    std::string digits = dtype == DType::f32 ? print(static_cast<float>(value)) : print(value);
    const std::size_t exponent = std::min(digits.find('e'), digits.size());
    const std::size_t point = digits.find('.');
    if (point != std::string::npos && exponent - point - 1 > kMostDigits) {
        const char* end = std::to_chars(text, text + sizeof text, value, format, kMostDigits).ptr;
        digits.assign(static_cast<const char*>(text), end);
        const std::size_t mantissa = std::min(digits.find('e'), digits.size());
        const std::size_t last = digits.find_last_not_of('0', mantissa - 1);
        digits.erase(last + 1, mantissa - last - 1);
    }
    if (digits.find('.') == std::string::npos) digits.insert(std::min(digits.find('e'), digits.size()), ".");
    return digits;
}

// Which elements are shown: all, or three at each edge of every long axis.
bool is_hidden(std::int64_t at, std::int64_t size, bool is_summary) {
    return is_summary && size > 2 * kEdge && at >= kEdge && at < size - kEdge;
}

// One format for all shown elements: fixed or scientific, padded so that points and ends stand below each other.
class Format {
public:
    void see(double value, DType dtype) {
        values_.push_back(value);
        dtype_ = dtype;
        if (!std::isfinite(value) || value == 0) return;
        largest_ = std::max(largest_, std::abs(value));
        smallest_ = std::min(smallest_, std::abs(value));
    }

    void settle() {
        is_scientific_ = largest_ > 0 && (largest_ >= 1e8 || smallest_ < 1e-4 || largest_ / smallest_ > 1000);
        for (const double value : values_) {
            if (!std::isfinite(value)) continue;
            const std::string text = raw(value);
            const std::size_t point = text.find('.'), end = std::min(text.find('e'), text.size());
            before_ = std::max(before_, point);
            after_ = std::max(after_, end - point - 1);
        }
        for (const double value : values_) width_ = std::max(width_, padded(value).size());
    }

    std::string operator()(double value) const {
        const std::string text = padded(value);
        return std::string(width_ - text.size(), ' ') + text;
    }

private:
    std::string raw(double value) const {
        return shortest(value, dtype_, is_scientific_ ? std::chars_format::scientific : std::chars_format::fixed);
    }

    // Scientific numbers are filled up with zeros, fixed ones with spaces.
    std::string padded(double value) const {
        if (std::isnan(value)) return "nan";
        if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
        std::string text = raw(value);
        const std::size_t point = text.find('.'), end = std::min(text.find('e'), text.size());
        text.insert(end, after_ - (end - point - 1), is_scientific_ ? '0' : ' ');
        return text;
    }

    std::vector<double> values_;
    DType dtype_ = DType::f32;
    double largest_ = 0, smallest_ = std::numeric_limits<double>::infinity();
    std::size_t before_ = 0, after_ = 0, width_ = 0;
    bool is_scientific_ = false;
};

class Printer {
public:
    explicit Printer(const Tensor& tensor) : tensor_(tensor), is_summary_(tensor.elements() > kMostElements) {
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
        if (axis == tensor_.shape().size()) return format_.see(strided::load(tensor_, offset), tensor_.dtype());
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
                left == 1 ? add("...") : void(text += indent + "...\n" + std::string(left - 2, '\n'));
            if (left == 1) return add(format_(strided::load(tensor_, offset + step)));
            text += indent + nested(axis + 1, offset + step, indent + ' ', width - 1);
            if (at + 1 < size) text += std::string(left - 1, '\n');
        });
        if (left == 1) text += line.substr(0, std::max(indent.size(), line.size() - (size > 0 ? 1 : 0)));
        return '[' + text.substr(std::min(indent.size(), text.size())) + ']';
    }

    const Tensor& tensor_;
    bool is_summary_;
    Format format_;
};

}  // namespace

std::string to_string(const Tensor& tensor) {
    if (tensor.elements() == 0) return "[]";
    if (tensor.rank() > 0) return Printer(tensor).print();
    std::string text = shortest(tensor.item(), tensor.dtype(), std::chars_format::fixed);
    if (!std::isfinite(tensor.item()))
        text.pop_back();  // "nan." is "nan"
    else if (text.ends_with('.'))
        text += '0';
    return text;
}

std::ostream& operator<<(std::ostream& out, const Tensor& tensor) { return out << to_string(tensor); }

}  // namespace tconv
