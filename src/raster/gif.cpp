// Animated GIFs with giflib: one palette for all frames, and of each frame the rectangle in which it differs from the
// one before.
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <unordered_map>

#include "raster/raster.h"

namespace tconv::raster {
namespace {

constexpr int kEntries = 256, kColors = 255, kTransparent = 255;
using Bytes = std::vector<std::byte>;

// The most frequent colours of the frames that it has seen. Flat colours are therefore exact; the many shades at the
// edges of letters share what is left.
class Palette {
public:
    void see(const io::Image& image) {
        for (std::size_t i = 0; i < image.pixels.size(); i += 3) ++counts_[color_at(image, i)];
    }

    void choose() {
        std::vector<std::pair<std::int64_t, std::uint32_t>> found;
        found.reserve(counts_.size());
        for (const auto& [color, count] : counts_) found.emplace_back(-count, color);
        std::sort(found.begin(), found.end());
        found.resize(std::min<std::size_t>(found.size(), kColors));
        for (std::size_t i = 0; i < found.size(); ++i) {
            colors_[i] = {static_cast<GifByteType>(found[i].second >> 16),
                          static_cast<GifByteType>(found[i].second >> 8 & 0xff),
                          static_cast<GifByteType>(found[i].second & 0xff)};
            indices_[found[i].second] = static_cast<GifByteType>(i);
        }
        count_ = found.size();
    }

    GifByteType index_of(std::uint32_t color) {
        const auto known = indices_.find(color);
        if (known != indices_.end()) return known->second;
        const auto off = [&](const GifColorType& other) {
            const auto part = [&](int shift, int value) {
                const int d = static_cast<int>(color >> shift & 0xff) - value;
                return d * d;
            };
            return part(16, other.Red) + part(8, other.Green) + part(0, other.Blue);
        };
        std::size_t best = 0;
        for (std::size_t i = 1; i < count_; ++i)
            if (off(colors_[i]) < off(colors_[best])) best = i;
        return indices_[color] = static_cast<GifByteType>(best);
    }

    const std::array<GifColorType, kEntries>& colors() const { return colors_; }

    static std::uint32_t color_at(const io::Image& image, std::size_t i) {
        return std::uint32_t{image.pixels[i]} << 16 | std::uint32_t{image.pixels[i + 1]} << 8 | image.pixels[i + 2];
    }

private:
    std::unordered_map<std::uint32_t, std::int64_t> counts_;
    std::unordered_map<std::uint32_t, GifByteType> indices_;
    std::array<GifColorType, kEntries> colors_{};
    std::size_t count_ = 0;
};

struct Frame {
    std::int64_t width = 0, height = 0;
    std::vector<GifByteType> indices;
};

struct Area {
    std::int64_t left = 0, top = 0, right = 0, bottom = 0;  ///< the last two are outside
};

// The smallest rectangle outside of which both are the same; one pixel where they do not differ.
Area difference(const Frame& before, const Frame& after) {
    if (before.indices.empty()) return {0, 0, after.width, after.height};
    Area area{after.width, after.height, 0, 0};
    for (std::int64_t row = 0; row < after.height; ++row)
        for (std::int64_t column = 0; column < after.width; ++column) {
            const auto at = static_cast<std::size_t>(row * after.width + column);
            if (before.indices[at] == after.indices[at]) continue;
            area = {std::min(area.left, column), std::min(area.top, row), std::max(area.right, column + 1),
                    std::max(area.bottom, row + 1)};
        }
    return area.right == 0 ? Area{0, 0, 1, 1} : area;
}

int keep(GifFileType* gif, const GifByteType* bytes, int count) {
    auto& kept = *static_cast<Bytes*>(gif->UserData);
    const auto* const first = reinterpret_cast<const std::byte*>(bytes);
    kept.insert(kept.end(), first, first + count);
    return count;
}

class Encoder {
public:
    ~Encoder() {
        if (gif_) EGifCloseFile(gif_, nullptr);
    }
    Encoder() = default;
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;

