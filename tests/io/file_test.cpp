// Whole files: read_file, write_file, and the promise that no half file is ever left.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "hostile.h"
#include "io/temporary.h"
#include "tconv/io.h"
#include "temporary_folder.h"

namespace tconv::io_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

void expect_refused(const Result<void>& result, const std::string& path, const std::string& reason) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::write_failed);
    EXPECT_THAT(result.error().message, StartsWith("'" + path + "' could not be written: "));
    EXPECT_THAT(result.error().message, HasSubstr(reason));
}

ByteVector read(const std::string& path) {
    const Result<ByteVector> bytes = io::read_file(path);
    EXPECT_TRUE(bytes) << bytes.error().message;
    return bytes ? *bytes : ByteVector();
}

TEST(File, RoundTripsBytes) {
    const TemporaryFolder folder;
    for (const std::size_t size : {0u, 1u, 65535u, 65536u, 65537u, 1000000u}) {
        ByteVector bytes(size);
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7);
        ASSERT_TRUE(io::write_file(folder / "a", bytes));
        EXPECT_EQ(read(folder / "a"), bytes);
        EXPECT_THAT(folder.names(), ElementsAre("a"));
    }
}

TEST(File, UnreadablePathsAreSentences) {
    const TemporaryFolder folder;
    const std::pair<std::string, std::string> cases[] = {
        {folder / "missing", "No such file"}, {folder.path(), "it is a directory"}, {"", "no file name"}};
    for (const auto& [path, reason] : cases) {
        const Result<ByteVector> bytes = io::read_file(path);
        ASSERT_FALSE(bytes) << path;
        EXPECT_EQ(bytes.error().code, ErrorCode::malformed_file);
        EXPECT_THAT(bytes.error().message, StartsWith("'" + path + "'"));
        EXPECT_THAT(bytes.error().message, HasSubstr(reason));
    }
    const Result<ByteVector> with_nul = io::read_file(std::string("a\0b", 3));
    ASSERT_FALSE(with_nul);
    EXPECT_THAT(with_nul.error().message, HasSubstr("NUL"));
}

TEST(File, ReadsAPipe) {
    const TemporaryFolder folder;
    const std::string pipe = folder / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const ByteVector bytes(200000, std::byte{5});
    std::thread writer([&] { EXPECT_TRUE(io::write_file(pipe, bytes)); });
    EXPECT_EQ(read(pipe), bytes);
    writer.join();
    EXPECT_THAT(folder.names(), ElementsAre("pipe"));  // it was written into, not replaced
}

TEST(File, AFileThatSaysItIsEmptyIsReadToItsEnd) {
    EXPECT_FALSE(read("/proc/self/status").empty());
    EXPECT_TRUE(read("/dev/null").empty());
}

TEST(File, WritesIntoDevices) {
    EXPECT_TRUE(io::write_file("/dev/null", bytes_of("gone")));
    struct stat status{};
    ASSERT_EQ(::stat("/dev/null", &status), 0);
    EXPECT_TRUE(S_ISCHR(status.st_mode));
    expect_refused(io::write_file("/dev/full", bytes_of("no room")), "/dev/full", "No space left");
}

