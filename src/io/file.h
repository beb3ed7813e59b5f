// What the formats share: writing a file from several pieces without joining them, and naming the file in an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "tconv/result.h"
#include "tconv/tensor.h"

namespace tconv::io {

using Bytes = std::span<const std::byte>;

/// write_file() of the pieces one after another.
Result<void> write_pieces(const std::string& path, std::span<const Bytes> pieces);

/// Several files, all or none: nothing is renamed into place before every one of them has been written.
struct FilePieces {
    std::string path;
    std::span<const Bytes> pieces;
};
Result<void> write_together(std::span<const FilePieces> files);

/// The tensor itself where its elements lie one after the other, else a copy that does. Errors: out_of_memory.
Result<Tensor> in_c_order(const Tensor& tensor);

/// Bytes that one file may take: half of the machine's memory, since the arrays decoded from it want as much again.
std::uint64_t longest_file();

/// "'path'", or "standard input" for "-".
std::string name_of_source(const std::string& path);

/// The error with "'path': " before its message.
Error about(const std::string& path, Error error);

/// What a failed vector or string turns into.
Error out_of_memory(const std::string& what);

}  // namespace tconv::io
