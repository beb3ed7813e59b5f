// Arrays that a command can do without: read where a path is given.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "tconv/io.h"
#include "tconv/result.h"

namespace tconv::cli {

/// Nothing for an empty path, else the npy file.
inline Result<std::optional<Tensor>> read_optional(const std::string& path) {
    if (path.empty()) return std::optional<Tensor>();
    auto array = io::read_npy(path);
    if (!array) return array.error();
    return std::optional<Tensor>(std::move(*array));
}

/// Errors (invalid_argument): more than one of the files is standard input, which can be read only once.
inline Result<void> check_one_stdin(std::initializer_list<const std::string*> paths) {
    std::ptrdiff_t count = 0;
    for (const std::string* path : paths) count += *path == "-";
    if (count <= 1) return {};
    return Error{ErrorCode::invalid_argument,
                 "standard input (-) can be only one of the inputs; give the others as files"};
}

/// The array's address, or null.
inline const Tensor* pointer_to(const std::optional<Tensor>& array) { return array ? &*array : nullptr; }

/// An array's elements as doubles, whatever they are stored as.
inline double element(const Tensor& array, std::int64_t at) {
    const auto index = static_cast<std::size_t>(at);
    return array.dtype() == DType::f32 ? static_cast<double>(array.as<float>()[index]) : array.as<double>()[index];
}

}  // namespace tconv::cli
