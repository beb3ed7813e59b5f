// Scene: a picture that changes in steps, made of rectangles, texts and lines, and knowing nothing of files, pixels or
// colours. Whoever draws a view fills a Scene; whoever writes a format reads one. So a new view is one file that makes
// a Scene, and every writer (svg.h, the room raster) can write it.
//
//     steps    0     1     2     3          an item is seen in the steps of its Span: [1, 3) here
//                    |===========|          the last step is what a still picture shows
//
// Lengths are CSS pixels, x to the right and y downwards. Items are painted layer by layer; items of one layer and one
// span must not cover each other, and what is seen from a later step on covers what was there before (order.h).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// Pictures of problems: scenes and timelines made from the reference's events, and writers that need no other library.
namespace tconv::draw {

/// What a colour means; theme.h says which colour it is.
enum class Role : std::uint8_t {
    none,     ///< not painted
    page,     ///< the background
    ink,      ///< text and strong lines
    quiet,    ///< what is there but not the point: zeros, cropped sums, remarks
    grid,     ///< lines between cells
    input,    ///< x, blue
    weights,  ///< W, orange
    output,   ///< y, green
    empty,    ///< no tap reaches it, red
};

/// A meaning, laid on the page as strongly as `strength` says, from 0, the page, to 1, the role's full colour.
struct Paint {
    Role role = Role::none;
    double strength = 1;
    bool operator==(const Paint&) const = default;
    auto operator<=>(const Paint&) const = default;
};

/// Lines across a rectangle. The two differ in more than colour.
enum class Hatch : std::uint8_t {
    none,
    cropped,  ///< grey strokes, falling to the left
    empty,    ///< red strokes, crossed
};

struct Rect {
    double x = 0, y = 0, width = 0, height = 0;
    Paint fill{}, stroke{};
    double stroke_width = 1;  ///< half of it inside, half outside
    Hatch hatch = Hatch::none;
    bool is_dashed = false;
};

enum class Anchor : std::uint8_t { start, middle, end };

struct Text {
    double x = 0, y = 0;  ///< where the anchor is, on the baseline
    std::string text;     ///< UTF-8, one line
    double size = 13;     ///< pixels per em; metrics.h measures
    Paint paint{Role::ink};
    Anchor anchor = Anchor::start;
    bool is_bold = false;
};

struct Line {
    double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
    Paint paint{Role::ink};
    double width = 1;
    bool is_dashed = false;
};

using Shape = std::variant<Rect, Text, Line>;

/// Steps [begin, end).
struct Span {
    static constexpr int kForever = 1 << 30;
    int begin = 0, end = kForever;
    bool holds(int step) const noexcept { return begin <= step && step < end; }
    bool operator==(const Span&) const = default;
    auto operator<=>(const Span&) const = default;
};

enum class Layer : std::uint8_t { ground, fill, mark, text, frame };

struct Item {
    Layer layer = Layer::ground;
    Span when{};
    Shape shape{};
};

/// A place that can be pointed at: it answers with a sentence, and shows what it has to do with.
struct Hit {
    double x = 0, y = 0, width = 0, height = 0;
    std::string name;          ///< "y[3, 4]"
    std::string value;         ///< its number at the end, in full; empty where it has none
    std::string text;          ///< lines, separated by '\n'
    int step = -1;             ///< the step that a click leads to; -1: none
    std::vector<int> related;  ///< other hits that light up with it
};

struct Scene {
    double width = 0, height = 0;
    std::string title, description;  ///< for those who do not see it
    int steps = 1;
    std::vector<Item> items;
    std::vector<Hit> hits;

    void add(Layer layer, Shape shape, Span when = {}) { items.push_back({layer, when, std::move(shape)}); }
    int last_step() const noexcept { return steps - 1; }
};

/// How long the steps last, in steps: one each, the last one longer, so that its result can be read before it starts
/// again.
inline constexpr int kLastStepLasts = 4;

}  // namespace tconv::draw
