// The project's own lists of shapes, tests/shapes/*.txt: one problem text a line, then "# o" and the output size that
// the shape's source states.
#pragma once

#include <string>
#include <vector>

#include "tconv/frameworks.h"

namespace tconv::test {

struct ListedShape {
    std::string where;  ///< file:line
    std::string text;
    Sizes stated_output;
};
const std::vector<ListedShape>& listed_shapes();

/// Multiplications of the full stamps: what a case costs.
std::int64_t multiplications(const Problem& problem);

}  // namespace tconv::test
