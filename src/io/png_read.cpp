#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <new>
#include <string_view>

#include "file.h"
#include "tconv/io.h"

namespace tconv::io {
namespace {

constexpr std::size_t kHeaderEnd = 33;  // signature, then the chunk IHDR

Error malformed(const std::string& what) { return {ErrorCode::malformed_file, what}; }

std::uint32_t big_endian(Bytes bytes) {
    std::uint32_t value = 0;
    for (const std::byte byte : bytes) value = value << 8 | std::to_integer<std::uint32_t>(byte);
    return value;
}

/// What a picture's header says, read before libpng sees the file.
struct Header {
    std::int64_t width = 0, height = 0;
    std::int64_t bits_per_pixel = 0;  ///< in the file
};

Result<Header> read_header(Bytes file) {
    constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
    constexpr std::int64_t kChannels[] = {1, 0, 3, 1, 2, 0, 4};  // by colour type
    const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
    if (text.empty()) return malformed("the file is empty, not a PNG picture");
    if (!text.starts_with(kSignature))
        return malformed("the file is not a PNG picture; convert it, for example with: convert INPUT OUTPUT.png");
    if (text.size() < kHeaderEnd || text.substr(8, 8) != std::string_view("\0\0\0\15IHDR", 8))
        return malformed("the PNG picture ends inside its header; save or copy it again");
    Header header{big_endian(file.subspan(16, 4)), big_endian(file.subspan(20, 4)), 0};
    const auto depth = std::to_integer<std::int64_t>(file[24]);
    const auto colour_type = std::to_integer<std::size_t>(file[25]);
    header.bits_per_pixel = depth * (colour_type < std::size(kChannels) ? kChannels[colour_type] : 0);
    const std::string size = std::to_string(header.width) + " x " + std::to_string(header.height);
    if (header.width == 0 || header.height == 0)
        return malformed("the PNG picture claims " + size + " pixels; it needs at least one");
    if (header.width > kMostPixels || header.height > kMostPixels / header.width)
        return malformed("the PNG picture claims " + size + " pixels; tconv reads up to 2^28: scale it down");
    // A byte of deflate makes 1032 bytes at the very most. An interlaced picture needs a little more than this.
    const std::int64_t needed = (header.width * header.bits_per_pixel + 7) / 8 * header.height;
    if (needed / 1032 > static_cast<std::int64_t>(file.size()))
        return malformed("the PNG picture claims " + size + " pixels, which its " + std::to_string(file.size()) +
                         " bytes cannot hold; save or copy it again");
    return header;
}

/// libpng's state and everything its callbacks touch. It ends with the scope, whatever happened inside.
struct Decoder {
    png_structp png = nullptr;
    png_infop info = nullptr;
    Bytes rest;
    char message[200] = "";

    explicit Decoder(Bytes file);
    ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;
};

[[noreturn]] void keep_message(png_structp png, png_const_charp message) {
    auto* decoder = static_cast<Decoder*>(png_get_error_ptr(png));
    std::snprintf(decoder->message, sizeof decoder->message, "%s", message);
    png_longjmp(png, 1);
}

void ignore_warning(png_structp, png_const_charp) {}

void give_bytes(png_structp png, png_bytep into, size_t count) {
    auto* decoder = static_cast<Decoder*>(png_get_io_ptr(png));
    if (count > decoder->rest.size()) png_error(png, "the file ends too early");
    std::memcpy(into, decoder->rest.data(), count);
    decoder->rest = decoder->rest.subspan(count);
}

Decoder::Decoder(Bytes file) : rest(file) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, keep_message, ignore_warning);
    if (png != nullptr) info = png_create_info_struct(png);
}

// libpng reports an error by longjmp, which must not skip a destructor. So between a setjmp and the last call to
// libpng below it there are only plain variables; all memory is owned outside.

/// Chunks that say nothing of the pixels are skipped unread: text and colour profiles are where bombs hide.
void skip_ancillary_chunks(png_structp png) {
    static constexpr png_byte kSkipped[] =
        "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0tIME\0zTXt";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, 0);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, kSkipped, sizeof kSkipped / 5);
}

