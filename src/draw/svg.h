// SVG: a scene as one self-contained file. It plays by itself, without a script too (SMIL), and repeats; what cannot
// play shows the last step. Where scripts may run, player.js adds a step control, play and pause, and a tooltip for
// every hit, which a click pins.
//
// What a program may read back: every hit is a <rect class="hit"> with data-name, data-value (in full), data-step where
// it has one, and data-related with the numbers of the hits that light up with it.
#pragma once

#include <string>

#include "draw/scene.h"
#include "draw/theme.h"

namespace tconv::draw {

struct SvgOptions {
    Theme theme = Theme::light;
    double fps = 2;          ///< steps per second
    bool has_player = true;  ///< false: no script and no controls; hits keep their browser's tooltips
};

std::string to_svg(const Scene& scene, const SvgOptions& options);

}  // namespace tconv::draw
