#include "draw/player.h"

namespace tconv::assets {
extern const unsigned char kPlayerScript[];
extern const unsigned long kPlayerScriptSize;
}  // namespace tconv::assets

namespace tconv::draw {

std::string player_script() { return {assets::kPlayerScript, assets::kPlayerScript + assets::kPlayerScriptSize}; }

}  // namespace tconv::draw
