#include "draw/svg.h"

#include <map>
#include <tuple>

#include "draw/metrics.h"
#include "draw/number.h"
#include "draw/player.h"
#include "draw/xml.h"

namespace tconv::draw {
namespace {

using xml::attribute;

constexpr double kPlayerHeight = 34, kBarLeft = 122, kMargin = 18;

struct Writer {
    const Scene& scene;
    const SvgOptions& options;
    std::string out{};

    double seconds() const { return (scene.last_step() + kLastStepLasts) / options.fps; }
    bool plays() const { return scene.steps > 1; }
    double height() const { return scene.height + (plays() && options.has_player ? kPlayerHeight : 0); }
    std::string color(Paint paint) const { return to_hex(color_of(options.theme, paint)); }
    std::string hatch_id(Hatch hatch) const {
        return std::string("tconv-") + name_of(options.theme) + (hatch == Hatch::cropped ? "-cropped" : "-empty");
    }

    std::string fill(Paint paint) const { return attribute("fill", paint.role == Role::none ? "none" : color(paint)); }
    std::string stroke(Paint paint, double width, bool is_dashed) const {
        if (paint.role == Role::none) return {};
        return attribute("stroke", color(paint)) + (width == 1 ? "" : attribute("stroke-width", length(width))) +
               (is_dashed ? attribute("stroke-dasharray", "6 4") : "");
    }

    // What shapes of one look have in common, and what each has of its own.
    std::pair<std::string, std::string> parts(const Rect& r) const {
        const std::string inside =
            r.hatch == Hatch::none ? fill(r.fill) : attribute("fill", "url(#" + hatch_id(r.hatch) + ")");
        return {inside + stroke(r.stroke, r.stroke_width, r.is_dashed),
                "<rect" + attribute("x", length(r.x)) + attribute("y", length(r.y)) +
                    attribute("width", length(r.width)) + attribute("height", length(r.height)) + "/>"};
    }
    std::pair<std::string, std::string> parts(const Text& t) const {
        std::string common = fill(t.paint) + attribute("font-size", length(t.size));
        if (t.anchor != Anchor::start)
            common += attribute("text-anchor", t.anchor == Anchor::middle ? "middle" : "end");
        if (t.is_bold) common += attribute("font-weight", "bold");
        return {common, "<text" + attribute("x", length(t.x)) + attribute("y", length(t.y)) + ">" +
                            xml::escaped(t.text) + "</text>"};
    }
    std::pair<std::string, std::string> parts(const Line& l) const {
        return {fill({}) + stroke(l.paint, l.width, l.is_dashed),
                "<path d=\"M" + length(l.x0) + " " + length(l.y0) + "L" + length(l.x1) + " " + length(l.y1) + "\"/>"};
    }

    std::string visibility(Span when) const {
        if (when.begin <= 0 && when.end > scene.last_step()) return {};
        return attribute("visibility", when.holds(scene.last_step()) ? "visible" : "hidden");
    }
    std::string animation(Span when) const {
        if (!plays() || (when.begin <= 0 && when.end > scene.last_step())) return {};
        const double whole = scene.last_step() + kLastStepLasts;
        std::string values = when.begin <= 0 ? "visible" : "hidden", times = "0";
        if (when.begin > 0) {
            values += ";visible";
            times += ";" + xml::fraction(when.begin / whole);
        }
        if (when.end <= scene.last_step()) {
            values += ";hidden";
            times += ";" + xml::fraction(when.end / whole);
        }
        return "<animate" + attribute("attributeName", "visibility") + attribute("calcMode", "discrete") +
               attribute("dur", xml::fraction(seconds()) + "s") + attribute("repeatCount", "indefinite") +
               attribute("keyTimes", times) + attribute("values", values) + "/>";
    }

    void write_definitions() {
        const auto pattern = [&](Hatch hatch, const std::string& path) {
            out += "<pattern" + attribute("id", hatch_id(hatch)) + attribute("width", "8") + attribute("height", "8") +
                   attribute("patternUnits", "userSpaceOnUse") + "><path" + attribute("d", path) +
                   attribute("stroke", color(hatch_paint(hatch))) + "/></pattern>";
        };
        out += "<defs>";
        pattern(Hatch::cropped, "M-2 2L2 -2M0 8L8 0M6 10L10 6");
        pattern(Hatch::empty, "M-2 2L2 -2M0 8L8 0M6 10L10 6M-2 6L2 10M0 0L8 8M6 -2L10 2");
        out += "</defs>\n";
    }

    // Layer by layer; what is seen at the same time is one group, in it what looks alike.
    void write_items() {
        std::map<std::tuple<Layer, Span>, std::map<std::string, std::string>> groups;
        for (const Item& item : scene.items)
            std::visit(
                [&](const auto& shape) {
                    auto [common, own] = parts(shape);
                    groups[{item.layer, item.when}][common] += own;
                },
                item.shape);
        for (const auto& [key, looks] : groups) {
            const Span when = std::get<Span>(key);
            const std::string seen = visibility(when), animated = animation(when);
            if (looks.size() == 1) {
                out += "<g" + looks.begin()->first + seen + ">" + animated + looks.begin()->second + "</g>\n";
                continue;
            }
            out += "<g" + seen + ">" + animated;
            for (const auto& [common, own] : looks) out += "<g" + common + ">" + own + "</g>";
            out += "</g>\n";
        }
    }

