#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "file.h"
#include "tconv/io.h"
#include "temporary.h"

namespace tconv::io {
namespace {

constexpr int kMostLinks = 40;  // as Linux allows in a path

Error unwritable(const std::string& path, int error_number) {
    std::string reason = std::generic_category().message(error_number);
    if (error_number == ENOENT) reason += "; create its folder first";
    if (error_number == EISDIR) reason += "; name a file in it";
    if (error_number == ENOSPC || error_number == EDQUOT) reason += "; free some space or choose another place";
    if (error_number == EACCES || error_number == EROFS || error_number == EPERM)
        reason += "; choose a place that you may write to";
    return {ErrorCode::write_failed,
            (path == "-" ? "standard output" : "'" + path + "'") + " could not be written: " + reason};
}

/// "folder/" of "folder/name", "" of "name".
std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

/// 0, or the number of the error.
int write_all(int descriptor, std::span<const Bytes> pieces) {
    for (Bytes piece : pieces) {
        while (!piece.empty()) {
            const ssize_t written = ::write(descriptor, piece.data(), piece.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return errno;
            piece = piece.subspan(static_cast<std::size_t>(written));
        }
    }
    return 0;
}

/// Writes and closes; 0, or the number of the first error. A full disk can show only when the file is closed.
int write_and_close(int descriptor, std::span<const Bytes> pieces) {
    const int write_error = write_all(descriptor, pieces);
    const int close_error = ::close(descriptor) == 0 ? 0 : errno;
    return write_error != 0 ? write_error : close_error;
}

/// A device or a pipe cannot be replaced by renaming; the bytes go straight into it.
int write_straight(const std::string& path, std::span<const Bytes> pieces) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
    return descriptor < 0 ? errno : write_and_close(descriptor, pieces);
}

/// An unused ".NAME.tmp-PID-N" in the folder of `path`. A long name is cut, since a name ends at 255 bytes.
std::string temporary_name(const std::string& path) {
    static std::atomic<unsigned> number{0};
    const std::string folder = folder_of(path);
    const std::string stem =
        folder + "." + path.substr(folder.size(), 200) + ".tmp-" + std::to_string(::getpid()) + "-";
    std::string name;
    struct stat status{};
    // A killed process with our number may have left one behind.
    do name = stem + std::to_string(number++);
    while (::lstat(name.c_str(), &status) == 0);
    return name;
}

int write_then_rename(const std::string& path, const struct stat* replaced, std::span<const Bytes> pieces) {
    const std::string temporary = temporary_name(path);
    const ListedTemporary listed(temporary);
    const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) return errno;
    // A file that is replaced keeps its permissions where the system lets it.
    if (replaced != nullptr) static_cast<void>(::fchmod(descriptor, replaced->st_mode & 0777));
    int error = write_and_close(descriptor, pieces);
    if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
    if (error != 0) ::unlink(temporary.c_str());
    return error;
}

/// Where a chain of symbolic links ends, even when nothing is there yet; an empty string when it does not end.
std::string follow_links(std::string path) {
    for (int links = 0; links < kMostLinks; ++links) {
        char target[4096];
        const ssize_t length = ::readlink(path.c_str(), target, sizeof target);
        if (length < 0) return path;
        const std::string name(target, static_cast<std::size_t>(length));
        path = !name.empty() && name.front() == '/' ? name : folder_of(path) + name;
    }
    return {};
}

int write_to(const std::string& path, std::span<const Bytes> pieces) {
    if (path == "-" || path == "/dev/stdout") return write_all(STDOUT_FILENO, pieces);
    struct stat status{};
    const bool exists = ::stat(path.c_str(), &status) == 0;
    if (exists && S_ISDIR(status.st_mode)) return EISDIR;
    // /dev/fd/7 may be a regular file, but it is that open file which is meant, not its name.
    if (exists && (!S_ISREG(status.st_mode) || path.starts_with("/dev/fd/") || path.starts_with("/proc/")))
        return write_straight(path, pieces);
    // Renaming over a read-only file would work, but its owner said no.
    if (exists && ::access(path.c_str(), W_OK) != 0) return errno;
    const std::string target = follow_links(path);
    if (target.empty()) return ELOOP;
    return write_then_rename(target, exists ? &status : nullptr, pieces);
}

}  // namespace

Result<void> write_pieces(const std::string& path, std::span<const Bytes> pieces) {
    if (path.empty())
        return Error{ErrorCode::write_failed, "'' is no file name; give a path, or - for standard output"};
    if (path.find('\0') != std::string::npos) return unwritable(path.substr(0, path.find('\0')) + "...", EINVAL);
    const int error = write_to(path, pieces);
    if (error != 0) return unwritable(path, error);
    return {};
}

Result<void> write_file(const std::string& path, std::span<const std::byte> bytes) {
    return write_pieces(path, std::span(&bytes, 1));
}

}  // namespace tconv::io
