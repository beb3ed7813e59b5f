// PNG pictures: every depth and colour type, interlacing, transparency, and files that lie or are damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>

#include "hostile.h"
#include "tconv/io.h"
#include "temporary_folder.h"

namespace tconv::io_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string big_endian(std::uint32_t value) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xff);
    return text;
}

std::string chunk(const std::string& type, const std::string& data) {
    const std::string body = type + data;
    const uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(body.data()), body.size());
    return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(static_cast<std::uint32_t>(crc));
}

std::string deflated(const std::string& data) {
    uLongf size = compressBound(static_cast<uLong>(data.size()));
    std::string packed(size, '\0');
    EXPECT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(data.data()),
                       static_cast<uLong>(data.size())),
              Z_OK);
    packed.resize(size);
    return packed;
}

enum ColourType : char { kGrey = 0, kRgb = 2, kPalette = 3, kGreyAlpha = 4, kRgba = 6 };

/// A PNG of these rows' bytes, each beginning with its filter (0); `extra` chunks stand before the pixels.
ByteVector png(std::uint32_t width, std::uint32_t height, char depth, char colour_type, const std::string& rows,
               const std::string& extra = "", char interlace = 0) {
    std::string header = big_endian(width) + big_endian(height);
    header += {depth, colour_type, 0, 0, interlace};
    return bytes_of("\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + extra + chunk("IDAT", deflated(rows)) +
                    chunk("IEND", ""));
}

std::vector<int> pixels_of(const ByteVector& file, std::int64_t channels) {
    const Result<io::Image> image = io::decode_png(file);
    EXPECT_TRUE(image) << image.error().message;
    if (!image) return {};
    EXPECT_EQ(image->channels, channels);
    return {image->pixels.begin(), image->pixels.end()};
}

void expect_damaged(const ByteVector& file, const std::string& part) {
    const Result<io::Image> image = io::decode_png(file);
    ASSERT_FALSE(image) << part;
    EXPECT_EQ(image.error().code, ErrorCode::malformed_file);
    EXPECT_THAT(image.error().message, HasSubstr(part));
}

TEST(Png, RoundTripsGreyAndRgb) {
    const TemporaryFolder folder;
    for (const std::int64_t channels : {1, 3}) {
        for (const auto& [width, height] : {std::pair(1, 1), std::pair(7, 3), std::pair(64, 65)}) {
            io::Image image{width, height, channels, {}};
            for (std::int64_t i = 0; i < width * height * channels; ++i)
                image.pixels.push_back(static_cast<std::uint8_t>(i * i));
            ASSERT_TRUE(io::write_png(folder / "a.png", image));
            const Result<io::Image> read = io::read_png(folder / "a.png");
            ASSERT_TRUE(read) << read.error().message;
            EXPECT_EQ(read->width, width);
            EXPECT_EQ(read->height, height);
            EXPECT_EQ(read->channels, channels);
            EXPECT_EQ(read->pixels, image.pixels);
            EXPECT_EQ(io::encode_png(image).value(), io::encode_png(*read).value());
        }
    }
    EXPECT_THAT(folder.names(), ElementsAre("a.png"));
}

TEST(Png, ReadsGreyOfEveryDepth) {
    EXPECT_THAT(pixels_of(png(3, 1, 1, kGrey, std::string("\0\xa0", 2)), 1), ElementsAre(255, 0, 255));
    EXPECT_THAT(pixels_of(png(4, 1, 2, kGrey, std::string("\0\x1b", 2)), 1), ElementsAre(0, 85, 170, 255));
    EXPECT_THAT(pixels_of(png(2, 1, 4, kGrey, std::string("\0\x1f", 2)), 1), ElementsAre(17, 255));
    EXPECT_THAT(pixels_of(png(2, 1, 8, kGrey, std::string("\0\x01\xfe", 3)), 1), ElementsAre(1, 254));
    // 0x0080 is 0.498 of a step and 0x0081 is 0.502: rounding, not cutting.
    EXPECT_THAT(pixels_of(png(3, 1, 16, kGrey, std::string("\0\x00\x80\x00\x81\xff\xff", 7)), 1),
                ElementsAre(0, 1, 255));
}

