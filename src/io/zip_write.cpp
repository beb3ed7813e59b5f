#include <algorithm>

#include "little_endian.h"
#include "zip.h"

namespace tconv::io {
namespace {

constexpr std::uint64_t kFull32 = 0xffffffff, kFull16 = 0xffff;
constexpr std::uint64_t kVersion = 20, kVersion64 = 45;  // of the zip format, needed to read a record
constexpr std::uint64_t kUnix = 3 << 8;                  // the meaning of the file attributes
constexpr std::uint64_t kReadableFile = 0100644;         // -rw-r--r--
constexpr std::uint64_t kFirstDay = (1 << 5) | 1;        // 1980-01-01
constexpr std::uint64_t kUtf8 = 1 << 11;                 // the name's encoding

/// The fields that a local header and a directory entry share, from the needed version to the name's length.
std::string common_fields(const std::string& name, std::uint32_t crc, std::uint64_t size, bool is_zip64) {
    const bool is_ascii =
        std::all_of(name.begin(), name.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
    const std::uint64_t shown = is_zip64 ? kFull32 : size;
    std::string text;
    append_little_endian(text, is_zip64 ? kVersion64 : kVersion, 2);
    append_little_endian(text, is_ascii ? 0 : kUtf8, 2);
    append_little_endian(text, 0, 2);  // stored
    append_little_endian(text, 0, 2);  // midnight
    append_little_endian(text, kFirstDay, 2);
    append_little_endian(text, crc, 4);
    append_little_endian(text, shown, 4);
    append_little_endian(text, shown, 4);
    append_little_endian(text, name.size(), 2);
    return text;
}

std::string zip64_extra(std::initializer_list<std::uint64_t> values) {
    std::string text;
    append_little_endian(text, 1, 2);
    append_little_endian(text, 8 * values.size(), 2);
    for (const std::uint64_t value : values) append_little_endian(text, value, 8);
    return text;
}

}  // namespace

std::string ZipWriter::add_member(const std::string& name, std::uint32_t crc, std::uint64_t size_bytes) {
    const bool is_zip64 = always_zip64_ || size_bytes >= kFull32 || offset_ >= kFull32;
    const std::string fields = common_fields(name, crc, size_bytes, is_zip64);
    const std::string local_extra = is_zip64 ? zip64_extra({size_bytes, size_bytes}) : "";
    const std::string extra = is_zip64 ? zip64_extra({size_bytes, size_bytes, offset_}) : "";

    directory_ += "PK\1\2";
    append_little_endian(directory_, kUnix | (is_zip64 ? kVersion64 : kVersion), 2);
    directory_ += fields;
    append_little_endian(directory_, extra.size(), 2);
    append_little_endian(directory_, 0, 2);  // no comment
    append_little_endian(directory_, 0, 2);  // first disk
    append_little_endian(directory_, 0, 2);  // no internal attributes
    append_little_endian(directory_, kReadableFile << 16, 4);
    append_little_endian(directory_, is_zip64 ? kFull32 : offset_, 4);
    directory_ += name + extra;

    std::string local = "PK\3\4" + fields;
    append_little_endian(local, local_extra.size(), 2);
    local += name + local_extra;
    offset_ += local.size() + size_bytes;
    ++members_;
    return local;
}

std::string ZipWriter::finish() const {
    const bool is_zip64 = always_zip64_ || members_ >= kFull16 || offset_ >= kFull32 || directory_.size() >= kFull32;
    std::string text = directory_;
    if (is_zip64) {
        text += "PK\6\6";
        append_little_endian(text, 44, 8);  // bytes that follow in this record
        append_little_endian(text, kUnix | kVersion64, 2);
        append_little_endian(text, kVersion64, 2);
        append_little_endian(text, 0, 8);  // this disk is the first
        append_little_endian(text, members_, 8);
        append_little_endian(text, members_, 8);
        append_little_endian(text, directory_.size(), 8);
        append_little_endian(text, offset_, 8);
        text += "PK\6\7";
        append_little_endian(text, 0, 4);  // on the first disk
        append_little_endian(text, offset_ + directory_.size(), 8);
        append_little_endian(text, 1, 4);  // of one
    }
    text += "PK\5\6";
    append_little_endian(text, 0, 4);  // this disk is the first
    append_little_endian(text, is_zip64 ? kFull16 : members_, 2);
    append_little_endian(text, is_zip64 ? kFull16 : members_, 2);
    append_little_endian(text, is_zip64 ? kFull32 : directory_.size(), 4);
    append_little_endian(text, is_zip64 ? kFull32 : offset_, 4);
    append_little_endian(text, 0, 2);  // no comment
    return text;
}

}  // namespace tconv::io
