#include "runtime/json_text.h"

#include <charconv>
#include <cmath>

namespace tconv {

std::string quoted(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string json = "\"";
    for (const char letter : text) {
        const auto code = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\') json += '\\';
        if (code >= 0x20)
            json += letter;
        else
            json.append("\\u00").append(1, kDigits[code >> 4U]).append(1, kDigits[code & 15U]);
    }
    return json + "\"";
}

JsonObject& JsonObject::raw(std::string_view key, std::string_view json) {
    if (!members_.empty()) members_ += ", ";
    members_.append(quoted(key)).append(": ").append(json);
    return *this;
}

JsonObject& JsonObject::text(std::string_view key, std::string_view value) { return raw(key, quoted(value)); }
JsonObject& JsonObject::number(std::string_view key, std::int64_t value) { return raw(key, std::to_string(value)); }

JsonObject& JsonObject::number(std::string_view key, double value) {
    if (!std::isfinite(value)) return raw(key, "null");
    char digits[40];
    return raw(key, {digits, std::to_chars(digits, digits + sizeof digits, value).ptr});
}

}  // namespace tconv