TEST(Png, ReadsColours) {
    EXPECT_THAT(pixels_of(png(2, 1, 8, kRgb, std::string("\0\1\2\3\4\5\6", 7)), 3), ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_THAT(pixels_of(png(1, 1, 16, kRgb, std::string("\0\1\1\2\2\3\3", 7)), 3), ElementsAre(1, 2, 3));
    const std::string palette = chunk("PLTE", "\1\2\3\4\5\6");
    EXPECT_THAT(pixels_of(png(2, 1, 1, kPalette, std::string("\0\x40", 2), palette), 3), ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_THAT(pixels_of(png(2, 1, 8, kPalette, std::string("\0\1\0", 3), palette), 3), ElementsAre(4, 5, 6, 1, 2, 3));
}

TEST(Png, LaysTransparencyOnWhite) {
    EXPECT_THAT(pixels_of(png(3, 1, 8, kGreyAlpha, std::string("\0\x0a\xff\x0a\0\x0a\x80", 7)), 1),
                ElementsAre(10, 255, 132));
    EXPECT_THAT(pixels_of(png(2, 1, 8, kRgba, std::string("\0\1\2\3\xff\1\2\3\0", 9)), 3),
                ElementsAre(1, 2, 3, 255, 255, 255));
    EXPECT_THAT(pixels_of(png(1, 1, 16, kRgba, std::string("\0\1\1\2\2\3\3\0\0", 9)), 3), ElementsAre(255, 255, 255));
    // One transparent entry of a palette, and one transparent grey.
    const std::string palette = chunk("PLTE", "\1\2\3\4\5\6") + chunk("tRNS", std::string("\0", 1));
    EXPECT_THAT(pixels_of(png(2, 1, 8, kPalette, std::string("\0\1\0", 3), palette), 3),
                ElementsAre(4, 5, 6, 255, 255, 255));
    const std::string transparent_grey = chunk("tRNS", std::string("\0\7", 2));
    EXPECT_THAT(pixels_of(png(2, 1, 8, kGrey, std::string("\0\7\6", 3), transparent_grey), 1), ElementsAre(255, 6));
}

/// The rows of an 8-bit picture of `bytes` bytes a pixel as Adam7's seven passes.
std::string interlaced(const std::string& pixels, int width, int height, int bytes) {
    constexpr int kPasses[7][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                   {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
    std::string rows;
    for (const auto& [x0, y0, dx, dy] : kPasses) {
        for (int y = y0; y < height && x0 < width; y += dy) {
            rows += '\0';
            for (int x = x0; x < width; x += dx)
                rows +=
                    pixels.substr(static_cast<std::size_t>((y * width + x) * bytes), static_cast<std::size_t>(bytes));
        }
    }
    return rows;
}

TEST(Png, ReadsInterlacedPictures) {
    for (const auto& [width, height] : {std::pair(1, 1), std::pair(3, 2), std::pair(11, 13)}) {
        for (const auto& [colour_type, bytes] : {std::pair(kGrey, 1), std::pair(kRgb, 3)}) {
            std::string pixels;
            for (int i = 0; i < width * height * bytes; ++i) pixels += static_cast<char>(i * 5);
            const ByteVector file = png(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), 8,
                                        colour_type, interlaced(pixels, width, height, bytes), "", 1);
            const Result<io::Image> image = io::decode_png(file);
            ASSERT_TRUE(image) << image.error().message;
            EXPECT_EQ(std::string(image->pixels.begin(), image->pixels.end()), pixels);
        }
    }
}

TEST(Png, ColourProfilesAndTextAreSkippedUnread) {
    const std::string bomb = std::string("a\0\0", 3) + deflated(std::string(1 << 24, '\0'));
    const std::string extra =
        chunk("gAMA", big_endian(10000)) + chunk("iCCP", bomb) + chunk("zTXt", bomb) + chunk("abCd", "?");
    EXPECT_THAT(pixels_of(png(1, 1, 8, kGrey, std::string("\0\x50", 2), extra), 1), ElementsAre(0x50));
}

TEST(Png, ClaimsAreWeighedBeforeMemoryIsAskedFor) {
    expect_damaged(png(16384, 16384, 8, kRgb, ""), "cannot hold");
    expect_damaged(png(1u << 31, 1, 8, kGrey, ""), "up to 2^28");
    expect_damaged(png(0xffffffff, 0xffffffff, 16, kRgba, ""), "up to 2^28");
    expect_damaged(png(16385, 16384, 1, kGrey, ""), "up to 2^28");
    expect_damaged(png(0, 5, 8, kGrey, ""), "at least one");
}

TEST(Png, MalformedFilesAreRefused) {
    expect_damaged({}, "empty");
    expect_damaged(bytes_of("\xff\xd8\xff\xe0 JFIF"), "not a PNG picture");
    expect_damaged(png(2, 2, 8, kGrey, std::string("\0\1\2", 3)), "damaged");                   // a row is missing
    expect_damaged(png(2, 1, 3, kGrey, std::string("\0\1\2", 3)), "damaged");                   // no such depth
    expect_damaged(png(2, 1, 8, 5, std::string("\0\1\2", 3)), "damaged");                       // no such colour type
    expect_damaged(png(2, 1, 8, kPalette, std::string("\0\1\2", 3)), "damaged");                // no palette
    expect_damaged(png(2, 1, 8, kGrey, std::string("\7\1\2", 3)), "damaged");                   // no such filter
    expect_damaged(png(1, 1, 8, kGrey, std::string("\0\1", 2), chunk("ABCD", "")), "damaged");  // must be understood
}

TEST(Png, PalettesThatAreTooShortDoNotReachBeyond) {
    const ByteVector file = png(4, 1, 8, kPalette, std::string("\0\xff\x80\x01\0", 5), chunk("PLTE", "\1\2\3"));
    static_cast<void>(io::decode_png(file));  // libpng gives black
}

TEST(Png, DamageIsAnErrorOrAPicture) {
    std::string rows;
    for (int row = 0; row < 5; ++row)
        rows += '\0' + std::string(static_cast<std::size_t>(7), static_cast<char>(row * 40));
    const ByteVector files[] = {
        png(7, 5, 8, kGrey, rows),
        png(2, 1, 8, kPalette, std::string("\0\1\0", 3), chunk("PLTE", "\1\2\3\4\5\6") + chunk("tRNS", "\1")),
        png(3, 2, 8, kRgba, interlaced(std::string(24, '\x40'), 3, 2, 4), "", 1),
    };
    for (const ByteVector& file : files) {
        ASSERT_TRUE(io::decode_png(file));
        for_each_truncation(file, [](const ByteVector& cut) { EXPECT_FALSE(io::decode_png(cut)); });
        for_each_bit_flip(file, [](const ByteVector& damaged) { static_cast<void>(io::decode_png(damaged)); });
    }
}

TEST(Png, PicturesThatCannotBeWritten) {
    const TemporaryFolder folder;
    const std::pair<io::Image, const char*> cases[] = {
        {{0, 1, 1, {}}, "0 x 1"},
        {{1, -1, 1, {}}, "1 x -1"},
        {{1LL << 40, 1LL << 40, 1, {}}, "2^28"},
        {{2, 1, 2, {1, 2, 3, 4}}, "2 channels"},
        {{2, 2, 1, {1, 2, 3}}, "3 values"},
    };
    for (const auto& [image, part] : cases) {
        const Result<void> refused = io::write_png(folder / "a.png", image);
        ASSERT_FALSE(refused);
        EXPECT_THAT(refused.error().message, HasSubstr(part));
        EXPECT_THAT(refused.error().message, StartsWith("'" + (folder / "a.png") + "'"));
    }
    EXPECT_TRUE(folder.names().empty());
}

TEST(Png, ErrorsNameTheFile) {
    const TemporaryFolder folder;
    ASSERT_TRUE(io::write_file(folder / "a.png", bytes_of("nonsense")));
    for (const std::string& path : {folder / "a.png", folder / "missing.png", folder.path()}) {
        const Result<io::Image> read = io::read_png(path);
        ASSERT_FALSE(read);
        EXPECT_THAT(read.error().message, StartsWith("'" + path + "'"));
    }
}

}  // namespace
}  // namespace tconv::io_test