    bool begin(int width, int height, const Palette& palette) {
        int error = 0;
        gif_ = EGifOpen(&bytes_, keep, &error);
        if (!gif_) return false;
        EGifSetGifVersion(gif_, true);
        const std::unique_ptr<ColorMapObject, decltype(&GifFreeMapObject)> map(
            GifMakeMapObject(kEntries, palette.colors().data()), GifFreeMapObject);
        if (!map || EGifPutScreenDesc(gif_, width, height, 8, 0, map.get()) == GIF_ERROR) return false;
        // Netscape's extension: 0 repetitions are infinitely many.
        const GifByteType forever[] = {1, 0, 0};
        return EGifPutExtensionLeader(gif_, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
               EGifPutExtensionBlock(gif_, 11, "NETSCAPE2.0") == GIF_OK &&
               EGifPutExtensionBlock(gif_, 3, forever) == GIF_OK && EGifPutExtensionTrailer(gif_) == GIF_OK;
    }

    bool add(const Frame& before, const Frame& frame, const Area& area, int hundredths) {
        const GraphicsControlBlock control{DISPOSE_DO_NOT, false, hundredths, kTransparent};
        GifByteType extension[4];
        EGifGCBToExtension(&control, extension);
        if (EGifPutExtension(gif_, GRAPHICS_EXT_FUNC_CODE, sizeof extension, extension) == GIF_ERROR) return false;
        const auto width = static_cast<int>(area.right - area.left);
        if (EGifPutImageDesc(gif_, static_cast<int>(area.left), static_cast<int>(area.top), width,
                             static_cast<int>(area.bottom - area.top), false, nullptr) == GIF_ERROR)
            return false;
        std::vector<GifByteType> line(static_cast<std::size_t>(width));
        for (std::int64_t row = area.top; row < area.bottom; ++row) {
            for (std::int64_t column = area.left; column < area.right; ++column) {
                const auto at = static_cast<std::size_t>(row * frame.width + column);
                const bool is_same = !before.indices.empty() && before.indices[at] == frame.indices[at];
                line[static_cast<std::size_t>(column - area.left)] = is_same ? kTransparent : frame.indices[at];
            }
            if (EGifPutLine(gif_, line.data(), width) == GIF_ERROR) return false;
        }
        return true;
    }

    bool end() {
        GifFileType* const closed = std::exchange(gif_, nullptr);
        return EGifCloseFile(closed, nullptr) == GIF_OK;
    }

    Bytes take() { return std::move(bytes_); }

private:
    GifFileType* gif_ = nullptr;
    Bytes bytes_;
};

// The colours of some frames are those of all.
Result<Palette> choose_palette(const draw::Scene& scene, draw::Theme theme) {
    constexpr int kSeen = 12;
    Palette palette;
    for (int i = 0; i < std::min(kSeen, scene.steps); ++i) {
        const int step = scene.steps <= kSeen ? i : static_cast<int>(std::int64_t{i} * scene.last_step() / (kSeen - 1));
        const auto image = to_image(scene, theme, step, 1);
        if (!image) return image.error();
        palette.see(*image);
    }
    palette.choose();
    return palette;
}

}  // namespace

Result<Bytes> to_gif(const draw::Scene& scene, draw::Theme theme, double fps,
                     const std::function<void(int done)>& tell) {
    const Error failed{ErrorCode::out_of_memory, "the GIF could not be made; draw a smaller problem, or write an .svg"};
    auto palette = choose_palette(scene, theme);
    if (!palette) return palette.error();
    Encoder encoder;
    Frame before;
    const auto delay = static_cast<int>(std::max(2L, std::lround(100 / fps)));
    for (int step = 0; step < scene.steps; ++step) {
        const auto image = to_image(scene, theme, step, 1);
        if (!image) return image.error();
        if (step == 0 && !encoder.begin(static_cast<int>(image->width), static_cast<int>(image->height), *palette))
            return failed;
        Frame frame{image->width, image->height, {}};
        for (std::size_t i = 0; i < image->pixels.size(); i += 3)
            frame.indices.push_back(palette->index_of(Palette::color_at(*image, i)));
        const bool is_last = step == scene.last_step();
        if (!encoder.add(before, frame, difference(before, frame), is_last ? delay * draw::kLastStepLasts : delay))
            return failed;
        before = std::move(frame);
        tell(step + 1);
    }
    if (!encoder.end()) return failed;
    return encoder.take();
}

}  // namespace tconv::raster
