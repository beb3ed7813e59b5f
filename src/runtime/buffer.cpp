#include "tconv/buffer.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

// AddressSanitizer sees overruns of calloc's blocks only.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TCONV_UNDER_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define TCONV_UNDER_ASAN
#endif
#if defined(__linux__) && !defined(TCONV_UNDER_ASAN)
#define TCONV_MAPS_LARGE_BUFFERS
#include <sys/mman.h>
#endif

namespace tconv {
namespace {

// The aligned block lies inside a larger one from calloc, whose pages the system zeroes only when they are touched;
// the pointer that free() wants is kept in the bytes just before the aligned block. Null where memory is out.
std::byte* allocate_block(std::size_t bytes) {
    constexpr std::size_t kExtra = AlignedBuffer::kAlignment + sizeof(void*);
    if (bytes > PTRDIFF_MAX - kExtra) return nullptr;
    void* const block = std::calloc(bytes + kExtra, 1);
    if (block == nullptr) return nullptr;
    const auto first = reinterpret_cast<std::uintptr_t>(block) + sizeof(void*);
    const std::size_t offset =
        (AlignedBuffer::kAlignment - first % AlignedBuffer::kAlignment) % AlignedBuffer::kAlignment + sizeof(void*);
    std::byte* const aligned = static_cast<std::byte*>(block) + offset;
    std::memcpy(aligned - sizeof(void*), &block, sizeof(void*));
    return aligned;
}

void free_block(std::byte* aligned) {
    void* block = nullptr;
    std::memcpy(&block, aligned - sizeof(void*), sizeof(void*));
    std::free(block);
}

#if defined(TCONV_MAPS_LARGE_BUFFERS)

constexpr std::size_t kHugePage = std::size_t{2} << 20;
// From here on: a huge page comes sooner than so many small ones, and the CPU knows where it is.
constexpr std::size_t kLeastMapped = kHugePage / 4;

// Zero memory from the system in whole huge pages (small pages for the rest of 3 MiB would take longer to come than the
// huge one): one page more is asked for, and what lies before the first boundary and behind the block is given back.
// Null where memory is out. `mapped_bytes` is what munmap wants.
std::byte* map_block(std::size_t bytes, std::size_t& mapped_bytes) {
    if (bytes > PTRDIFF_MAX - 2 * kHugePage) return nullptr;
    const std::size_t wanted = (bytes + kHugePage - 1) / kHugePage * kHugePage;
    void* const given = mmap(nullptr, wanted + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (given == MAP_FAILED) return nullptr;
    const std::size_t before = (kHugePage - reinterpret_cast<std::uintptr_t>(given) % kHugePage) % kHugePage;
    std::byte* const block = static_cast<std::byte*>(given) + before;
    if (before > 0) munmap(given, before);
    munmap(block + wanted, kHugePage - before);
    madvise(block, wanted, MADV_HUGEPAGE);  // a wish: systems without huge pages refuse it
    mapped_bytes = wanted;
    return block;
}

#endif

}  // namespace

Result<AlignedBuffer> AlignedBuffer::allocate(std::int64_t bytes) {
    if (bytes < 0)
        return Error{ErrorCode::out_of_memory, "a buffer of " + std::to_string(bytes) +
                                                   " bytes was asked for; a size in bytes cannot be negative"};
    std::byte* block = nullptr;
    Free free;
    if (static_cast<std::uint64_t>(bytes) <= PTRDIFF_MAX) {
        const auto size = static_cast<std::size_t>(bytes);
#if defined(TCONV_MAPS_LARGE_BUFFERS)
        block = size >= kLeastMapped ? map_block(size, free.mapped_bytes) : allocate_block(size);
#else
        block = allocate_block(size);
#endif
    }
    if (block == nullptr)
        return Error{ErrorCode::out_of_memory, "out of memory: the system has not got " + std::to_string(bytes) +
                                                   " bytes; use smaller arrays or a machine with more memory"};
    AlignedBuffer buffer;
    buffer.data_ = {block, free};
    buffer.size_bytes_ = bytes;
    return buffer;
}

void AlignedBuffer::Free::operator()(std::byte* pointer) const noexcept {
#if defined(TCONV_MAPS_LARGE_BUFFERS)
    if (mapped_bytes > 0) {
        munmap(pointer, mapped_bytes);
        return;
    }
#endif
    free_block(pointer);
}

}  // namespace tconv
