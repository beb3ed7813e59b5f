#include "autograd/memory.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "tconv/autograd.h"

// AddressSanitizer watches memory that is given back only where it really is.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TCONV_KEEPS_NOTHING
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define TCONV_KEEPS_NOTHING
#endif

namespace tconv::autograd {
namespace {

#if defined(TCONV_KEEPS_NOTHING)
constexpr bool kKeeps = false;
#else
constexpr bool kKeeps = true;
#endif
constexpr std::int64_t kLeast = 4096;                    // below that the allocator is as good
constexpr std::int64_t kSlack = std::int64_t{64} << 20;  // kept beyond what was ever in use at a time

class Store {
public:
    /// Kept memory of at least so many bytes, and not much more, or new memory.
    Result<AlignedBuffer> take(std::int64_t bytes) {
        {
            const std::lock_guard lock(mutex_);
            const auto found = kept_.lower_bound(bytes);
            if (found != kept_.end() && found->first <= bytes + bytes / 4) {
                AlignedBuffer buffer = std::move(found->second);
                kept_bytes_ -= found->first;
                kept_.erase(found);
                use(buffer.size_bytes());
                return buffer;
            }
        }
        auto made = AlignedBuffer::allocate(bytes);
        if (!made) return made;
        const std::lock_guard lock(mutex_);
        use(bytes);
        return made;
    }

    void give_back(AlignedBuffer buffer) noexcept try {
        const std::int64_t bytes = buffer.size_bytes();
        const std::lock_guard lock(mutex_);
        used_bytes_ -= bytes;
        if constexpr (!kKeeps) return;
        kept_.emplace(bytes, std::move(buffer));
        kept_bytes_ += bytes;
        while (used_bytes_ + kept_bytes_ > most_used_bytes_ + kSlack) {  // the smallest first
            kept_bytes_ -= kept_.begin()->first;
            kept_.erase(kept_.begin());
        }
    } catch (...) {  // no memory for the list's entry: the system gets it back
    }

    MemoryUse memory_use() {
        const std::lock_guard lock(mutex_);
        return {used_bytes_, kept_bytes_};
    }

private:
    void use(std::int64_t bytes) {
        used_bytes_ += bytes;
        most_used_bytes_ = std::max(most_used_bytes_, used_bytes_);
    }

    std::mutex mutex_;
    std::multimap<std::int64_t, AlignedBuffer> kept_;
    std::int64_t used_bytes_ = 0, kept_bytes_ = 0, most_used_bytes_ = 0;
};

// Never destroyed, as tensors may live until the process ends.
Store& store() {
    static Store& only = *new Store;
    return only;
}

}  // namespace

Tensor empty(const Shape& shape, DType dtype) {
    const std::int64_t count = element_count(shape).value();
    if (count > (std::int64_t{1} << 62) / size_of(dtype)) return Tensor::zeros(shape, dtype).value();  // refuses
    const std::int64_t bytes = count * size_of(dtype);
    if (bytes < kLeast) return Tensor::zeros(shape, dtype).value();
    auto buffer = store().take(bytes);
    if (!buffer)
        throw BadResult(
            Error{buffer.error().code, "an array of shape " + to_string(shape) + ": " + buffer.error().message});
    const std::shared_ptr<AlignedBuffer> memory(new AlignedBuffer(*std::move(buffer)), [](AlignedBuffer* used) {
        store().give_back(std::move(*used));
        delete used;
    });
    return Tensor::over(memory, shape, dtype).value();
}

MemoryUse memory_use() { return store().memory_use(); }

}  // namespace tconv::autograd
