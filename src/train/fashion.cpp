#include "train/fashion.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "autograd/memory.h"
#include "autograd/parallel.h"
#include "tconv/io.h"
#include "train/random.h"

namespace tconv::train {
namespace {

Result<io::ByteArray> read_either(const std::string& folder, const std::string& name, std::int64_t limit) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    for (const std::string ending : {".gz", ""})
        if (const fs::path path = fs::path(folder) / (name + ending); fs::exists(path, ignored))
            return io::read_idx(path.string(), limit);
    return Error{ErrorCode::malformed_file,
                 "'" + folder + "' has no " + name +
                     ".gz; install Debian's package dataset-fashion-mnist (./dev build does), or name the folder of "
                     "Fashion-MNIST's idx files with --data DIR"};
}

}  // namespace

Result<Fashion> read_fashion(const std::string& folder, Part part, std::int64_t limit) {
    const std::string name = part == Part::train ? "train" : "t10k";
    auto images = read_either(folder, name + "-images-idx3-ubyte", limit);
    if (!images) return images.error();
    auto labels = read_either(folder, name + "-labels-idx1-ubyte", limit);
    if (!labels) return labels.error();
    const std::string what = "the " + name + " files in '" + folder + "' hold arrays of shape " +
                             to_string(images->shape) + " and " + to_string(labels->shape);
    if (images->shape.size() != 3 || images->shape[0] < 1 || images->shape[1] != kItemSize ||
        images->shape[2] != kItemSize || labels->shape != Shape{images->shape[0]})
        return Error{ErrorCode::malformed_file,
                     what + "; pictures (n, 28, 28) and labels (n,) are wanted, as Fashion-MNIST has them"};
    for (const std::uint8_t label : labels->values)
        if (label >= kClasses)
            return Error{ErrorCode::malformed_file,
                         "a label in '" + folder + "' is " + std::to_string(label) + "; they must be below 10"};
    return Fashion{std::move(images->values), std::move(labels->values)};
}

std::uint64_t fingerprint(const Fashion& data) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
    for (const auto* bytes : {&data.pixels, &data.labels})
        for (const std::uint8_t byte : *bytes) hash = (hash ^ byte) * 0x100000001b3;
    return hash;
}

Tensor padded_pictures(const Fashion& data, std::span<const std::int64_t> indices, DType dtype,
                       std::optional<std::uint64_t> mirror_seed) {
    constexpr std::int64_t kBorder = (kImageSize - kItemSize) / 2;
    const auto count = static_cast<std::int64_t>(indices.size());
    const Tensor pictures = autograd::empty({count, 1, kImageSize, kImageSize}, dtype);
    Random random(mirror_seed.value_or(0));
    autograd::with_type(dtype, [&](auto zero) {
        using T = decltype(zero);
        T* to = autograd::elements<T>(pictures);
        for (std::size_t n = 0; n < indices.size(); ++n, to += kImageSize * kImageSize) {
            const auto from = data.picture(indices[n]);
            const bool is_mirrored = mirror_seed && random.below(2) == 0;
            std::fill(to, to + kImageSize * kImageSize, T(-1));
            for (std::int64_t row = 0; row < kItemSize; ++row)
                for (std::int64_t column = 0; column < kItemSize; ++column) {
                    const std::int64_t read = is_mirrored ? kItemSize - 1 - column : column;
                    to[(row + kBorder) * kImageSize + kBorder + column] =
                        static_cast<T>(from[static_cast<std::size_t>(row * kItemSize + read)]) / T(127.5) - 1;
                }
        }
    });
    return pictures;
}

}  // namespace tconv::train
