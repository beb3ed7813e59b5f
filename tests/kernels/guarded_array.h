// GuardedArray: memory between two pages that nobody may touch. An array placed in it begins right behind the first or
// ends right before the second, so a kernel that reads or writes one element too many ends the test. WebAssembly has no
// such pages: there, what was written beyond an edge ends the test when the array goes.
#pragma once

#if !defined(__wasm__)
#include <sys/mman.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace tconv::testing {

enum class Edge : std::uint8_t { begin, end };

template <class T>
class GuardedArray {
public:
    /// Room for `capacity` elements.
    explicit GuardedArray(std::int64_t capacity) {
#if defined(__wasm__)
        bytes_ = (static_cast<std::size_t>(capacity) * sizeof(T) + 63) / 64 * 64;
        mapped_ = static_cast<std::byte*>(std::aligned_alloc(64, bytes_ + 2 * kGuard));
        if (mapped_ == nullptr) std::abort();
        first_ = mapped_ + kGuard;
        for (std::size_t i = 0; i < kGuard; ++i) mapped_[i] = first_[bytes_ + i] = kMark;
#else
        const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        bytes_ = (static_cast<std::size_t>(capacity) * sizeof(T) + page - 1) / page * page;
        mapped_bytes_ = bytes_ + 2 * page;
        void* const mapped = mmap(nullptr, mapped_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED) std::abort();
        mapped_ = static_cast<std::byte*>(mapped);
        if (bytes_ > 0 && mprotect(mapped_ + page, bytes_, PROT_READ | PROT_WRITE) != 0) std::abort();
        first_ = mapped_ + page;
#endif
    }
    GuardedArray(const GuardedArray&) = delete;
    GuardedArray& operator=(const GuardedArray&) = delete;
    ~GuardedArray() {
#if defined(__wasm__)
        for (std::size_t i = 0; i < kGuard; ++i)
            if (mapped_[i] != kMark || first_[bytes_ + i] != kMark) std::abort();
        std::free(mapped_);
#else
        munmap(mapped_, mapped_bytes_);
#endif
    }

    /// `count` elements at an edge, all of them `value`.
    std::span<T> place(std::int64_t count, Edge edge, T value) {
        const auto size = static_cast<std::size_t>(count);
        if (size * sizeof(T) > bytes_) std::abort();
        std::byte* const at = edge == Edge::begin ? first_ : first_ + bytes_ - size * sizeof(T);
        const std::span<T> array(reinterpret_cast<T*>(at), size);
        std::fill(array.begin(), array.end(), value);
        return array;
    }

private:
#if defined(__wasm__)
    static constexpr std::size_t kGuard = 4096;
    static constexpr std::byte kMark{0xa5};
#endif
    std::byte *mapped_ = nullptr, *first_ = nullptr;
    std::size_t mapped_bytes_ = 0, bytes_ = 0;
};

}  // namespace tconv::testing
