#include "json_reader.h"

#include <charconv>

namespace tconv::io {
namespace {

void append_utf8(std::string& text, std::uint32_t code) {
    const auto rest = [&](int shift) { text += static_cast<char>(0x80 | (code >> shift & 0x3f)); };
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xc0 | code >> 6);
        rest(0);
    } else if (code < 0x10000) {
        text += static_cast<char>(0xe0 | code >> 12);
        rest(6), rest(0);
    } else {
        text += static_cast<char>(0xf0 | code >> 18);
        rest(12), rest(6), rest(0);
    }
}

}  // namespace

void JsonReader::skip_space() {
    const std::size_t text = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(text == std::string_view::npos ? rest_.size() : text);
}

bool JsonReader::accept(char sign) {
    skip_space();
    if (rest_.empty() || rest_.front() != sign) return false;
    rest_.remove_prefix(1);
    return true;
}

bool JsonReader::at_end() {
    skip_space();
    return rest_.empty();
}

std::optional<std::uint32_t> JsonReader::four_digits() {
    std::uint32_t code = 0;
    if (rest_.size() < 4) return std::nullopt;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + 4, code, 16);
    if (error != std::errc() || end != rest_.data() + 4) return std::nullopt;
    rest_.remove_prefix(4);
    return code;
}

// What follows a backslash.
bool JsonReader::escape(std::string& text) {
    if (rest_.empty()) return false;
    const char letter = rest_.front();
    rest_.remove_prefix(1);
    constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    if (const std::size_t at = kLetters.find(letter); at != std::string_view::npos) {
        text += kMeanings[at];
        return true;
    }
    auto code = letter == 'u' ? four_digits() : std::nullopt;
    if (!code || (*code >= 0xdc00 && *code < 0xe000)) return false;
    if (*code >= 0xd800 && *code < 0xdc00) {  // the first half of a pair
        if (!rest_.starts_with("\\u")) return false;
        rest_.remove_prefix(2);
        const auto low = four_digits();
        if (!low || *low < 0xdc00 || *low >= 0xe000) return false;
        code = 0x10000 + ((*code - 0xd800) << 10) + (*low - 0xdc00);
    }
    append_utf8(text, *code);
    return true;
}

std::optional<std::string> JsonReader::string() {
    if (!accept('"')) return std::nullopt;
    std::string text;
    while (!rest_.empty()) {
        const char letter = rest_.front();
        rest_.remove_prefix(1);
        if (letter == '"') return text;
        if (static_cast<unsigned char>(letter) < 0x20) return std::nullopt;
        if (letter != '\\')
            text += letter;
        else if (!escape(text))
            return std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::int64_t> JsonReader::number() {
    skip_space();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || value < 0) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
}

std::optional<std::vector<std::int64_t>> JsonReader::numbers(std::size_t most) {
    if (!accept('[')) return std::nullopt;
    std::vector<std::int64_t> list;
    if (accept(']')) return list;
    do {
        const auto value = number();
        if (!value || list.size() == most) return std::nullopt;
        list.push_back(*value);
    } while (accept(','));
    if (!accept(']')) return std::nullopt;
    return list;
}

}  // namespace tconv::io
