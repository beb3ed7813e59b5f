#include "scene_file.h"

#include <span>

#include "draw/svg.h"
#include "raster/raster.h"
#include "tconv/io.h"
#include "terminal.h"

namespace tconv::cli {

bool is_still(const std::string& path) { return path.ends_with(".svg") || path.ends_with(".png"); }

void ThemeOption::declare(CLI::App& app) {
    app.add_option("--theme", name, "of the picture: light or dark (light)")->option_text("THEME");
}

Result<draw::Theme> ThemeOption::theme(bool has_picture) const {
    if (name.empty()) return draw::Theme::light;
    if (!has_picture)
        return Error{ErrorCode::invalid_argument, "--theme is that of a picture; leave it out, or write -o F.svg"};
    return draw::parse_theme(name);
}

Result<void> write_scene(const std::string& path, const draw::Scene& scene, const SceneLook& look) {
    if (path.ends_with(".svg")) {
        const std::string text = draw::to_svg(scene, {look.theme, look.fps});
        return io::write_file(path, std::as_bytes(std::span(text)));
    }
    if (path.ends_with(".gif")) {
        Progress progress("drawing");
        const auto gif =
            raster::to_gif(scene, look.theme, look.fps, [&](int done) { progress.update(done, scene.steps); });
        if (!gif) return gif.error();
        return io::write_file(path, *gif);
    }
    constexpr double kPixels = 2;  // to a length of 1
    const auto image = raster::to_image(scene, look.theme, look.step < 0 ? scene.last_step() : look.step, kPixels);
    if (!image) return image.error();
    return io::write_png(path, *image);
}

}  // namespace tconv::cli
