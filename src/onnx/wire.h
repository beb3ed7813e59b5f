// The wire: protobuf's encoding, as much of it as an ONNX file needs. A *message* is a run of *fields*; a field is a
// key (field number * 8 + type) and a value: a varint (7 bits a byte, the top bit says that more follow), 4 or 8 bytes,
// or a length and as many bytes, which may be a message themselves:
//
//     0a 05 | 0a 03 61 62 63      field 1, 5 bytes: a message whose field 1 is the text "abc"
//
// Nothing here allocates for what it reads: a field points into the file. Why not protobuf's own library: it makes an
// object of some hundred bytes for every two bytes of a hostile file, it would have to be in every wheel, and it writes
// files anew, while edit.h changes some fields and keeps every other byte.
// (Protocol Buffers documentation, "Encoding".)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tconv::onnx {

using Bytes = std::span<const std::byte>;

/// Bytes [begin, end) of a file.
struct ByteRange {
    std::size_t begin = 0, end = 0;
    bool operator==(const ByteRange&) const = default;
    std::size_t size() const noexcept { return end - begin; }
};

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

struct Field {
    std::uint32_t number = 0;
    WireType type = WireType::varint;
    std::uint64_t value = 0;  ///< of a varint or a fixed one, its bits
    ByteRange payload{};      ///< of `bytes`
    ByteRange whole{};        ///< with the key

    std::int64_t integer() const noexcept { return static_cast<std::int64_t>(value); }
};

/// Reads the fields of a message one by one. A message that breaks off, a type that is none, or a field number 0 ends
/// it: next() is false then, and is_broken() true.
class Reader {
public:
    Reader(Bytes file, ByteRange message) noexcept : file_(file), at_(message.begin), end_(message.end) {}

    bool next(Field& field) noexcept;
    bool is_broken() const noexcept { return is_broken_; }
    std::size_t position() const noexcept { return at_; }

    /// One varint of a packed list.
    bool next_varint(std::uint64_t& value) noexcept;
    bool at_end() const noexcept { return at_ >= end_; }

private:
    bool take(std::size_t count, std::uint64_t& value) noexcept;
    bool fail() noexcept {
        is_broken_ = true;
        return false;
    }

    Bytes file_;
    std::size_t at_, end_;
    bool is_broken_ = false;
};

inline std::string_view text_of(Bytes file, ByteRange range) noexcept {
    return {reinterpret_cast<const char*>(file.data()) + range.begin, range.size()};
}

/// Writing fields, at the end of `target`.
///@{
void put_varint(std::vector<std::byte>& target, std::uint64_t value);
void put_number(std::vector<std::byte>& target, std::uint32_t field, std::int64_t value);
void put_bytes(std::vector<std::byte>& target, std::uint32_t field, Bytes bytes);
void put_text(std::vector<std::byte>& target, std::uint32_t field, std::string_view text);
///@}

}  // namespace tconv::onnx
