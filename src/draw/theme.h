// Theme: which colour a role has. Input blue, weights orange, output green, empty red, told apart by those who do not
// see all colours: the hues are Okabe and Ito's (2008), and what is hatched differs in its strokes too.
#pragma once

#include <cstdint>
#include <string>

#include "draw/scene.h"
#include "tconv/result.h"

namespace tconv::draw {

enum class Theme : std::uint8_t { light, dark };

struct Color {
    std::uint8_t red = 0, green = 0, blue = 0;
    bool operator==(const Color&) const = default;
};

/// The colour of a paint on the theme's page; Role::none has the page's.
Color color_of(Theme theme, Paint paint) noexcept;

/// In what a hatch is drawn.
Paint hatch_paint(Hatch hatch) noexcept;

/// "#1a2b3c".
std::string to_hex(Color color);

/// "light" or "dark". Errors: invalid_argument.
Result<Theme> parse_theme(const std::string& text);

const char* name_of(Theme theme) noexcept;

}  // namespace tconv::draw
