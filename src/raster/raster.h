// Raster: a scene as pixels (cairo), one step, several steps on a sheet, or all of them as an animated GIF (giflib).
// Not part of the library: the command line alone needs it.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "draw/scene.h"
#include "draw/theme.h"
#include "tconv/io.h"
#include "tconv/result.h"

/// Scenes as PNG and GIF.
namespace tconv::raster {

/// One step as an RGB picture, `zoom` pixels to a length of 1. Errors: invalid_argument where it would have more than
/// 2^26 pixels, out_of_memory.
Result<io::Image> to_image(const draw::Scene& scene, draw::Theme theme, int step, double zoom);

/// Steps side by side, row by row: all of them, or `most` that are as far from each other as can be, the first and the
/// last among them. Errors: as above.
Result<io::Image> to_sheet(const draw::Scene& scene, draw::Theme theme, int most);

/// An animation that repeats for ever: a frame a step, each 1/fps seconds long in hundredths of a second, the last one
/// draw::kLastStepLasts times as long. `tell` hears how many frames are done. Errors: as above.
Result<std::vector<std::byte>> to_gif(const draw::Scene& scene, draw::Theme theme, double fps,
                                      const std::function<void(int done)>& tell);

}  // namespace tconv::raster
