#include "draw/theme.h"

#include <cmath>
#include <iterator>

namespace tconv::draw {
namespace {

struct Colors {
    Role role;
    Color light, dark;
};

// In the roles' order; `none` is the page.
constexpr Colors kColors[] = {
    {Role::none, {0xff, 0xff, 0xff}, {0x12, 0x17, 0x1d}},    {Role::page, {0xff, 0xff, 0xff}, {0x12, 0x17, 0x1d}},
    {Role::ink, {0x1b, 0x1f, 0x24}, {0xf0, 0xf3, 0xf6}},     {Role::quiet, {0x6a, 0x73, 0x7d}, {0x9a, 0xa5, 0xb1}},
    {Role::grid, {0xb4, 0xbc, 0xc5}, {0x4a, 0x54, 0x60}},    {Role::input, {0x1f, 0x78, 0xb8}, {0x56, 0xa8, 0xe6}},
    {Role::weights, {0xc7, 0x78, 0x00}, {0xf0, 0xa0, 0x20}}, {Role::output, {0x00, 0x8a, 0x63}, {0x14, 0xb0, 0x98}},
    {Role::empty, {0xc8, 0x1e, 0x3a}, {0xff, 0x6b, 0x81}},
};

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < std::size(kColors); ++i)
        if (static_cast<std::size_t>(kColors[i].role) != i) return false;
    return true;
}
static_assert(is_in_order());

Color base(Theme theme, Role role) noexcept {
    const Colors& colors = kColors[static_cast<std::size_t>(role)];
    return theme == Theme::light ? colors.light : colors.dark;
}

std::uint8_t mix(std::uint8_t page, std::uint8_t full, double strength) noexcept {
    return static_cast<std::uint8_t>(std::lround(page + (full - page) * strength));
}

}  // namespace

Color color_of(Theme theme, Paint paint) noexcept {
    const Color page = base(theme, Role::page), full = base(theme, paint.role);
    // On a dark page a little colour is seen less.
    const double strength = theme == Theme::dark ? std::pow(paint.strength, 0.8) : paint.strength;
    return {mix(page.red, full.red, strength), mix(page.green, full.green, strength),
            mix(page.blue, full.blue, strength)};
}

Paint hatch_paint(Hatch hatch) noexcept {
    return hatch == Hatch::empty ? Paint{Role::empty, 0.45} : Paint{Role::quiet, 0.6};
}

std::string to_hex(Color color) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text = "#";
    for (const std::uint8_t part : {color.red, color.green, color.blue}) {
        text += digits[part >> 4];
        text += digits[part & 15];
    }
    return text;
}

Result<Theme> parse_theme(const std::string& text) {
    if (text == "light") return Theme::light;
    if (text == "dark") return Theme::dark;
    return Error{ErrorCode::invalid_argument, "the theme '" + text + "' is not known; give light or dark"};
}

const char* name_of(Theme theme) noexcept { return theme == Theme::light ? "light" : "dark"; }

}  // namespace tconv::draw
