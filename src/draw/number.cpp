#include "draw/number.h"

#include <charconv>
#include <cmath>

namespace tconv::draw {
namespace {

template <class... Format>
std::string written(double value, Format... format) {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, format...);
    return {buffer, end.ptr};
}

}  // namespace

std::string short_number(double value) {
    if (std::isnan(value)) return "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    if (value == 0) return "0";
    if (value == std::trunc(value) && std::fabs(value) < 1e6) return written(value, std::chars_format::fixed, 0);
    std::string text = written(value, std::chars_format::general, 3);
    // 1.2e+05 as 1.2e5
    if (const auto e = text.find('e'); e != std::string::npos) {
        std::size_t digits = e + 1;
        if (text[digits] == '+') text.erase(digits, 1);
        if (text[digits] == '-') ++digits;
        while (digits + 1 < text.size() && text[digits] == '0') text.erase(digits, 1);
    }
    return text;
}

std::string full_number(double value) { return value == 0 ? "0" : written(value); }

std::string length(double value) {
    const double rounded = std::round(value * 100) / 100;
    return rounded == 0 ? "0" : written(rounded);
}

}  // namespace tconv::draw
