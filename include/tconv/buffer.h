// AlignedBuffer: owned, 64-byte aligned, zero-initialised memory whose allocation can fail as a value. Its pages are
// the system's until they are touched; buffers of 2 MiB and more lie on pages of that size where the system has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "tconv/result.h"

namespace tconv {

/// Owned bytes on a cache-line (64-byte) boundary, all zero at first. Moves, does not copy.
class AlignedBuffer {
public:
    static constexpr std::size_t kAlignment = 64;  ///< of data(), in bytes

    /// No bytes.
    AlignedBuffer() = default;

    /// Errors: out_of_memory when the system has not got `bytes` bytes, or `bytes` is negative.
    static Result<AlignedBuffer> allocate(std::int64_t bytes);

    /// The first byte; null only before allocate().
    ///@{
    std::byte* data() noexcept { return data_.get(); }
    const std::byte* data() const noexcept { return data_.get(); }
    ///@}
    /// The number of bytes asked for.
    std::int64_t size_bytes() const noexcept { return size_bytes_; }

private:
    struct Free {
        Free() noexcept : mapped_bytes(0) {}
        std::size_t mapped_bytes;  // 0: the block is calloc's
        void operator()(std::byte* pointer) const noexcept;
    };
    std::unique_ptr<std::byte, Free> data_;
    std::int64_t size_bytes_ = 0;
};

}  // namespace tconv
