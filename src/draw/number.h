// Numbers as they are written in pictures.
#pragma once

#include <string>

namespace tconv::draw {

/// For a cell: whole numbers as they are, others with three significant digits; six characters or so.
std::string short_number(double value);

/// In full: the shortest text that reads back as the same double. `length`: a length in a picture, to a hundredth.
std::string full_number(double value);
std::string length(double value);

}  // namespace tconv::draw
