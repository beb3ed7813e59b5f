// The part of the zip format that npz files need (PKWARE APPNOTE.TXT): members stored or deflated, zip64 sizes.
//
//     [local header, data] [local header, data] ... [central directory: one entry per member] [end record]
//
// Reading trusts the central directory only as far as the local headers and the bytes agree with it: members may not
// overlap, may not claim to inflate to more than deflate can make of their bytes, and must have the stated CRC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tconv/result.h"

namespace tconv::io {

/// One member, as the central directory lists it; `data` lies inside the zip.
struct ZipMember {
    std::string name;
    bool is_deflated = false;
    std::uint32_t crc = 0;
    std::uint64_t size_bytes = 0;  ///< when inflated
    std::span<const std::byte> data;
};

/// All members in the directory's order. Errors: malformed_file (also for a name that occurs twice), unsupported
/// (encryption, another compression, several disks), out_of_memory (more than fits when inflated).
Result<std::vector<ZipMember>> list_zip(std::span<const std::byte> zip);

/// The inflated bytes, checked. Errors: malformed_file, out_of_memory.
Result<std::vector<std::byte>> extract(const ZipMember& member);

/// The records around stored members: write add_member()'s text, then the member's bytes, and at the end finish()'s.
/// Every date is 1980-01-01, so equal members make equal files.
class ZipWriter {
public:
    /// With `always_zip64`, records take the form that otherwise only sizes from 4 GiB need (for tests).
    explicit ZipWriter(bool always_zip64 = false) : always_zip64_(always_zip64) {}

    std::string add_member(const std::string& name, std::uint32_t crc, std::uint64_t size_bytes);
    std::string finish() const;

private:
    bool always_zip64_;
    std::uint64_t offset_ = 0;
    std::uint64_t members_ = 0;
    std::string directory_;
};

/// CRC-32 of the pieces one after another.
std::uint32_t crc_of(std::span<const std::span<const std::byte>> pieces);

}  // namespace tconv::io
