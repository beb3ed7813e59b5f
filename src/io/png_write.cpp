#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <new>

#include "file.h"
#include "tconv/io.h"

namespace tconv::io {
namespace {

/// libpng's state and everything its callbacks touch. It ends with the scope, whatever happened inside.
struct Encoder {
    png_structp png = nullptr;
    png_infop info = nullptr;
    std::vector<std::byte> bytes;
    char message[200] = "";

    Encoder();
    ~Encoder() { png_destroy_write_struct(&png, &info); }
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;

    bool append(const png_byte* data, std::size_t count) noexcept try {
        const auto* first = reinterpret_cast<const std::byte*>(data);
        bytes.insert(bytes.end(), first, first + count);
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
};

[[noreturn]] void keep_message(png_structp png, png_const_charp message) {
    auto* encoder = static_cast<Encoder*>(png_get_error_ptr(png));
    std::snprintf(encoder->message, sizeof encoder->message, "%s", message);
    png_longjmp(png, 1);
}

void ignore_warning(png_structp, png_const_charp) {}

void take_bytes(png_structp png, png_bytep data, size_t count) {
    if (!static_cast<Encoder*>(png_get_io_ptr(png))->append(data, count)) png_error(png, "out of memory");
}

void nothing_to_flush(png_structp) {}

Encoder::Encoder() {
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, this, keep_message, ignore_warning);
    if (png != nullptr) info = png_create_info_struct(png);
}

/// libpng reports an error by longjmp: only plain variables between setjmp and the last call.
bool write_image(Encoder& encoder, const Image& image) {
    if (setjmp(png_jmpbuf(encoder.png)) != 0) return false;
    png_set_write_fn(encoder.png, &encoder, take_bytes, nothing_to_flush);
    png_set_user_limits(encoder.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(encoder.png, encoder.info, static_cast<png_uint_32>(image.width),
                 static_cast<png_uint_32>(image.height), 8,
                 image.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(encoder.png, encoder.info);
    const std::size_t row_bytes = static_cast<std::size_t>(image.width * image.channels);
    for (std::int64_t row = 0; row < image.height; ++row)
        png_write_row(encoder.png, image.pixels.data() + static_cast<std::size_t>(row) * row_bytes);
    png_write_end(encoder.png, nullptr);
    return true;
}

}  // namespace

Result<std::vector<std::byte>> encode_png(const Image& image) {
    const std::string size = std::to_string(image.width) + " x " + std::to_string(image.height);
    if (image.channels != 1 && image.channels != 3)
        return Error{ErrorCode::invalid_argument,
                     "a picture of " + std::to_string(image.channels) + " channels was given; use 1 (grey) or 3 (RGB)"};
    if (image.width < 1 || image.height < 1 || image.width > kMostPixels || image.height > kMostPixels / image.width)
        return Error{ErrorCode::invalid_argument,
                     "a picture of " + size + " pixels cannot be written; use from 1 to 2^28 pixels"};
    if (image.pixels.size() != static_cast<std::size_t>(image.width * image.height * image.channels))
        return Error{ErrorCode::array_mismatch,
                     "a picture of " + size + " pixels and " + std::to_string(image.channels) + " channels has " +
                         std::to_string(image.pixels.size()) + " values; give width * height * channels of them"};
    Encoder encoder;
    if (encoder.info == nullptr || !write_image(encoder, image))
        return Error{ErrorCode::out_of_memory, "the picture of " + size + " pixels could not be written (libpng: " +
                                                   (encoder.message[0] ? encoder.message : "out of memory") +
                                                   "); use a smaller one"};
    return std::move(encoder.bytes);
}

Result<void> write_png(const std::string& path, const Image& image) {
    const Result<std::vector<std::byte>> bytes = encode_png(image);
    if (!bytes) return about(path, bytes.error());
    return write_file(path, *bytes);
}

}  // namespace tconv::io
