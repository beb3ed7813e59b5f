#include "draw/page.h"

#include <algorithm>
#include <cmath>

#include "draw/metrics.h"

namespace tconv::draw {
namespace {

constexpr double kMargin = 18, kTitleSize = 17, kTitleHeight = 36, kHeadingSize = 14, kHeadingHeight = 30;
constexpr double kFieldGap = 34, kStackGap = 18, kCaptionSize = 14, kCaptionHeight = 30, kCaptionPitch = 20,
                 kLegendSize = 12;
constexpr double kSwatch = 18, kLegendHeight = 26, kNarrowest = 460;
// As large as a screen, where cells are then large enough to read; else as large as it takes, within limits.
constexpr double kScreenWidth = 1180, kScreenHeight = 860, kWidest = 2400, kHighest = 2400;

constexpr std::size_t kMostCaptionLines = 4;

}  // namespace

Page::Extent Page::arrange(const std::vector<View*>& views, double cell, bool is_stacked) {
    double y = kMargin + kTitleHeight, right = 0;
    headings_.clear();
    for (View* view : views) {
        if (views.size() > 1) {
            headings_.push_back(y + kHeadingSize);
            y += kHeadingHeight;
        }
        double x = kMargin, below = y;
        for (Field* field : view->fields()) {
            field->cell = cell;
            field->x = x;
            field->y = is_stacked ? below : y;
            right = std::max(right, field->x + field->width());
            below = std::max(below, field->y + field->height() + (is_stacked ? kStackGap : 0));
            if (!is_stacked) x += field->width() + kFieldGap;
        }
        y = below + kStackGap;
    }
    bottom_ = y;
    return {right + kMargin, y + kCaptionHeight + kLegendHeight};
}

void Page::place(const std::vector<View*>& views, double legible) {
    constexpr double kSides = 1.5;  // width / height that a page likes
    constexpr double kCells[] = {kLargestCell, 40, 36, 32, 28, 24, 20, 16, 12, 8, 0};
    for (std::size_t i = 0; kCells[i] > 0; ++i) {
        const double cell = kCells[i];
        const Extent beside = arrange(views, cell, false), stacked = arrange(views, cell, true);
        const auto off = [&](const Extent& extent) {
            return std::fabs(std::log(extent.width / extent.height / kSides));
        };
        const bool may_grow = kCells[i + 1] < std::max(legible, kLegible);
        const double widest = may_grow ? kWidest : kScreenWidth, highest = may_grow ? kHighest : kScreenHeight;
        const bool fits_beside = beside.width <= widest && beside.height <= highest;
        const bool fits_stacked = stacked.width <= widest && stacked.height <= highest;
        if (!fits_beside && !fits_stacked && cell > 8) continue;
        const bool is_stacked = fits_beside == fits_stacked ? off(stacked) < off(beside) : fits_stacked;
        width_ = std::max(arrange(views, cell, is_stacked).width, kNarrowest);
        width_ = std::max(width_, ems(title_, true) * kTitleSize + 2 * kMargin);
        for (View* view : views)
            if (views.size() > 1) width_ = std::max(width_, ems(view->heading(), true) * kHeadingSize + 2 * kMargin);
        return;
    }
}

double Page::left() const noexcept { return kMargin; }
double Page::top() const noexcept { return kMargin + kTitleHeight; }

void Page::reserve(double right, double bottom) {
    width_ = std::max({right + kMargin, kNarrowest, ems(title_, true) * kTitleSize + 2 * kMargin});
    bottom_ = bottom;
}

double Page::width_of(const std::string& caption) const noexcept {
    constexpr double kEnough = 680;
    return kMargin + std::min(ems(caption) * kCaptionSize, kEnough);
}

void Page::draw_headings(Scene& scene, const std::vector<View*>& views) const {
    scene.add(Layer::text, Text{kMargin, kMargin + kTitleSize, title_, kTitleSize, {Role::ink}, Anchor::start, true});
    for (std::size_t i = 0; i < headings_.size(); ++i)
        scene.add(Layer::text,
                  Text{kMargin, headings_[i], views[i]->heading(), kHeadingSize, {Role::quiet}, Anchor::start, true});
}

void Page::draw_captions(Scene& scene, const std::vector<std::string>& captions) {
    std::size_t most = 1;
    for (std::size_t i = 0; i < captions.size(); ++i) {
        const int step = static_cast<int>(i);
        const Span when{step, i + 1 == captions.size() ? Span::kForever : step + 1};
        const auto lines = wrapped(captions[i], (width_ - 2 * kMargin) / kCaptionSize, kMostCaptionLines);
        for (std::size_t line = 0; line < lines.size(); ++line)
            scene.add(Layer::text,
                      Text{kMargin, bottom_ + kCaptionSize + static_cast<double>(line) * kCaptionPitch, lines[line],
                           kCaptionSize},
                      when);
        most = std::max(most, lines.size());
    }
    bottom_ += kCaptionHeight + static_cast<double>(most - 1) * kCaptionPitch;
}

void Page::draw_legend(Scene& scene, const std::vector<LegendEntry>& entries) {
    double x = kMargin, y = bottom_;
    for (const LegendEntry& entry : entries) {
        const double width = kSwatch + 7 + ems(entry.text) * kLegendSize;
        if (x > kMargin && x + width > width_ - kMargin) {
            x = kMargin;
            y += kLegendHeight;
        }
        Rect swatch = entry.swatch;
        swatch.x = x;
        swatch.y = y;
        swatch.width = swatch.height = kSwatch;
        scene.add(Layer::fill, swatch);
        scene.add(Layer::text, Text{x + kSwatch + 7,
                                    centred_baseline(y + kSwatch / 2, kLegendSize),
                                    entry.text,
                                    kLegendSize,
                                    {Role::quiet}});
        x += width + 22;
    }
    scene.width = std::ceil(width_);
    scene.height = std::ceil(y + (entries.empty() ? 0 : kLegendHeight) + kMargin / 2);
}

}  // namespace tconv::draw
