#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <new>
#include <system_error>
#include <utility>

#include "file.h"
#include "tconv/io.h"

namespace tconv::io {
namespace {

constexpr std::uint64_t kFirstChunk = std::uint64_t{1} << 16;
constexpr std::uint64_t kLongestStream = std::uint64_t{1} << 32;  // a pipe or device may never end

/// A file descriptor that is closed at the end, unless it is one of the process's own.
struct Descriptor {
    int number = -1;
    explicit Descriptor(int descriptor) : number(descriptor) {}
    ~Descriptor() {
        if (number > STDERR_FILENO) ::close(number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
};

Error unreadable(const std::string& path, const std::string& reason) {
    return {ErrorCode::malformed_file, name_of_source(path) + " could not be read: " + reason};
}

std::string reason_of(int error_number) {
    std::string reason = std::generic_category().message(error_number);
    if (error_number == ENOENT) return reason + "; check the name";
    if (error_number == EACCES) return reason + "; check its permissions";
    return reason;
}

Error too_long(const std::string& path, std::uint64_t longest) {
    return {ErrorCode::out_of_memory, name_of_source(path) + " is longer than the " + std::to_string(longest >> 20) +
                                          " MiB that this machine's memory allows for one file; split it"};
}

Result<std::vector<std::byte>> read_all(const std::string& path, int descriptor, std::uint64_t expected,
                                        std::uint64_t longest) {
    std::vector<std::byte> bytes;
    std::size_t filled = 0;
    // One byte more than expected, so that the end of a regular file is met without growing.
    std::uint64_t chunk = std::max(expected + 1, kFirstChunk);
    while (true) {
        if (filled == bytes.size()) {
            if (filled > longest) return too_long(path, longest);
            bytes.resize(filled + static_cast<std::size_t>(std::min(chunk, longest + 1 - filled)));
            chunk = bytes.size() / 2 + kFirstChunk;
        }
        const ssize_t got = ::read(descriptor, bytes.data() + filled, bytes.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unreadable(path, reason_of(errno));
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
}

}  // namespace

std::string name_of_source(const std::string& path) { return path == "-" ? "standard input" : "'" + path + "'"; }

Error about(const std::string& path, Error error) {
    error.message = name_of_source(path) + ": " + error.message;
    return error;
}

Error out_of_memory(const std::string& what) {
    return {ErrorCode::out_of_memory,
            "out of memory while " + what + "; use smaller arrays or a machine with more memory"};
}

std::uint64_t longest_file() {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long page_size = ::sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page_size <= 0) return kLongestStream;
    return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_size) / 2;
}

Result<std::vector<std::byte>> read_file(const std::string& path) {
    if (path.empty())
        return Error{ErrorCode::malformed_file, "'' is no file name; give a path, or - for standard input"};
    if (path.find('\0') != std::string::npos)
        return Error{ErrorCode::malformed_file, "'" + path.substr(0, path.find('\0')) + "...' has a NUL in its name"};
    const Descriptor file(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number < 0) return unreadable(path, reason_of(errno));
    struct stat status{};
    if (::fstat(file.number, &status) != 0) return unreadable(path, reason_of(errno));
    if (S_ISDIR(status.st_mode)) return unreadable(path, "it is a directory; name a file in it");
    const bool is_regular = S_ISREG(status.st_mode);
    const std::uint64_t longest = is_regular ? longest_file() : std::min(kLongestStream, longest_file());
    const std::uint64_t expected = is_regular ? static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0)) : 0;
    if (expected > longest) return too_long(path, longest);
    try {
        return read_all(path, file.number, expected, longest);
    } catch (const std::bad_alloc&) {
        return out_of_memory("reading " + name_of_source(path));
    }
}

}  // namespace tconv::io
