// Labels in pictures: capitals and digits as 5 x 7 pixels.
#pragma once

#include <cstdint>
#include <string_view>

#include "tconv/io.h"

namespace tconv::cli {

constexpr std::int64_t kLetterWidth = 6, kLetterHeight = 7;  ///< with the gap to the next letter

/// Black text whose upper left corner is at (row, column), each pixel of a letter `zoom` pixels wide. Small letters are
/// shown as capitals, characters that the font has not got as gaps; what lies outside the page is left out.
void write_text(io::Image& page, std::string_view text, std::int64_t row, std::int64_t column, std::int64_t zoom);

}  // namespace tconv::cli
