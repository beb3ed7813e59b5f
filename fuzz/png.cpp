#include <zlib.h>

#include <vector>

#include "check.h"
#include "tconv/io.h"

using tconv::fuzz::require;

namespace {

std::uint32_t big_endian(const std::uint8_t* bytes) {
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

/// Gives every chunk the CRC that it should have; no mutation would ever find it.
void repair_checksums(std::vector<std::uint8_t>& file) {
    constexpr std::size_t kSignature = 8, kAroundData = 12;
    std::size_t position = kSignature;
    while (position + kAroundData <= file.size()) {
        const std::size_t length = big_endian(&file[position]);
        if (length > file.size() - position - kAroundData) return;
        const uLong crc = crc32_z(0, &file[position + 4], length + 4);
        for (std::size_t i = 0; i < 4; ++i)
            file[position + 8 + length + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i) & 0xff);
        position += kAroundData + length;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::int64_t kQuickToWrite = 1 << 16;  // pixels
    std::vector<std::uint8_t> file(data, data + size);
    repair_checksums(file);
    const auto image = tconv::io::decode_png(tconv::fuzz::bytes_of(file.data(), file.size()));
    if (!image) {
        require(!image.error().message.empty(), "an error is a sentence");
        return 0;
    }
    if (image->width * image->height > kQuickToWrite) return 0;
    const auto written = tconv::io::encode_png(*image);
    require(written.ok(), "what was read can be written");
    const auto again = tconv::io::decode_png(*written);
    require(again && again->width == image->width && again->height == image->height, "the size stays");
    require(again->channels == image->channels && again->pixels == image->pixels, "the pixels stay");
    return 0;
}
