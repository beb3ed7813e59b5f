// In which order a scene's items are painted: layer by layer, and within a layer what is seen from a later step on
// covers what was there before.
#pragma once

#include <vector>

#include "draw/scene.h"

namespace tconv::draw {

std::vector<const Item*> painting_order(const Scene& scene);

}  // namespace tconv::draw
