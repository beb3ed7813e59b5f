// Scenes painted with cairo.
#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "draw/metrics.h"
#include "draw/order.h"
#include "raster/raster.h"

namespace tconv::raster {
namespace {

using draw::Anchor;
using draw::Hatch;
using draw::Paint;
using draw::Role;
using draw::Scene;

constexpr double kMostPixels = 1 << 26, kLongestSide = 30000;

struct Painter {
    cairo_t* cairo;
    draw::Theme theme;

    void take(Paint paint) const {
        const draw::Color color = draw::color_of(theme, paint);
        cairo_set_source_rgb(cairo, color.red / 255.0, color.green / 255.0, color.blue / 255.0);
    }

    void dash(bool is_dashed) const {
        const double dashes[] = {6, 4};
        cairo_set_dash(cairo, dashes, is_dashed ? 2 : 0, 0);
    }

    // As the SVG's patterns: lines through the points whose sum (and, crossed, difference) of x and y is a multiple
    // of 8.
    void hatch(const draw::Rect& r) const {
        cairo_save(cairo);
        cairo_rectangle(cairo, r.x, r.y, r.width, r.height);
        cairo_clip(cairo);
        take(draw::hatch_paint(r.hatch));
        cairo_set_line_width(cairo, 1);
        dash(false);
        const double right = r.x + r.width, bottom = r.y + r.height;
        for (double sum = std::floor((r.x + r.y) / 8) * 8; sum <= right + bottom; sum += 8) {
            cairo_move_to(cairo, r.x, sum - r.x);
            cairo_line_to(cairo, right, sum - right);
        }
        if (r.hatch == Hatch::empty)
            for (double difference = std::floor((r.x - bottom) / 8) * 8; difference <= right - r.y; difference += 8) {
                cairo_move_to(cairo, r.x, r.x - difference);
                cairo_line_to(cairo, right, right - difference);
            }
        cairo_stroke(cairo);
        cairo_restore(cairo);
    }

    void operator()(const draw::Rect& r) const {
        if (r.fill.role != Role::none && r.hatch == Hatch::none) {
            take(r.fill);
            cairo_rectangle(cairo, r.x, r.y, r.width, r.height);
            cairo_fill(cairo);
        }
        if (r.hatch != Hatch::none) hatch(r);
        if (r.stroke.role == Role::none) return;
        take(r.stroke);
        dash(r.is_dashed);
        cairo_set_line_width(cairo, r.stroke_width);
        cairo_rectangle(cairo, r.x, r.y, r.width, r.height);
        cairo_stroke(cairo);
    }

    void operator()(const draw::Text& t) const {
        cairo_select_font_face(cairo, draw::kFont, CAIRO_FONT_SLANT_NORMAL,
                               t.is_bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
        cairo_set_font_size(cairo, t.size);
        cairo_text_extents_t extents;
        cairo_text_extents(cairo, t.text.c_str(), &extents);
        const double before = t.anchor == Anchor::start ? 0 : t.anchor == Anchor::middle ? 0.5 : 1;
        take(t.paint);
        cairo_move_to(cairo, t.x - before * extents.x_advance, t.y);
        cairo_show_text(cairo, t.text.c_str());
    }

    void operator()(const draw::Line& l) const {
        take(l.paint);
        dash(l.is_dashed);
        cairo_set_line_width(cairo, l.width);
        cairo_move_to(cairo, l.x0, l.y0);
        cairo_line_to(cairo, l.x1, l.y1);
        cairo_stroke(cairo);
    }
};

struct Destroy {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
};

io::Image pixels_of(cairo_surface_t* surface) {
    cairo_surface_flush(surface);
    io::Image image{cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface), 3, {}};
    image.pixels.resize(static_cast<std::size_t>(image.width * image.height * 3));
    const unsigned char* const data = cairo_image_surface_get_data(surface);
    const std::ptrdiff_t stride = cairo_image_surface_get_stride(surface);
    std::uint8_t* to = image.pixels.data();
    for (std::int64_t row = 0; row < image.height; ++row)
        for (std::int64_t column = 0; column < image.width; ++column) {
            std::uint32_t pixel = 0;
            std::copy_n(data + row * stride + column * 4, 4, reinterpret_cast<unsigned char*>(&pixel));
            *to++ = static_cast<std::uint8_t>(pixel >> 16 & 0xff);
            *to++ = static_cast<std::uint8_t>(pixel >> 8 & 0xff);
            *to++ = static_cast<std::uint8_t>(pixel & 0xff);
        }
    return image;
}

}  // namespace

Result<io::Image> to_image(const Scene& scene, draw::Theme theme, int step, double zoom) {
    const double width = std::ceil(scene.width * zoom), height = std::ceil(scene.height * zoom);
    if (width < 1 || height < 1 || width > kLongestSide || height > kLongestSide || width * height > kMostPixels)
        return Error{ErrorCode::invalid_argument,
                     "the picture would have " + std::to_string(std::llround(width)) + " x " +
                         std::to_string(std::llround(height)) +
                         " pixels, over the limit of 2^26; draw a smaller problem, or write an .svg"};
    const std::unique_ptr<cairo_surface_t, Destroy> surface(
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height)));
    const std::unique_ptr<cairo_t, Destroy> cairo(cairo_create(surface.get()));
    const Painter painter{cairo.get(), theme};
    cairo_font_options_t* const options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(cairo.get(), options);
    cairo_font_options_destroy(options);
    painter.take({Role::page});
    cairo_paint(cairo.get());
    cairo_scale(cairo.get(), zoom, zoom);
    for (const draw::Item* item : draw::painting_order(scene))
        if (item->when.holds(step)) std::visit(painter, item->shape);
    if (cairo_status(cairo.get()) != CAIRO_STATUS_SUCCESS)
        return Error{ErrorCode::out_of_memory, std::string("the picture could not be painted: ") +
                                                   cairo_status_to_string(cairo_status(cairo.get())) +
                                                   "; draw a smaller problem, or write an .svg"};
    return pixels_of(surface.get());
}

Result<io::Image> to_sheet(const Scene& scene, draw::Theme theme, int most) {
    constexpr double kGap = 8, kWidth = 2400, kSides = 1.4;
    const int count = std::max(1, std::min(most, scene.steps));
    const int columns =
        std::clamp(static_cast<int>(std::lround(std::sqrt(count * kSides * scene.height / scene.width))), 1, count);
    const double zoom = std::min(1.0, kWidth / (columns * (scene.width + kGap)));
    const auto width = static_cast<std::int64_t>(std::ceil(scene.width * zoom) + kGap);
    const auto height = static_cast<std::int64_t>(std::ceil(scene.height * zoom) + kGap);
    const std::int64_t rows = (count + columns - 1) / columns;
    const draw::Color gap = draw::color_of(theme, {Role::grid, 0.5});
    io::Image sheet{columns * width - 8, rows * height - 8, 3, {}};
    for (std::int64_t i = 0; i < sheet.width * sheet.height; ++i)
        sheet.pixels.insert(sheet.pixels.end(), {gap.red, gap.green, gap.blue});
    for (int i = 0; i < count; ++i) {
        const int step =
            count == 1 ? scene.last_step() : static_cast<int>(std::int64_t{i} * scene.last_step() / (count - 1));
        auto image = to_image(scene, theme, step, zoom);
        if (!image) return image.error();
        for (std::int64_t row = 0; row < image->height; ++row)
            std::copy_n(image->pixels.data() + row * image->width * 3, image->width * 3,
                        &sheet.at(i / columns * height + row, i % columns * width));
    }
    return sheet;
}

}  // namespace tconv::raster
