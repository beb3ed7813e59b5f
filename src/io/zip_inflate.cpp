#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

#include "file.h"
#include "zip.h"

namespace tconv::io {
namespace {

/// zlib's stream for raw deflate, ended when it leaves scope.
struct Inflater {
    z_stream stream{};
    bool is_ready = inflateInit2(&stream, -MAX_WBITS) == Z_OK;
    Inflater() = default;
    ~Inflater() {
        if (is_ready) inflateEnd(&stream);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
};

uInt at_most_uint(std::size_t count) {
    return static_cast<uInt>(std::min<std::size_t>(count, std::numeric_limits<uInt>::max()));
}

Error damaged(const ZipMember& member, const std::string& how) {
    return {ErrorCode::malformed_file, "the member '" + member.name + "' " + how +
                                           "; the file may be damaged or cut short: save or copy it again"};
}

/// The output grows as bytes really come, up to the stated size and not beyond.
Result<std::vector<std::byte>> inflate_all(const ZipMember& member) {
    constexpr std::size_t kFirst = std::size_t{1} << 16;
    const auto size = static_cast<std::size_t>(member.size_bytes);
    Inflater inflater;
    if (!inflater.is_ready) return out_of_memory("inflating '" + member.name + "'");
    z_stream& stream = inflater.stream;
    std::vector<std::byte> bytes(std::min(size, kFirst));
    std::size_t consumed = 0, produced = 0;
    std::byte beyond{};  // there is room for one byte too many, to see that it never comes
    int state = Z_OK;
    while (state != Z_STREAM_END) {
        if (produced == bytes.size() && produced < size) bytes.resize(std::min(size, 2 * produced));
        const bool is_full = produced == size;
        const uInt room = is_full ? 1 : at_most_uint(bytes.size() - produced);
        const uInt given = at_most_uint(member.data.size() - consumed);
        stream.next_out = reinterpret_cast<Bytef*>(is_full ? &beyond : bytes.data() + produced);
        stream.avail_out = room;
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(member.data.data() + consumed));
        stream.avail_in = given;
        state = inflate(&stream, Z_NO_FLUSH);
        if (state == Z_MEM_ERROR) return out_of_memory("inflating '" + member.name + "'");
        if (state != Z_OK && state != Z_STREAM_END) return damaged(member, "cannot be inflated");
        consumed += given - stream.avail_in;
        const std::size_t made = room - stream.avail_out;
        if (is_full && made > 0) return damaged(member, "inflates to more bytes than the archive says");
        produced += made;
    }
    if (produced != size || consumed != member.data.size())
        return damaged(member, "inflates to other sizes than the archive says");
    return bytes;
}

}  // namespace

std::uint32_t crc_of(std::span<const Bytes> pieces) {
    uLong crc = crc32_z(0, nullptr, 0);
    for (const Bytes piece : pieces)
        if (!piece.empty()) crc = crc32_z(crc, reinterpret_cast<const Bytef*>(piece.data()), piece.size());
    return static_cast<std::uint32_t>(crc);
}

Result<std::vector<std::byte>> extract(const ZipMember& member) try {
    Result<std::vector<std::byte>> bytes =
        member.is_deflated ? inflate_all(member) : std::vector<std::byte>(member.data.begin(), member.data.end());
    if (!bytes) return bytes;
    const Bytes whole(*bytes);
    if (crc_of(std::span(&whole, 1)) != member.crc)
        return damaged(member, "does not have the CRC that the archive says");
    return bytes;
} catch (const std::bad_alloc&) {
    return out_of_memory("reading the member '" + member.name + "'");
}

}  // namespace tconv::io
