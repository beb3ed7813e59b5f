#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <deque>
#include <optional>
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

/// A file on its way: stage() writes all of its bytes under a temporary name, commit() renames. What cannot be replaced
/// by renaming (standard output, a device) is written by commit(). Destroyed before commit(), it leaves nothing.
class StagedFile {
public:
    /// 0, or the number of the error.
    int stage(const std::string& path, std::span<const Bytes> pieces);
    int commit();

    StagedFile() = default;
    StagedFile(const StagedFile&) = delete;
    StagedFile& operator=(const StagedFile&) = delete;
    ~StagedFile() {
        if (!temporary_.empty()) ::unlink(temporary_.c_str());
    }

private:
    std::string target_, temporary_;  ///< no temporary: the pieces go straight into the target
    std::optional<ListedTemporary> listed_;
    std::span<const Bytes> pieces_;
};

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

int StagedFile::stage(const std::string& path, std::span<const Bytes> pieces) {
    pieces_ = pieces;
    target_ = path;
    if (path == "-" || path == "/dev/stdout") return 0;
    struct stat status{};
    const bool exists = ::stat(path.c_str(), &status) == 0;
    if (exists && S_ISDIR(status.st_mode)) return EISDIR;
    // Renaming over a read-only file would work, but its owner said no.
    if (exists && ::access(path.c_str(), W_OK) != 0) return errno;
    // /dev/fd/7 and /dev/stderr may be regular files, but it is the open file which is meant, not its name.
    if (exists && (!S_ISREG(status.st_mode) || path.starts_with("/dev/") || path.starts_with("/proc/"))) return 0;
    target_ = follow_links(path);
    if (target_.empty()) return ELOOP;

    const std::string temporary = temporary_name(target_);
    listed_.emplace(temporary);
    const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) return errno;
    temporary_ = temporary;
    // A file that is replaced keeps its permissions where the system lets it.
    if (exists) static_cast<void>(::fchmod(descriptor, status.st_mode & 0777));
    return write_and_close(descriptor, pieces);
}

int StagedFile::commit() {
    if (temporary_.empty())
        return target_ == "-" || target_ == "/dev/stdout" ? write_all(STDOUT_FILENO, pieces_)
                                                          : write_straight(target_, pieces_);
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) return errno;
    temporary_.clear();
    return 0;
}

Result<void> check_name(const std::string& path) {
    if (path.empty())
        return Error{ErrorCode::write_failed, "'' is no file name; give a path, or - for standard output"};
    if (path.find('\0') != std::string::npos) return unwritable(path.substr(0, path.find('\0')) + "...", EINVAL);
    return {};
}

}  // namespace

Result<void> write_together(std::span<const FilePieces> files) {
    std::deque<StagedFile> staged;
    for (const FilePieces& file : files) {
        if (auto ok = check_name(file.path); !ok) return ok;
        if (const int error = staged.emplace_back().stage(file.path, file.pieces); error != 0)
            return unwritable(file.path, error);
    }
    for (std::size_t i = 0; i < files.size(); ++i)
        if (const int error = staged[i].commit(); error != 0) return unwritable(files[i].path, error);
    return {};
}

Result<void> write_pieces(const std::string& path, std::span<const Bytes> pieces) {
    const FilePieces file{path, pieces};
    return write_together(std::span(&file, 1));
}

Result<void> write_file(const std::string& path, std::span<const std::byte> bytes) {
    return write_pieces(path, std::span(&bytes, 1));
}

}  // namespace tconv::io
