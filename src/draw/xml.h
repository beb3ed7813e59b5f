// XML's spelling of texts and attributes.
#pragma once

#include <string>
#include <string_view>

namespace tconv::draw::xml {

/// With & < > and quotes as entities. What is no character of XML must not be in it (metrics.h's shown() sees to that).
std::string escaped(std::string_view text);

/// ' name="value"', the value escaped.
std::string attribute(std::string_view name, std::string_view value);

/// A number with six digits behind the point, at most: times and their fractions.
std::string fraction(double value);

}  // namespace tconv::draw::xml
