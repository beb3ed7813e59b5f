#include "lint/words.h"

namespace tconv::lint {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

// Bytes of the UTF-8 character that begins here; 0 where none does (a stray byte, an overlong form, a surrogate).
std::size_t character_length(std::string_view text, std::size_t at) {
    const unsigned first = byte_at(text, at);
    if (first < 0x20 || first == 0x7f) return 0;
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    if (length == 0 || first > 0xf4) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte_at(text, at + i) & 0xc0U) != 0x80U) return 0;
    const unsigned second = byte_at(text, at + 1);
    const bool is_wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                          (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f) ||
                          (first == 0xc2 && second < 0xa0);  // the last: control characters once more
    return is_wrong ? 0 : length;
}

}  // namespace

std::string printable(std::string_view name) {
    constexpr std::size_t kLongest = 200;
    std::string shown;
    for (std::size_t at = 0; at < name.size() && shown.size() < kLongest;) {
        const std::size_t length = character_length(name, at);
        if (length == 0)
            shown += '?';
        else
            shown += name.substr(at, length);
        at += length == 0 ? 1 : length;
    }
    return shown.size() >= kLongest ? shown + "..." : shown;
}

}  // namespace tconv::lint
