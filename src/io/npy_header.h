// The header of an npy file (NumPy, numpy.lib.format): a magic string, a version, a length, and a Python dictionary
// padded to a multiple of 64 bytes:
//
//     \x93NUMPY 1 0 <length> {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }        \n
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "tconv/io.h"
#include "tconv/tensor.h"

namespace tconv::io {

struct NpyHeader {
    DType dtype = DType::f32;
    bool is_big_endian = false;
    bool is_fortran_order = false;
    bool is_int64 = false;  ///< the elements are to become f64
    Shape shape;
    std::size_t length_bytes = 0;  ///< of everything before the elements
};

/// As many axes as NumPy allows.
constexpr std::size_t kMaxNpyAxes = 64;

/// Errors: malformed_file, unsupported (another element type, too many axes).
Result<NpyHeader> parse_npy_header(std::span<const std::byte> bytes, Integers integers);

/// An npy array as decode_npy() reads it, or with int64 elements.
Result<Tensor> decode_npy(std::span<const std::byte> bytes, Integers integers);

/// The header of an array in C order and this machine's byte order. Errors: unsupported (too many axes).
Result<std::string> npy_header_text(const Shape& shape, DType dtype);

}  // namespace tconv::io
