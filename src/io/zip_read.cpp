#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "file.h"
#include "little_endian.h"
#include "zip.h"

namespace tconv::io {
namespace {

constexpr std::uint64_t kIn64 = 0xffffffff;  // a 32-bit field that says: look in the zip64 record
constexpr std::uint64_t kMostInflated = std::uint64_t{1} << 34;
constexpr std::size_t kEndSize = 22, kEnd64Size = 56, kLocatorSize = 20, kEntrySize = 46, kLocalSize = 30;

Error malformed(const std::string& what) {
    return {ErrorCode::malformed_file, what + "; the file may be damaged or cut short: save or copy it again"};
}

/// Fields at offsets of one record whose length was checked.
class Record {
public:
    explicit Record(Bytes bytes) : bytes_(bytes) {}
    std::uint64_t get(std::size_t offset, std::size_t width) const {
        return read_little_endian(bytes_.subspan(offset, width));
    }
    bool has_signature(std::string_view letters) const {
        return std::equal(letters.begin(), letters.end(), bytes_.begin(),
                          [](char letter, std::byte byte) { return static_cast<std::byte>(letter) == byte; });
    }

private:
    Bytes bytes_;
};

/// `count` bytes at `offset`, or nothing when they are not all there.
std::optional<Bytes> slice(Bytes bytes, std::uint64_t offset, std::uint64_t count) {
    if (offset > bytes.size() || count > bytes.size() - offset) return std::nullopt;
    return bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(count));
}

/// Where the central directory lies.
struct Directory {
    std::uint64_t offset = 0, size = 0, members = 0;
};

/// The end record lies behind everything but a comment of its own stated length.
std::optional<std::size_t> find_end(Bytes zip) {
    constexpr std::size_t kLongestComment = 0xffff;
    for (std::size_t comment = 0; comment <= kLongestComment && comment + kEndSize <= zip.size(); ++comment) {
        const std::size_t position = zip.size() - comment - kEndSize;
        const Record end(zip.subspan(position, kEndSize));
        if (end.has_signature("PK\5\6") && end.get(20, 2) == comment) return position;
    }
    return std::nullopt;
}

Result<Directory> find_directory(Bytes zip) {
    const std::optional<std::size_t> position = find_end(zip);
    if (!position) return malformed("the file is not an npz archive: it has no zip end record");
    const Record end(zip.subspan(*position, kEndSize));
    Directory directory{end.get(16, 4), end.get(12, 4), end.get(10, 2)};
    std::uint64_t disks = end.get(4, 2) + end.get(6, 2);
    std::uint64_t limit = *position;
    if (*position >= kLocatorSize) {
        const Record locator(zip.subspan(*position - kLocatorSize, kLocatorSize));
        if (locator.has_signature("PK\6\7")) {
            const std::uint64_t offset = locator.get(8, 8);
            const std::optional<Bytes> bytes = slice(zip.first(*position - kLocatorSize), offset, kEnd64Size);
            if (!bytes || !Record(*bytes).has_signature("PK\6\6"))
                return malformed("the zip64 end record is not where the archive says");
            const Record end64(*bytes);
            directory = {end64.get(48, 8), end64.get(40, 8), end64.get(32, 8)};
            disks = end64.get(16, 4) + end64.get(20, 4);
            limit = offset;
        }
    }
    if (disks != 0)
        return Error{ErrorCode::unsupported, "the archive is one of several disks; tconv reads archives in one file"};
    if (!slice(zip.first(static_cast<std::size_t>(limit)), directory.offset, directory.size))
        return malformed("the archive's directory is not where its end record says");
    return directory;
}

/// Replaces sizes of 2^32 - 1 by those of the zip64 extra field, which lists just the ones that need it, in order.
bool read_zip64(Bytes extra, std::uint64_t& size, std::uint64_t& packed_size, std::uint64_t& offset) {
    if (size != kIn64 && packed_size != kIn64 && offset != kIn64) return true;
    while (extra.size() >= 4) {
        const std::uint64_t id = read_little_endian(extra.first(2)), length = read_little_endian(extra.subspan(2, 2));
        const std::optional<Bytes> field = slice(extra, 4, length);
        if (!field) return false;
        if (id == 1) {
            Bytes rest = *field;
            for (std::uint64_t* value : {&size, &packed_size, &offset}) {
                if (*value != kIn64) continue;
                if (rest.size() < 8) return false;
                *value = read_little_endian(rest.first(8));
                rest = rest.subspan(8);
            }
            return true;
        }
        extra = extra.subspan(4 + static_cast<std::size_t>(length));
    }
    return true;  // exactly 2^32 - 1 bytes, then
}

bool is_printable(std::string_view name) {
    return std::none_of(name.begin(), name.end(),
                        [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; });
}

Result<void> check_method(const std::string& name, std::uint64_t flags, std::uint64_t method) {
    if ((flags & 1) != 0)
        return Error{ErrorCode::unsupported, "the member '" + name + "' is encrypted; save the archive without"};
    if (method != 0 && method != 8)
        return Error{ErrorCode::unsupported, "the member '" + name + "' is compressed by zip's method " +
                                                 std::to_string(method) +
                                                 "; tconv reads stored (0) and deflated (8) members: save it with "
                                                 "numpy.savez or numpy.savez_compressed"};
    return {};
}

/// Where members lie, to refuse those that overlap.
struct Extent {
    std::uint64_t begin, end;
};

/// The member of one directory entry, and where it lies. `before` is everything ahead of the directory.
Result<ZipMember> read_member(Bytes before, Bytes entry_bytes, Bytes name_bytes, Bytes extra, Extent& extent) {
    const Record entry(entry_bytes);
    ZipMember member;
    member.name.assign(reinterpret_cast<const char*>(name_bytes.data()), name_bytes.size());
    if (!is_printable(member.name)) return malformed("a member's name has control characters");
    const std::uint64_t method = entry.get(10, 2);
    if (const Result<void> checked = check_method(member.name, entry.get(8, 2), method); !checked)
        return checked.error();
    member.is_deflated = method == 8;
    member.crc = static_cast<std::uint32_t>(entry.get(16, 4));
    member.size_bytes = entry.get(24, 4);
    std::uint64_t packed_size = entry.get(20, 4), offset = entry.get(42, 4);
    const Error misplaced = malformed("the member '" + member.name + "' is not where the archive's directory says");
    if (!read_zip64(extra, member.size_bytes, packed_size, offset)) return misplaced;

    const std::optional<Bytes> local_bytes = slice(before, offset, kLocalSize);
    if (!local_bytes || !Record(*local_bytes).has_signature("PK\3\4")) return misplaced;
    const std::uint64_t name_length = Record(*local_bytes).get(26, 2), extra_length = Record(*local_bytes).get(28, 2);
    const std::optional<Bytes> local_name = slice(before, offset + kLocalSize, name_length);
    const std::optional<Bytes> data = slice(before, offset + kLocalSize + name_length + extra_length, packed_size);
    if (!local_name || !data || !std::ranges::equal(*local_name, name_bytes)) return misplaced;
    member.data = *data;
    extent = {offset, offset + kLocalSize + name_length + extra_length + packed_size};

    // A byte of deflate makes 1032 bytes at the very most.
    const std::uint64_t most = member.is_deflated ? packed_size * 1032 : packed_size;
    if (member.is_deflated ? member.size_bytes > most : member.size_bytes != most)
        return malformed("the member '" + member.name + "' claims " + std::to_string(member.size_bytes) +
                         " bytes, which its " + std::to_string(packed_size) + " bytes in the archive cannot hold");
    return member;
}

/// Shared data would let a small file inflate to any size.
bool overlap(std::vector<Extent>& extents) {
    std::ranges::sort(extents, {}, &Extent::begin);
    return std::ranges::adjacent_find(extents, [](const Extent& a, const Extent& b) { return b.begin < a.end; }) !=
           extents.end();
}

}  // namespace

