// Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): 60,000 pictures to train with and 10,000 held out, grey, 28 x 28, of ten
// kinds of clothes, from the idx files of Debian's package dataset-fashion-mnist.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tconv/result.h"
#include "tconv/tensor.h"

namespace tconv::train {

inline constexpr std::int64_t kItemSize = 28;   ///< rows and columns of a picture
inline constexpr std::int64_t kImageSize = 32;  ///< the same, padded for four halvings
inline constexpr int kClasses = 10;
inline constexpr std::string_view kFashionFolder = "/usr/share/datasets/fashion-mnist";

/// Pictures and what they show.
struct Fashion {
    std::vector<std::uint8_t> pixels;  ///< count * 28 * 28
    std::vector<std::uint8_t> labels;  ///< count, below 10

    std::int64_t count() const noexcept { return static_cast<std::int64_t>(labels.size()); }
    std::span<const std::uint8_t> picture(std::int64_t index) const noexcept {
        return std::span(pixels).subspan(static_cast<std::size_t>(index * kItemSize * kItemSize),
                                         kItemSize * kItemSize);
    }
};

/// Which part: to train with, or held out.
enum class Part { train, held_out };

/// The first `limit` pictures of a part (0: all). The files may be packed (.gz) or not. Errors: malformed_file, with
/// what to install where a file is missing.
Result<Fashion> read_fashion(const std::string& folder, Part part, std::int64_t limit);

/// A number that changes with every pixel and label.
std::uint64_t fingerprint(const Fashion& data) noexcept;

/// Pictures (N, 1, 32, 32), values from -1 to 1, black around. With a seed, each is mirrored or not by chance.
Tensor padded_pictures(const Fashion& data, std::span<const std::int64_t> indices, DType dtype = DType::f32,
                       std::optional<std::uint64_t> mirror_seed = {});

}  // namespace tconv::train
