// The numbers of a model's constant tensors, as doubles: f64, f32, f16 and bf16 weights, and the integers that other
// inputs (scales, sizes, pads) are made of. They lie in the tensor itself, as raw bytes or as a list, or in another
// file, which the caller reads: this room opens none.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "onnx/model.h"

namespace tconv::onnx {

/// Reads `length` bytes from `offset` on of the file `location`, a path that the model gives relative to its own
/// folder. Whoever implements it must refuse paths that lead out of that folder. Null: external tensors are not read.
using ReadExternal =
    std::function<Result<std::vector<std::byte>>(std::string_view location, std::int64_t offset, std::int64_t length)>;

/// How many numbers a tensor has; -1 where its shape is none or has over 2^40.
std::int64_t element_count(const Tensor& tensor) noexcept;

/// Bytes of one number; 0 for types that are not read.
std::int64_t element_bytes(std::int32_t type) noexcept;

/// "float32" and so on; "type 9" for those without a name here.
std::string type_name(std::int32_t type);

/// Every number of a tensor. Errors: malformed_file (as many as the shape says are not there), unsupported (a type that
/// is not read, external data without a reader).
Result<std::vector<double>> read_numbers(const Model& model, const Tensor& tensor, const ReadExternal& external);

/// A TensorProto with these numbers, as raw bytes of `type` (f64, f32 or f16; rounded to nearest).
std::vector<std::byte> encode_tensor(std::string_view name, std::int32_t type, std::span<const std::int64_t> dims,
                                     std::span<const double> numbers);

/// The number that a value becomes when it is stored as `type`.
double rounded_to(std::int32_t type, double value) noexcept;

}  // namespace tconv::onnx
