// Files that a model names: inside of its folder and nowhere else.
#include "io/beside.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "io/temporary_folder.h"

namespace tconv::io {
namespace {

namespace fs = std::filesystem;

TEST(ReadBeside, StaysInTheFolder) {
    const io_test::TemporaryFolder folder;
    const fs::path inner = fs::path(folder.path()) / "inner";
    fs::create_directories(inner / "deep");
    std::ofstream(inner / "deep" / "data.bin") << "0123456789";
    std::ofstream(fs::path(folder.path()) / "secret") << "0123456789";
    fs::create_symlink("../secret", inner / "link");
    fs::create_symlink("deep/data.bin", inner / "good_link");
    const std::string model = (inner / "m.onnx").string();
    const auto text = [&](const char* name, std::int64_t offset, std::int64_t length) {
        const auto read = read_beside(model, name, offset, length);
        return read ? std::string(reinterpret_cast<const char*>(read->data()), read->size()) : "refused";
    };
    EXPECT_EQ(text("deep/data.bin", 2, 3), "234");
    EXPECT_EQ(text("./deep/data.bin", 0, 10), "0123456789");
    EXPECT_EQ(text("good_link", 9, 1), "9");
    EXPECT_EQ(text("deep/data.bin", 10, 0), "");
    EXPECT_EQ(text("deep/data.bin", 10, 1), "refused");
    EXPECT_EQ(text("deep/data.bin", -1, 1), "refused");
    EXPECT_EQ(text("deep/data.bin", 0, -1), "refused");
    EXPECT_EQ(text("deep/data.bin", INT64_MAX, INT64_MAX), "refused");
    for (const char* name : {"", "../secret", "deep/../../secret", "link", "deep", "nothing", "/etc/hostname", "."})
        EXPECT_EQ(text(name, 0, 1), "refused") << name;
    EXPECT_FALSE(read_beside(model, std::string_view("deep/data.bin\0x", 15), 0, 1));
}

}  // namespace
}  // namespace tconv::io
