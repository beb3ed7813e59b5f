// Files: NumPy's npy and npz, safetensors, PNG pictures, and the idx files of image collections. Readers treat every
// file as hostile: memory and time stay in proportion to the bytes that are really there, and what is wrong is said in
// a sentence. Writers write a temporary file beside the target and rename it, so that no half file is ever left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tconv/result.h"
#include "tconv/tensor.h"

/// Files: npy, npz, safetensors, PNG and idx.
namespace tconv::io {

/// A whole file as bytes; "-" is standard input. Errors: malformed_file (missing, a directory, unreadable);
/// out_of_memory (longer than half of the machine's memory; a pipe or device: than 4 GiB).
Result<std::vector<std::byte>> read_file(const std::string& path);

/// Writes bytes to a temporary file in the target's folder, then renames it; "-" is standard output. A symbolic
/// link is followed, an existing file keeps its permissions, a device or pipe is written straight.
/// Errors: write_failed.
Result<void> write_file(const std::string& path, std::span<const std::byte> bytes);

/// npy: one array. Format versions 1 to 3, C and Fortran order, both byte orders, f32 and f64.
/// (NumPy, numpy.lib.format.) Bytes after the array are ignored, as numpy.load does. What is written equals
/// numpy.save's bytes. Errors: malformed_file; unsupported for other element types and over 64 axes.
///@{
Result<Tensor> decode_npy(std::span<const std::byte> bytes);
Result<std::vector<std::byte>> encode_npy(const Tensor& tensor);
Result<Tensor> read_npy(const std::string& path);
Result<void> write_npy(const std::string& path, const Tensor& tensor);
///@}

/// One of several arrays to write.
struct NpyOutput {
    std::string path;  ///< "-" is standard output
    Tensor tensor;     ///< what to write there
};

/// Several arrays, all or none: nothing is put in place before every one of them has been written.
/// Errors: write_failed, out_of_memory.
Result<void> write_npy(std::span<const NpyOutput> outputs);

/// Arrays with their names, in the file's order; names come without ".npy".
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// Whether arrays of int64 are refused, or become f64 where every number fits exactly; a PyTorch state_dict counts its
/// batches in them.
enum class Integers : std::uint8_t { refused, as_f64 };

/// npz: named arrays, a zip of npy files (stored or deflated; zip64 accepted). Errors: as for npy.
///@{
Result<NamedTensors> decode_npz(std::span<const std::byte> bytes, Integers integers = Integers::refused);
Result<std::vector<std::byte>> encode_npz(const NamedTensors& arrays);
Result<NamedTensors> read_npz(const std::string& path, Integers integers = Integers::refused);
Result<void> write_npz(const std::string& path, const NamedTensors& arrays);
///@}

/// How a file keeps a tensor's elements.
enum class Storage : std::uint8_t {
    as_is,  ///< F32 or F64
    f16,    ///< F16: an f32 tensor, rounded to nearest; beyond 65504 it becomes infinite
    i64,    ///< I64: a tensor of whole numbers
};

/// A tensor of a safetensors file.
struct StoredTensor {
    std::string name;                  ///< any text
    Tensor tensor;                     ///< f32 or f64
    Storage storage = Storage::as_is;  ///< F16 and BF16 are read as f32, I64 as f64
};

/// What a safetensors file holds.
struct Safetensors {
    std::vector<StoredTensor> tensors{};                          ///< names differ
    std::vector<std::pair<std::string, std::string>> metadata{};  ///< "__metadata__": texts by name

    /// The tensors with their names alone.
    NamedTensors named() const;
};

/// A state_dict as PyTorch would save it: the counts ("num_batches_tracked") are whole numbers. With `half`, f32
/// tensors are stored as f16.
std::vector<StoredTensor> stored(const NamedTensors& state, bool half = false);

/// safetensors: named tensors behind a header in JSON. (github.com/huggingface/safetensors, Format.) Dtypes F16, BF16,
/// F32, F64 and I64 are read. Errors: malformed_file; unsupported for other dtypes, over 64 axes and integers beyond
/// 2^53; when writing also invalid_argument (two tensors of one name, a storage that does not fit).
///@{
Result<Safetensors> decode_safetensors(std::span<const std::byte> bytes);
Result<std::vector<std::byte>> encode_safetensors(const Safetensors& contents);
Result<Safetensors> read_safetensors(const std::string& path);
Result<void> write_safetensors(const std::string& path, const Safetensors& contents);
///@}

/// An array of bytes, such as a collection of pictures (number, rows, columns) or their labels (number).
struct ByteArray {
    Shape shape;                       ///< slowest first
    std::vector<std::uint8_t> values;  ///< in C order
};

/// idx: an array of unsigned bytes, plain or packed by gzip. (yann.lecun.com/exdb/mnist, the file format.) With `most`
/// above 0, no more than so many entries of the first axis are read, and what follows them is not looked at. Errors:
/// malformed_file; unsupported for other element types.
///@{
Result<ByteArray> decode_idx(std::span<const std::byte> bytes, std::int64_t most = 0);
Result<ByteArray> read_idx(const std::string& path, std::int64_t most = 0);
///@}

/// An 8-bit picture: grey (1 channel) or RGB (3 channels), rows from the top, channels innermost.
struct Image {
    std::int64_t width = 0;            ///< pixels in a row
    std::int64_t height = 0;           ///< rows
    std::int64_t channels = 1;         ///< 1 or 3
    std::vector<std::uint8_t> pixels;  ///< height * width * channels

    /// One value; the three numbers are not checked.
    ///@{
    std::uint8_t& at(std::int64_t row, std::int64_t column, std::int64_t channel = 0) noexcept {
        return pixels[static_cast<std::size_t>((row * width + column) * channels + channel)];
    }
    std::uint8_t at(std::int64_t row, std::int64_t column, std::int64_t channel = 0) const noexcept {
        return pixels[static_cast<std::size_t>((row * width + column) * channels + channel)];
    }
    ///@}
};

/// The largest picture that is read or written.
constexpr std::int64_t kMostPixels = std::int64_t{1} << 28;

/// png: any bit depth and colour type is read as 8-bit grey or RGB (transparency is laid on white, 16 bits
/// are rounded to 8, interlaced files are accepted); colour profiles are ignored. Errors: malformed_file; when writing
/// also invalid_argument (0 pixels, 2 channels) and array_mismatch.
///@{
Result<Image> decode_png(std::span<const std::byte> bytes);
Result<std::vector<std::byte>> encode_png(const Image& image);
Result<Image> read_png(const std::string& path);
Result<void> write_png(const std::string& path, const Image& image);
///@}

}  // namespace tconv::io
