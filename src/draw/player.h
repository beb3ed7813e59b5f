// The script that an SVG carries (player.js).
#pragma once

#include <string>

namespace tconv::draw {

std::string player_script();

}  // namespace tconv::draw
