// How wide a text is, without a font: the advance widths of DejaVu Sans, in which the room raster writes and which the
// SVG names first. Other fonts that an SVG's viewer may take are as wide (Verdana) or narrower (Arial, Helvetica).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tconv::draw {

/// The font that raster and SVG ask for.
inline constexpr char kFont[] = "DejaVu Sans";

/// Of one line of UTF-8, in ems.
double ems(std::string_view text, bool is_bold = false) noexcept;

/// From the baseline down to below the letters, and up to above them, in ems.
inline constexpr double kDescent = 0.24, kAscent = 0.76;

/// The baseline of a text whose digits stand in the middle of a height.
constexpr double centred_baseline(double middle, double size) noexcept { return middle + 0.365 * size; }

/// A user's text as it may be written: what is no UTF-8 or a control character becomes '?', and what goes beyond `most`
/// characters becomes "...".
std::string shown(std::string_view text, std::size_t most);

/// A text in lines of at most so many ems (not bold). Lines begin, where they can, with a term of a sum: before " + "
/// or " = ". What does not fit into `most` lines is left out, and ends with "...".
std::vector<std::string> wrapped(const std::string& text, double widest, std::size_t most);

}  // namespace tconv::draw
