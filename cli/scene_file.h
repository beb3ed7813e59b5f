// A scene as a file, written as the file's ending says.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "draw/scene.h"
#include "draw/theme.h"
#include "tconv/result.h"

namespace tconv::cli {

/// Whether a path ends in .svg or .png.
bool is_still(const std::string& path);

/// --theme, which goes with -o.
struct ThemeOption {
    std::string name;  ///< empty where not given: light

    void declare(CLI::App& app);
    /// Errors (invalid_argument): an unknown theme; one without a picture.
    Result<draw::Theme> theme(bool has_picture) const;
};

/// How a scene is shown.
struct SceneLook {
    draw::Theme theme = draw::Theme::light;
    double fps = 2;  ///< steps in a second
    int step = -1;   ///< what a .png shows; -1: the last one
};

/// Writes F.svg, which plays where the scene has several steps, F.gif, or one step as F.png. Errors: write_failed, and
/// those of the room raster.
Result<void> write_scene(const std::string& path, const draw::Scene& scene, const SceneLook& look);

}  // namespace tconv::cli