    void write_hits() {
        if (scene.hits.empty()) return;
        out += "<g class=\"hits\" fill=\"none\" stroke-width=\"3\" pointer-events=\"all\" cursor=\"pointer\">\n";
        for (const Hit& hit : scene.hits) {
            std::string related;
            for (const int other : hit.related) related += (related.empty() ? "" : " ") + std::to_string(other);
            out += "<rect class=\"hit\"" + attribute("x", length(hit.x)) + attribute("y", length(hit.y)) +
                   attribute("width", length(hit.width)) + attribute("height", length(hit.height)) +
                   attribute("data-name", hit.name) + (hit.value.empty() ? "" : attribute("data-value", hit.value)) +
                   (hit.step < 0 ? "" : attribute("data-step", std::to_string(hit.step))) +
                   (related.empty() ? "" : attribute("data-related", related)) + "><title>" + xml::escaped(hit.text) +
                   "</title></rect>\n";
        }
        out += "</g>\n";
    }

    void write_player() {
        const double y = scene.height + kPlayerHeight / 2 - 4, width = scene.width - kBarLeft - kMargin;
        const auto button = [&](const char* what, const char* says, double x, const std::string& path) {
            out += std::string("<g class=\"button\" data-do=\"") + what + "\" cursor=\"pointer\"><title>" + says +
                   "</title><rect" + attribute("x", length(x)) + attribute("y", length(y - 12)) +
                   " width=\"28\" height=\"24\" rx=\"4\"" + fill({Role::page}) + stroke({Role::grid}, 1, false) +
                   "/><path" + attribute("class", what) +
                   attribute("transform", "translate(" + length(x + 14) + " " + length(y) + ")") +
                   attribute("d", path) + fill({Role::ink}) + "/></g>";
        };
        out += "<g class=\"controls\" visibility=\"hidden\">";
        button("back", "one step back", 18, "M4 -6L-5 0L4 6z");
        button("play", "play or pause", 50, "M-5 -6h4v12h-4zM2 -6h4v12h-4z");
        button("forward", "one step forward", 82, "M-4 -6L5 0L-4 6z");
        out +=
            "</g>\n<g class=\"bar\"><rect" + attribute("x", length(kBarLeft)) + attribute("y", length(y - 3)) +
            attribute("width", length(width)) + " height=\"6\" rx=\"3\"" + fill({Role::grid, 0.6}) + "/><rect" +
            attribute("x", length(kBarLeft)) + attribute("y", length(y - 3)) + attribute("width", length(width)) +
            " height=\"6\" rx=\"3\"" + fill({Role::quiet}) + "><animate" + attribute("attributeName", "width") +
            attribute("dur", xml::fraction(seconds()) + "s") + attribute("repeatCount", "indefinite") +
            attribute("keyTimes",
                      "0;" + xml::fraction(scene.last_step() / (scene.last_step() + double{kLastStepLasts})) + ";1") +
            attribute("values", "0;" + length(width) + ";" + length(width)) + "/></rect><rect class=\"track\"" +
            attribute("x", length(kBarLeft)) + attribute("y", length(y - 12)) + attribute("width", length(width)) +
            " height=\"24\" fill=\"none\" pointer-events=\"all\" cursor=\"pointer\"/></g>\n";
    }

    void write_script() {
        out += "<script" + attribute("type", "text/javascript") + attribute("data-steps", std::to_string(scene.steps)) +
               attribute("data-fps", xml::fraction(options.fps)) +
               attribute("data-lasts", std::to_string(kLastStepLasts)) + attribute("data-page", color({Role::page})) +
               attribute("data-ink", color({Role::ink})) + "><![CDATA[\n" + player_script() + "]]></script>\n";
    }

    void write() {
        out += "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"" + attribute("width", length(scene.width)) +
               attribute("height", length(height())) +
               attribute("viewBox", "0 0 " + length(scene.width) + " " + length(height())) +
               attribute("font-family", std::string(kFont) + ", Verdana, Arial, sans-serif") +
               attribute("aria-label", scene.title) + ">\n<desc>" + xml::escaped(scene.description) + "</desc>\n";
        write_definitions();
        out += "<rect width=\"100%\" height=\"100%\"" + fill({Role::page}) + "/>\n";
        write_items();
        write_hits();
        if (options.has_player && plays()) write_player();
        if (options.has_player) write_script();
        out += "</svg>\n";
    }
};

}  // namespace

std::string to_svg(const Scene& scene, const SvgOptions& options) {
    Writer writer{scene, options};
    writer.write();
    return std::move(writer.out);
}

}  // namespace tconv::draw
