#include "temporary.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

namespace tconv::io {
namespace {

constexpr int kFree = 0, kFilling = 1, kListed = 2;

struct Slot {
    std::atomic<int> state{kFree};
    char path[ListedTemporary::kLongestPath + 1];
};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler reads it");

Slot slots[ListedTemporary::kSlots];

}  // namespace

void remove_temporary_files() noexcept {
    const int saved = errno;
    for (Slot& slot : slots)
        if (slot.state.load(std::memory_order_acquire) == kListed) ::unlink(slot.path);
    errno = saved;
}

ListedTemporary::ListedTemporary(const std::string& path) noexcept {
    if (path.size() > kLongestPath) return;
    for (std::size_t candidate = 0; candidate < kSlots; ++candidate) {
        int expected = kFree;
        if (!slots[candidate].state.compare_exchange_strong(expected, kFilling)) continue;
        std::memcpy(slots[candidate].path, path.c_str(), path.size() + 1);
        slots[candidate].state.store(kListed, std::memory_order_release);
        slot_ = candidate;
        return;
    }
}

ListedTemporary::~ListedTemporary() {
    if (slot_ < kSlots) slots[slot_].state.store(kFree, std::memory_order_release);
}

}  // namespace tconv::io
