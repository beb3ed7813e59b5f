// Names that come out of a file: made printable, so that a hostile one does no harm in a terminal, JSON or SARIF.
#pragma once

#include <string>
#include <string_view>

namespace tconv::lint {

/// At most 200 bytes of a name, as UTF-8: bytes that are none, and control characters, become '?'.
std::string printable(std::string_view name);

}  // namespace tconv::lint