Result<std::vector<ZipMember>> list_zip(Bytes zip) {
    const Result<Directory> directory = find_directory(zip);
    if (!directory) return directory.error();
    const Bytes before = zip.first(static_cast<std::size_t>(directory->offset));
    Bytes rest = zip.subspan(before.size(), static_cast<std::size_t>(directory->size));
    const Error bad_directory = malformed("the archive's directory does not list what its end record says");

    std::vector<ZipMember> members;
    std::vector<Extent> extents;
    std::set<std::string> names;
    std::uint64_t inflated = 0;
    while (!rest.empty()) {
        if (rest.size() < kEntrySize || !Record(rest).has_signature("PK\1\2")) return bad_directory;
        const Record entry(rest);
        const std::size_t name = entry.get(28, 2), extra = entry.get(30, 2), comment = entry.get(32, 2);
        if (rest.size() - kEntrySize < name + extra + comment) return bad_directory;
        Extent extent{};
        Result<ZipMember> member = read_member(before, rest.first(kEntrySize), rest.subspan(kEntrySize, name),
                                               rest.subspan(kEntrySize + name, extra), extent);
        if (!member) return member.error();
        if (!names.insert(member->name).second)
            return Error{ErrorCode::malformed_file, "the archive has two members with the name '" + member->name +
                                                        "'; save it again with different names"};
        if (member->is_deflated) inflated += member->size_bytes;
        if (inflated > std::min(kMostInflated, longest_file()))
            return Error{ErrorCode::out_of_memory, "the archive inflates to more than " +
                                                       std::to_string(std::min(kMostInflated, longest_file()) >> 20) +
                                                       " MiB; split it into smaller ones"};
        extents.push_back(extent);
        members.push_back(*std::move(member));
        rest = rest.subspan(kEntrySize + name + extra + comment);
    }
    if (members.size() != directory->members) return bad_directory;
    if (overlap(extents)) return malformed("members of the archive overlap");
    return members;
}

}  // namespace tconv::io
