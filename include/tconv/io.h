// Files: NumPy's npy and npz, and PNG pictures. Readers treat every file as hostile: memory and time stay
// in proportion to the bytes that are really there, and what is wrong is said in a sentence. Writers write a
// temporary file beside the target and rename it, so that no half file is ever left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tconv/result.h"
#include "tconv/tensor.h"

/// Files: npy, npz and PNG.
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

/// npz: named arrays, a zip of npy files (stored or deflated; zip64 accepted). Errors: as for npy.
///@{
Result<NamedTensors> decode_npz(std::span<const std::byte> bytes);
Result<std::vector<std::byte>> encode_npz(const NamedTensors& arrays);
Result<NamedTensors> read_npz(const std::string& path);
Result<void> write_npz(const std::string& path, const NamedTensors& arrays);
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
