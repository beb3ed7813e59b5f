// What the system says in words: short files of /proc and /sys, and the numbers in them and in environment variables.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

#if defined(__linux__)
#include <fcntl.h>
#include <unistd.h>

#include <string>
#endif

namespace tconv {

// A whole number in [1, most], or 0.
inline std::int64_t positive_number(std::string_view text, std::int64_t most) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value >= 1 && value <= most ? value : 0;
}

#if defined(__linux__)

inline std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\n");
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

// At most 64 KiB of a file; empty where it cannot be read.
inline std::string read_system_file(const std::string& path) {
    std::string text;
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return text;
    char block[4096];
    while (text.size() < 65536) {
        const ssize_t got = ::read(file, block, sizeof block);
        if (got <= 0) break;
        text.append(block, static_cast<std::size_t>(got));
    }
    ::close(file);
    return text;
}

#endif

}  // namespace tconv
