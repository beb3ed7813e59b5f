// idx (the MNIST database's format): two zero bytes, the element type (8: unsigned byte), the number of axes, the sizes
// as 4 bytes each with the highest first, the elements.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

#include "file.h"
#include "tconv/io.h"

namespace tconv::io {
namespace {

Error malformed(const std::string& what) {
    return {ErrorCode::malformed_file, what + "; it may be damaged or cut short: copy it again"};
}

// Bytes one after another, inflated where they are packed.
class Source {
public:
    explicit Source(Bytes bytes) : bytes_(bytes) {
        constexpr int kGzip = 16;
        is_packed_ = bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
        if (is_packed_) is_ready_ = inflateInit2(&stream_, MAX_WBITS + kGzip) == Z_OK;
    }
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    ~Source() {
        if (is_packed_ && is_ready_) inflateEnd(&stream_);
    }

    /// More than this never comes out: deflate makes at most 1032 bytes of one.
    std::uint64_t most_bytes() const noexcept {
        return static_cast<std::uint64_t>(bytes_.size()) * (is_packed_ ? 1032 : 1);
    }

    /// Fills the target; false where there is less, or where it cannot be inflated.
    bool read(std::span<std::uint8_t> target) {
        if (!is_packed_) {
            if (target.size() > bytes_.size() - consumed_) return false;
            std::transform(bytes_.begin() + static_cast<std::ptrdiff_t>(consumed_),
                           bytes_.begin() + static_cast<std::ptrdiff_t>(consumed_ + target.size()), target.begin(),
                           [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
            consumed_ += target.size();
            return true;
        }
        std::size_t filled = 0;
        while (is_ready_ && filled < target.size() && !is_over_) {
            constexpr std::size_t kMost = 1 << 30;
            const auto given = static_cast<uInt>(std::min(bytes_.size() - consumed_, kMost));
            const auto room = static_cast<uInt>(std::min(target.size() - filled, kMost));
            stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes_.data() + consumed_));
            stream_.avail_in = given;
            stream_.next_out = target.data() + filled;
            stream_.avail_out = room;
            const int state = inflate(&stream_, Z_NO_FLUSH);
            consumed_ += given - stream_.avail_in;
            filled += room - stream_.avail_out;
            is_over_ = state != Z_OK;
            is_whole_ = state == Z_STREAM_END;
        }
        return filled == target.size();
    }

    /// Whether nothing follows; of a packed file, whether its check sum agrees.
    bool ends() {
        std::uint8_t beyond = 0;
        if (!is_packed_) return consumed_ == bytes_.size();
        return !read(std::span(&beyond, 1)) && is_whole_;
    }

private:
    Bytes bytes_;
    std::size_t consumed_ = 0;
    bool is_packed_ = false, is_ready_ = true, is_over_ = false, is_whole_ = false;
    z_stream stream_{};
};

}  // namespace

Result<ByteArray> decode_idx(std::span<const std::byte> bytes, std::int64_t most) try {
    Source source(bytes);
    std::array<std::uint8_t, 4> head{};
    if (!source.read(head) || head[0] != 0 || head[1] != 0 || head[3] == 0)
        return malformed("the file is no idx file: it does not begin with two zeros, a type and a number of axes");
    if (head[2] != 8)
        return Error{ErrorCode::unsupported, "the idx file holds elements of type " + std::to_string(head[2]) +
                                                 "; tconv reads unsigned bytes (type 8)"};
    ByteArray array;
    for (int axis = 0; axis < head[3]; ++axis) {
        std::array<std::uint8_t, 4> size{};
        if (!source.read(size)) return malformed("the idx file ends inside its header");
        array.shape.push_back(std::int64_t{size[0]} << 24 | size[1] << 16 | size[2] << 8 | size[3]);
    }
    const auto count = element_count(array.shape);
    if (!count) return malformed("the idx file's header: " + count.error().message);
    // Before any memory is asked for, so that a header cannot claim what is not there.
    if (static_cast<std::uint64_t>(*count) > source.most_bytes())
        return malformed("the idx file promises an array of shape " + to_string(array.shape) +
                         ", for which it is too short");
    const bool is_part = most > 0 && most < array.shape[0];
    std::int64_t wanted = *count;
    if (is_part) {
        wanted = *count / array.shape[0] * most;
        array.shape[0] = most;
    }
    array.values.resize(static_cast<std::size_t>(wanted));
    if (!source.read(array.values))
        return malformed("the idx file ends before the elements of its array of shape " + to_string(array.shape));
    if (!is_part && !source.ends())
        return malformed("the idx file goes on behind its array, or is not packed as gzip packs");
    return array;
} catch (const std::bad_alloc&) {
    return out_of_memory("reading an idx file");
}

Result<ByteArray> read_idx(const std::string& path, std::int64_t most) {
    const auto bytes = read_file(path);
    if (!bytes) return bytes.error();
    auto array = decode_idx(*bytes, most);
    if (!array) return about(path, array.error());
    return array;
}

}  // namespace tconv::io
