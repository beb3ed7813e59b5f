#include "still.h"

#include <span>

#include "draw/svg.h"
#include "raster/raster.h"
#include "tconv/io.h"

namespace tconv::cli {

bool is_still(const std::string& path) { return path.ends_with(".svg") || path.ends_with(".png"); }

Result<void> write_still(const std::string& path, const draw::Scene& scene) {
    constexpr double kPixels = 2;  // to a length of 1
    if (path.ends_with(".svg")) {
        const std::string text = draw::to_svg(scene, {draw::Theme::light, 2, false});
        return io::write_file(path, std::as_bytes(std::span(text)));
    }
    const auto image = raster::to_image(scene, draw::Theme::light, 0, kPixels);
    if (!image) return image.error();
    return io::write_png(path, *image);
}

}  // namespace tconv::cli
