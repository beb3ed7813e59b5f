#include "draw/metrics.h"

#include <algorithm>
#include <cstdint>

namespace tconv::draw {
namespace {

// Thousandths of an em, from the table hmtx of DejaVuSans.ttf 2.37; from the space to the tilde.
constexpr std::int16_t kWidths[] = {318,  401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337,
                                    636,  636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531,
                                    1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
                                    603,  787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500,
                                    500,  613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612,
                                    635,  635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838};

// Likewise, of DejaVuSans-Bold.ttf.
constexpr std::int16_t kBoldWidths[] = {
    348, 456,  521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415,  380, 365, 696, 696,  696,
    696, 696,  696, 696, 696, 696,  696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830,  683,
    683, 821,  837, 372, 372, 775,  637, 995, 837, 850, 733, 850, 770, 720,  682, 812, 774, 1103, 771,
    724, 725,  457, 365, 457, 838,  500, 500, 675, 716, 593, 716, 678, 435,  716, 712, 343, 343,  665,
    343, 1042, 712, 687, 716, 716,  493, 595, 478, 712, 652, 924, 645, 652,  582, 712, 365, 712,  838};

// Beyond ASCII: the widest that we use, but for the full em of an ellipsis and of what is not known.
std::int16_t width_of(std::uint32_t code, bool is_bold) noexcept {
    if (code >= 0x20 && code < 0x7f) return (is_bold ? kBoldWidths : kWidths)[code - 0x20];
    if (code == 0xb7) return is_bold ? 380 : 318;                      // middle dot
    if (code == 0xb0) return 500;                                      // degree
    if (code == 0xd7 || code == 0x2192 || code == 0x2212) return 838;  // times, arrow, minus
    return 1000;
}

struct Character {
    std::uint32_t code = 0;
    std::size_t length = 1;  ///< bytes
    bool is_valid = false;
};

// The UTF-8 character at the front of a text that is not empty.
Character first_of(std::string_view text) noexcept {
    const auto byte = static_cast<unsigned char>(text[0]);
    if (byte < 0x80) return {byte, 1, byte >= 0x20 && byte != 0x7f};
    Character found;
    const std::size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (byte < 0xc2 || byte > 0xf4 || length > text.size()) return found;
    found.code = byte & (0x7fU >> length);
    for (std::size_t k = 1; k < length; ++k) {
        const auto next = static_cast<unsigned char>(text[k]);
        if ((next & 0xc0) != 0x80) return {};
        found.code = found.code << 6 | (next & 0x3fU);
    }
    const bool is_short = (length == 3 && found.code < 0x800) || (length == 4 && found.code < 0x10000);
    const bool is_surrogate = found.code >= 0xd800 && found.code < 0xe000;
    const bool is_control = found.code < 0xa0 || (found.code & 0xfffe) == 0xfffe || found.code > 0x10ffff;
    if (is_short || is_surrogate || is_control) return {};
    return {found.code, length, true};
}

// Words with the blank before them; what belongs together is one: "+ 2 \u00b7 3", "= 8".
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    bool is_open = false;  // the next word belongs to this one
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' ', 1), text.size());
        const std::string word(text.substr(0, end));
        const bool is_times = word == " \u00b7";
        if (words.empty() || !(is_open || is_times))
            words.push_back(word);
        else
            words.back() += word;
        is_open = is_times || word == " +" || word == " -" || word == " =" || word == " \u2212";
        text.remove_prefix(end);
    }
    return words;
}

}  // namespace

double ems(std::string_view text, bool is_bold) noexcept {
    std::int64_t sum = 0;
    for (; !text.empty();) {
        const Character next = first_of(text);
        sum += width_of(next.code, is_bold);
        text.remove_prefix(next.length);
    }
    return static_cast<double>(sum) / 1000;
}

std::string shown(std::string_view text, std::size_t most) {
    std::string clean;
    std::size_t count = 0;
    for (; !text.empty() && count < most; ++count) {
        const Character next = first_of(text);
        clean += next.is_valid ? std::string(text.substr(0, next.length)) : "?";
        text.remove_prefix(next.length);
    }
    return text.empty() ? clean : clean + "...";
}

std::vector<std::string> wrapped(const std::string& text, double widest, std::size_t most) {
    std::vector<std::string> lines(1);
    for (const std::string& word : words_of(text)) {
        if (lines.back().empty() || ems(lines.back() + word) <= widest)
            lines.back() += word;
        else
            lines.push_back(word.substr(1));
    }
    if (lines.size() <= most) return lines;
    lines.resize(most);
    while (ems(lines.back() + " ...") > widest && lines.back().find(' ') != std::string::npos)
        lines.back().erase(lines.back().rfind(' '));
    lines.back() += " ...";
    return lines;
}

}  // namespace tconv::draw
