#include "tconv/buffer.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

namespace tconv {

// The aligned block lies inside a larger one from calloc, whose pages the system zeroes only when they are touched;
// the pointer that free() wants is kept in the bytes just before the aligned block.
Result<AlignedBuffer> AlignedBuffer::allocate(std::int64_t bytes) {
    constexpr std::size_t kExtra = kAlignment + sizeof(void*);
    if (bytes < 0)
        return Error{ErrorCode::out_of_memory, "a buffer of " + std::to_string(bytes) +
                                                   " bytes was asked for; a size in bytes cannot be negative"};
    void* block = nullptr;
    if (static_cast<std::uint64_t>(bytes) <= PTRDIFF_MAX - kExtra)
        block = std::calloc(static_cast<std::size_t>(bytes) + kExtra, 1);
    if (block == nullptr)
        return Error{ErrorCode::out_of_memory, "out of memory: the system has not got " + std::to_string(bytes) +
                                                   " bytes; use smaller arrays or a machine with more memory"};
    const auto first = reinterpret_cast<std::uintptr_t>(block) + sizeof(void*);
    const std::size_t offset = (kAlignment - first % kAlignment) % kAlignment + sizeof(void*);
    std::byte* aligned = static_cast<std::byte*>(block) + offset;
    std::memcpy(aligned - sizeof(void*), &block, sizeof(void*));

    AlignedBuffer buffer;
    buffer.data_.reset(aligned);
    buffer.size_bytes_ = bytes;
    return buffer;
}

void AlignedBuffer::Free::operator()(std::byte* pointer) const noexcept {
    void* block = nullptr;
    std::memcpy(&block, pointer - sizeof(void*), sizeof(void*));
    std::free(block);
}

}  // namespace tconv