/// Reads up to the pixels and asks for 8 bits: grey, grey and alpha, RGB, or RGB and alpha.
bool start(Decoder& decoder) {
    constexpr png_uint_32 kLongestSide = 1u << 28;
    if (setjmp(png_jmpbuf(decoder.png)) != 0) return false;
    png_set_read_fn(decoder.png, &decoder, give_bytes);
    png_set_user_limits(decoder.png, kLongestSide, kLongestSide);
    png_set_chunk_malloc_max(decoder.png, 1u << 20);
    png_set_crc_action(decoder.png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    skip_ancillary_chunks(decoder.png);
    png_read_info(decoder.png, decoder.info);
    png_set_expand(decoder.png);
    png_set_scale_16(decoder.png);
    static_cast<void>(png_set_interlace_handling(decoder.png));
    png_read_update_info(decoder.png, decoder.info);
    return true;
}

/// One row laid on white: the last channel is alpha when there are 2 or 4.
void lay_on_white(const png_byte* source, std::int64_t source_channels, std::int64_t width, std::uint8_t* target) {
    const bool has_alpha = source_channels % 2 == 0;
    const std::int64_t colours = has_alpha ? source_channels - 1 : source_channels;
    for (std::int64_t column = 0; column < width; ++column, source += source_channels) {
        const unsigned alpha = has_alpha ? source[colours] : 255;
        for (std::int64_t channel = 0; channel < colours; ++channel)
            *target++ = static_cast<std::uint8_t>((source[channel] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
}

/// Rows as libpng gives them: all of an interlaced picture, which is filled in 7 passes; else one at a time.
struct Rows {
    png_byte* bytes;
    std::size_t row_bytes;
    std::int64_t channels;
    bool is_interlaced;
};

/// Reads the pixels and the rest of the file.
bool read_rows(Decoder& decoder, const Rows& rows, Image& image) {
    if (setjmp(png_jmpbuf(decoder.png)) != 0) return false;
    const int last_pass = rows.is_interlaced ? 6 : 0;
    for (int pass = 0; pass <= last_pass; ++pass) {
        for (std::int64_t row = 0; row < image.height; ++row) {
            png_byte* bytes = rows.bytes + (rows.is_interlaced ? static_cast<std::size_t>(row) * rows.row_bytes : 0);
            png_read_row(decoder.png, bytes, nullptr);
            if (pass == last_pass) lay_on_white(bytes, rows.channels, image.width, &image.at(row, 0));
        }
    }
    png_read_end(decoder.png, nullptr);
    return true;
}

}  // namespace

Result<Image> decode_png(std::span<const std::byte> bytes) try {
    const Result<Header> header = read_header(bytes);
    if (!header) return header.error();
    Decoder decoder(bytes);
    if (decoder.info == nullptr) return out_of_memory("reading a PNG picture");
    const auto damaged = [&decoder] {
        return malformed("the PNG picture is damaged (libpng: " + std::string(decoder.message) +
                         "); save or copy it again");
    };
    if (!start(decoder)) return damaged();
    const std::int64_t channels = png_get_channels(decoder.png, decoder.info);
    const std::size_t row_bytes = png_get_rowbytes(decoder.png, decoder.info);
    const bool is_interlaced = png_get_interlace_type(decoder.png, decoder.info) == PNG_INTERLACE_ADAM7;
    if (row_bytes != static_cast<std::size_t>(header->width * channels)) return damaged();

    Image image{header->width, header->height, channels < 3 ? 1 : 3, {}};
    image.pixels.resize(static_cast<std::size_t>(image.width * image.height * image.channels));
    std::vector<png_byte> scratch(row_bytes * static_cast<std::size_t>(is_interlaced ? image.height : 1));
    if (!read_rows(decoder, {scratch.data(), row_bytes, channels, is_interlaced}, image)) return damaged();
    return image;
} catch (const std::bad_alloc&) {
    return out_of_memory("reading a PNG picture");
}

Result<Image> read_png(const std::string& path) {
    const Result<std::vector<std::byte>> bytes = read_file(path);
    if (!bytes) return bytes.error();
    Result<Image> image = decode_png(*bytes);
    if (!image) return about(path, image.error());
    return image;
}

}  // namespace tconv::io
