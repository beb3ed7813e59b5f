// A GIF read back with giflib's decoder: frames, delays, loop, and every frame's pixels.
#include <gif_lib.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>

#include "draw/trace_scene.h"
#include "raster/raster.h"
#include "tconv/problem_text.h"

namespace tconv::raster {
namespace {

draw::Scene scene_of(const char* text, draw::TraceView view) {
    return draw::trace_scene(draw::tell(parse_problem(text).value(), {}).value(), view);
}

struct Source {
    const std::vector<std::byte>& bytes;
    std::size_t at = 0;
};

int read_some(GifFileType* gif, GifByteType* to, int count) {
    auto& source = *static_cast<Source*>(gif->UserData);
    const std::size_t read = std::min(static_cast<std::size_t>(count), source.bytes.size() - source.at);
    std::memcpy(to, source.bytes.data() + source.at, read);
    source.at += read;
    return static_cast<int>(read);
}

struct Close {
    void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};
using Gif = std::unique_ptr<GifFileType, Close>;

Gif decode(Source& source) {
    int error = 0;
    Gif gif(DGifOpen(&source, read_some, &error));
    if (gif && DGifSlurp(gif.get()) == GIF_ERROR) gif.reset();
    return gif;
}

int largest_difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
    int largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(int{a[i]} - int{b[i]}));
    return largest;
}

// Lays a frame on what is there, as a viewer does.
void lay(const GifFileType& gif, int index, std::vector<std::uint8_t>& pixels) {
    const SavedImage& frame = gif.SavedImages[index];
    GraphicsControlBlock control;
    ASSERT_EQ(DGifSavedExtensionToGCB(const_cast<GifFileType*>(&gif), index, &control), GIF_OK);
    const GifImageDesc& area = frame.ImageDesc;
    for (int row = 0; row < area.Height; ++row)
        for (int column = 0; column < area.Width; ++column) {
            const int color = frame.RasterBits[row * area.Width + column];
            if (color == control.TransparentColor) continue;
            const GifColorType& entry = gif.SColorMap->Colors[color];
            const auto at = static_cast<std::size_t>(((area.Top + row) * gif.SWidth + area.Left + column) * 3);
            pixels[at] = entry.Red;
            pixels[at + 1] = entry.Green;
            pixels[at + 2] = entry.Blue;
        }
}

TEST(Gif, HasAFrameAStepWithItsDelayAndRepeatsForEver) {
    const draw::Scene scene = scene_of("i2x2 k2 s2", draw::TraceView::both);
    for (const auto& [fps, delay] : {std::pair{2.0, 50}, {4.0, 25}, {50.0, 2}, {0.1, 1000}, {3.0, 33}}) {
        int heard = 0;
        const auto bytes = to_gif(scene, draw::Theme::light, fps, [&](int done) { heard = done; }).value();
        EXPECT_EQ(heard, scene.steps);
        Source source{bytes};
        const Gif gif = decode(source);
        ASSERT_TRUE(gif);
        ASSERT_EQ(gif->ImageCount, 1 + 4 + 16 + 1);
        EXPECT_EQ(gif->SWidth, static_cast<int>(scene.width));
        EXPECT_EQ(gif->SHeight, static_cast<int>(scene.height));
        for (int i = 0; i < gif->ImageCount; ++i) {
            GraphicsControlBlock control;
            ASSERT_EQ(DGifSavedExtensionToGCB(gif.get(), i, &control), GIF_OK);
            EXPECT_EQ(control.DelayTime, i + 1 == gif->ImageCount ? 4 * delay : delay);
            EXPECT_EQ(control.DisposalMode, DISPOSE_DO_NOT);
        }
        // Before the first frame: Netscape's block with 0 repetitions.
        const SavedImage& first = gif->SavedImages[0];
        ASSERT_GE(first.ExtensionBlockCount, 2);
        EXPECT_EQ(std::string(reinterpret_cast<const char*>(first.ExtensionBlocks[0].Bytes), 11), "NETSCAPE2.0");
        const ExtensionBlock& loop = first.ExtensionBlocks[1];
        EXPECT_EQ(std::vector<int>(loop.Bytes, loop.Bytes + loop.ByteCount), (std::vector<int>{1, 0, 0}));
    }
}

TEST(Gif, EveryFrameLooksAsItsStep) {
    for (const auto theme : {draw::Theme::light, draw::Theme::dark})
        for (const char* text : {"i2x2 k3 s2 p1", "i3 k2 s3 op1", "ic2 oc2 i2x2 k2 g2"}) {
            const draw::Scene scene = scene_of(text, draw::TraceView::both);
            const auto bytes = to_gif(scene, theme, 2, [](int) {}).value();
            Source source{bytes};
            const Gif gif = decode(source);
            ASSERT_TRUE(gif);
            std::vector<std::uint8_t> pixels(static_cast<std::size_t>(gif->SWidth * gif->SHeight * 3));
            for (int step = 0; step < scene.steps; ++step) {
                lay(*gif, step, pixels);
                const io::Image expected = to_image(scene, theme, step, 1).value();
                ASSERT_EQ(pixels.size(), expected.pixels.size());
                // The edges of letters share colours, everything flat is exact.
                EXPECT_LE(largest_difference(pixels, expected.pixels), 90) << text << ", step " << step;
                std::size_t other = 0;
                for (std::size_t i = 0; i < pixels.size(); ++i) other += pixels[i] != expected.pixels[i];
                EXPECT_LE(other, pixels.size() / 40) << text << ", step " << step;
            }
        }
}

}  // namespace
}  // namespace tconv::raster
