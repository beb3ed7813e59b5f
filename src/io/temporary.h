// Temporary files that a signal handler can remove. Every file that write_file() is still writing is listed here, so
// that a program which is interrupted can leave nothing half-written:
//
//     void on_interrupt(int) { tconv::io::remove_temporary_files(); _exit(130); }
//
// The list is a fixed number of slots and atomics only: no locks, no allocation. When every slot is taken (more than
// kSlots files being written at once) the next file is simply not listed.
#pragma once

#include <cstddef>
#include <string>

namespace tconv::io {

/// Removes every listed file. Async-signal-safe. Files that are listed again afterwards stay, so end the process.
void remove_temporary_files() noexcept;

/// One listed path: listed from construction to destruction.
class ListedTemporary {
public:
    static constexpr std::size_t kSlots = 16;
    static constexpr std::size_t kLongestPath = 4095;

    explicit ListedTemporary(const std::string& path) noexcept;
    ~ListedTemporary();
    ListedTemporary(const ListedTemporary&) = delete;
    ListedTemporary& operator=(const ListedTemporary&) = delete;

private:
    std::size_t slot_ = kSlots;
};

}  // namespace tconv::io
