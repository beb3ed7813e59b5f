#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <new>

#include "file.h"
#include "int64.h"
#include "npy_header.h"
#include "tconv/io.h"

namespace tconv::io {
namespace {

/// Reverses the bytes of every element.
void swap_byte_order(Tensor& tensor) {
    const std::int64_t width = size_of(tensor.dtype());
    for (std::byte* element = tensor.bytes(); element != tensor.bytes() + tensor.size_bytes(); element += width)
        std::reverse(element, element + width);
}

/// The elements of `source`, which lie with the first axis fastest, into C order.
template <std::int64_t kWidth>
void reorder_from_fortran(const std::byte* source, Tensor& tensor) {
    const Shape& shape = tensor.shape();
    Shape strides(shape.size()), index(shape.size(), 0);
    std::int64_t stride = 1;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        strides[axis] = stride;
        stride *= shape[axis];
    }
    std::int64_t offset = 0;
    for (std::int64_t element = 0; element < tensor.elements(); ++element) {
        std::memcpy(tensor.bytes() + element * kWidth, source + offset * kWidth, kWidth);
        for (std::size_t axis = shape.size(); axis-- > 0;) {  // count `index` up by one, the last axis fastest
            offset += strides[axis];
            if (++index[axis] < shape[axis]) break;
            offset -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
}

void fill(const std::byte* source, bool is_fortran_order, Tensor& tensor) {
    if (tensor.elements() == 0) return;
    if (!is_fortran_order)
        std::memcpy(tensor.bytes(), source, static_cast<std::size_t>(tensor.size_bytes()));
    else if (tensor.dtype() == DType::f32)
        reorder_from_fortran<4>(source, tensor);
    else
        reorder_from_fortran<8>(source, tensor);
}

}  // namespace

Result<Tensor> in_c_order(const Tensor& tensor) {
    if (tensor.is_contiguous()) return tensor;
    return tensor.to(tensor.dtype());
}

Result<Tensor> decode_npy(std::span<const std::byte> bytes) { return decode_npy(bytes, Integers::refused); }

Result<Tensor> decode_npy(std::span<const std::byte> bytes, Integers integers) try {
    const Result<NpyHeader> header = parse_npy_header(bytes, integers);
    if (!header) return header.error();
    const Result<std::int64_t> count = element_count(header->shape);
    if (!count) return Error{ErrorCode::malformed_file, count.error().message};
    // The bytes are counted before any memory is asked for, so that a header cannot claim what is not there.
    const auto available = static_cast<std::int64_t>(bytes.size() - header->length_bytes);
    if (*count > available / size_of(header->dtype))
        return Error{ErrorCode::malformed_file,
                     "the npy file promises an array of shape " + to_string(header->shape) + ", " +
                         std::to_string(*count) + " elements of " + std::to_string(size_of(header->dtype)) +
                         " bytes, and has only " + std::to_string(available) +
                         " bytes for them; it may have been cut short: save or copy it again"};
    Result<Tensor> tensor = Tensor::zeros(header->shape, header->dtype);
    if (!tensor) return tensor;
    fill(bytes.data() + header->length_bytes, header->is_fortran_order, *tensor);
    if (header->is_big_endian != (std::endian::native == std::endian::big)) swap_byte_order(*tensor);
    if (header->is_int64 && !int64_to_f64(*tensor))
        return Error{ErrorCode::unsupported,
                     "the array holds integers beyond 2^53, which f64 cannot hold; save it as float64"};
    return tensor;
} catch (const std::bad_alloc&) {
    return out_of_memory("reading an npy array");
}

Result<std::vector<std::byte>> encode_npy(const Tensor& given) try {
    const Result<std::string> header = npy_header_text(given.shape(), given.dtype());
    if (!header) return header.error();
    const Result<Tensor> in_order = in_c_order(given);
    if (!in_order) return in_order.error();
    const Tensor& tensor = *in_order;
    const Bytes first = std::as_bytes(std::span(*header));
    std::vector<std::byte> bytes;
    bytes.reserve(first.size() + static_cast<std::size_t>(tensor.size_bytes()));
    bytes.assign(first.begin(), first.end());
    bytes.insert(bytes.end(), tensor.bytes(), tensor.bytes() + tensor.size_bytes());
    return bytes;
} catch (const std::bad_alloc&) {
    return out_of_memory("writing an npy array");
}

Result<Tensor> read_npy(const std::string& path) {
    const Result<std::vector<std::byte>> bytes = read_file(path);
    if (!bytes) return bytes.error();
    Result<Tensor> tensor = decode_npy(*bytes);
    if (!tensor) return about(path, tensor.error());
    return tensor;
}

Result<void> write_npy(std::span<const NpyOutput> outputs) try {
    std::vector<std::string> headers;
    std::vector<Tensor> tensors;
    std::vector<std::array<Bytes, 2>> pieces;
    std::vector<FilePieces> files;
    headers.reserve(outputs.size());  // the pieces point into these
    pieces.reserve(outputs.size());
    for (const NpyOutput& output : outputs) {
        Result<std::string> header = npy_header_text(output.tensor.shape(), output.tensor.dtype());
        if (!header) return about(output.path, header.error());
        Result<Tensor> in_order = in_c_order(output.tensor);
        if (!in_order) return about(output.path, in_order.error());
        headers.push_back(*std::move(header));
        tensors.push_back(*in_order);
        pieces.push_back({std::as_bytes(std::span(headers.back())),
                          Bytes(tensors.back().bytes(), static_cast<std::size_t>(tensors.back().size_bytes()))});
        files.push_back({output.path, pieces.back()});
    }
    return write_together(files);
} catch (const std::bad_alloc&) {
    return out_of_memory("writing npy arrays");
}

Result<void> write_npy(const std::string& path, const Tensor& tensor) {
    const NpyOutput output{path, tensor};
    return write_npy(std::span(&output, 1));
}

}  // namespace tconv::io
