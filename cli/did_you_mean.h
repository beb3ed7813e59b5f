// The known word nearest to a mistyped one.
#pragma once

#include <string>
#include <vector>

namespace tconv::cli {

/// The nearest of `known` within a third of the word's length (at least 2 edits; a swap of neighbours is one edit, and
/// so is leaving off the end), or an empty string.
std::string nearest_word(const std::string& word, const std::vector<std::string>& known);

}  // namespace tconv::cli