TEST(File, RefusalsLeaveNothingBehind) {
    const TemporaryFolder folder;
    expect_refused(io::write_file(folder.path(), {}), folder.path(), "directory");
    expect_refused(io::write_file(folder / "none/a", {}), folder / "none/a", "create its folder");
    EXPECT_FALSE(io::write_file("", {}));
    EXPECT_FALSE(io::write_file(std::string("a\0b", 3), {}));
    EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(File, AReadOnlyFolderIsASentence) {
    const TemporaryFolder folder;
    ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
    const bool is_root = ::geteuid() == 0;  // who may write anywhere, and so plays nobody
    if (is_root && ::seteuid(65534) != 0) GTEST_SKIP() << "cannot become another user";
    expect_refused(io::write_file(folder / "a", {}), folder / "a", "choose a place that you may write to");
    if (is_root) {
        ASSERT_EQ(::seteuid(0), 0);
    }
    ASSERT_EQ(::chmod(folder.path().c_str(), 0700), 0);
}

TEST(File, AFullDiskKeepsTheOldFileWhole) {
    const TemporaryFolder folder;
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=64k") != 0) GTEST_SKIP() << "cannot mount a tmpfs";
    const ByteVector old = bytes_of("old");
    EXPECT_TRUE(io::write_file(folder / "a", old));
    expect_refused(io::write_file(folder / "a", ByteVector(200000)), folder / "a", "No space left");
    EXPECT_EQ(read(folder / "a"), old);
    EXPECT_THAT(folder.names(), ElementsAre("a"));
    EXPECT_EQ(::umount(folder.path().c_str()), 0);
}

TEST(File, NewFilesHaveTheUsualPermissionsAndOldOnesKeepTheirs) {
    const TemporaryFolder folder;
    const mode_t mask = ::umask(027);
    ASSERT_TRUE(io::write_file(folder / "a", {}));
    ::umask(mask);
    struct stat status{};
    ASSERT_EQ(::stat((folder / "a").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0640u);
    ASSERT_EQ(::chmod((folder / "a").c_str(), 0604), 0);
    ASSERT_TRUE(io::write_file(folder / "a", bytes_of("new")));
    ASSERT_EQ(::stat((folder / "a").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0604u);
}

TEST(File, FollowsSymbolicLinks) {
    namespace fs = std::filesystem;
    const TemporaryFolder folder;
    fs::create_directory(folder / "deep");
    fs::create_symlink("deep/target", folder / "link");  // to nothing yet
    fs::create_symlink("link", folder / "link2");
    ASSERT_TRUE(io::write_file(folder / "link2", bytes_of("one")));
    EXPECT_EQ(read(folder / "deep/target"), bytes_of("one"));
    ASSERT_TRUE(io::write_file(folder / "link", bytes_of("two")));
    EXPECT_EQ(read(folder / "deep/target"), bytes_of("two"));
    EXPECT_TRUE(fs::is_symlink(folder / "link"));
    fs::create_symlink("round", folder / "round");
    EXPECT_FALSE(io::write_file(folder / "round", {}));
    EXPECT_THAT(folder.names(), ElementsAre("deep", "link", "link2", "round"));
}

TEST(File, ALongNameStillHasATemporaryOne) {
    const TemporaryFolder folder;
    const std::string name(255, 'n');
    ASSERT_TRUE(io::write_file(folder / name, bytes_of("x")));
    EXPECT_THAT(folder.names(), ElementsAre(name));
    EXPECT_FALSE(io::write_file(folder / (name + "n"), bytes_of("x")));
    EXPECT_THAT(folder.names(), ElementsAre(name));
}

TEST(TemporaryFiles, ListedOnesAreRemovedAndOthersAreNot) {
    const TemporaryFolder folder;
    for (const char* name : {"listed", "unlisted", "other"}) std::ofstream(folder / name) << "x";
    {
        const io::ListedTemporary listed(folder / "listed");
        const io::ListedTemporary too_long(std::string(5000, 'x'));
        {
            const io::ListedTemporary unlisted(folder / "unlisted");
        }
        io::remove_temporary_files();
    }
    EXPECT_THAT(folder.names(), ElementsAre("other", "unlisted"));
}

TEST(TemporaryFiles, MoreThanTheSlotsAreSimplyNotListed) {
    std::vector<std::unique_ptr<io::ListedTemporary>> many;
    for (std::size_t i = 0; i < 2 * io::ListedTemporary::kSlots; ++i)
        many.push_back(std::make_unique<io::ListedTemporary>("/nonexistent/file"));
    io::remove_temporary_files();
}

}  // namespace
}  // namespace tconv::io_test
