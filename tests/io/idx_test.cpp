// idx files: the arrays of image collections, plain and packed, and files that lie.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "hostile.h"
#include "tconv/io.h"
#include "temporary_folder.h"

namespace tconv::io_test {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Two zeros, the type, the number of axes, the sizes.
std::string idx(const std::vector<int>& sizes, const std::string& elements, int type = 8) {
    std::string file = {'\0', '\0', static_cast<char>(type), static_cast<char>(sizes.size())};
    for (const int size : sizes)
        for (const int shift : {24, 16, 8, 0}) file += static_cast<char>(size >> shift & 0xff);
    return file + elements;
}

std::string gzip(const std::string& data) {
    constexpr int kGzip = 16;
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + kGzip, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string packed(data.size() + 100, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

void expect_refusal(const std::string& file, ErrorCode code, const std::string& part) {
    const auto array = io::decode_idx(bytes_of(file));
    ASSERT_FALSE(array) << part;
    EXPECT_EQ(array.error().code, code);
    EXPECT_THAT(array.error().message, HasSubstr(part));
}

TEST(Idx, ReadsPlainAndPackedArrays) {
    const std::string file = idx({2, 1, 3}, {1, 2, 3, 4, 5, -1});
    for (const std::string& form : {file, gzip(file)}) {
        const auto array = io::decode_idx(bytes_of(form));
        ASSERT_TRUE(array) << array.error().message;
        EXPECT_EQ(array->shape, (Shape{2, 1, 3}));
        EXPECT_THAT(array->values, ElementsAre(1, 2, 3, 4, 5, 255));
    }
    EXPECT_EQ(io::decode_idx(bytes_of(idx({0, 28}, "")))->shape, (Shape{0, 28}));
}

TEST(Idx, ReadsALargePackedArray) {
    const auto array = io::decode_idx(bytes_of(gzip(idx({1000, 1000}, std::string(1'000'000, '\7')))));
    ASSERT_TRUE(array);
    EXPECT_EQ(array->values.size(), 1'000'000u);
    EXPECT_THAT(array->values, Each(7));
}

TEST(Idx, ReadsTheFirstOfMany) {
    const std::string file = idx({3, 2}, "abcdef");
    for (const std::string& form : {file, gzip(file)}) {
        const auto some = io::decode_idx(bytes_of(form), 2);
        ASSERT_TRUE(some) << some.error().message;
        EXPECT_EQ(some->shape, (Shape{2, 2}));
        EXPECT_THAT(some->values, ElementsAre('a', 'b', 'c', 'd'));
        EXPECT_EQ(io::decode_idx(bytes_of(form), 7)->shape, (Shape{3, 2}));
    }
}

TEST(Idx, RefusesWhatIsNone) {
    expect_refusal("", ErrorCode::malformed_file, "no idx file");
    expect_refusal("\x89PNG\r\n", ErrorCode::malformed_file, "no idx file");
    expect_refusal(idx({}, ""), ErrorCode::malformed_file, "no idx file");
    expect_refusal(idx({2}, "ab", 13), ErrorCode::unsupported, "type 13");
    expect_refusal(idx({2}, "abc"), ErrorCode::malformed_file, "goes on");
    expect_refusal(gzip(idx({2}, "abc")), ErrorCode::malformed_file, "goes on");
    expect_refusal(gzip(idx({2}, "ab")).substr(0, 25), ErrorCode::malformed_file, "");
}

// Nothing is asked for that the bytes cannot fill.
TEST(Idx, RefusesSizesBeyondItsBytes) {
    expect_refusal(idx({0x7fffffff, 28, 28}, "abc"), ErrorCode::malformed_file, "too short");
    expect_refusal(gzip(idx({0x7fffffff, 28, 28}, "abc")), ErrorCode::malformed_file, "too short");
    expect_refusal(idx({-1, -1, -1}, "abc"), ErrorCode::malformed_file, "2^62");
    expect_refusal(gzip(idx({1000}, "abc")), ErrorCode::malformed_file, "ends before");
}

TEST(Idx, SeesAWrongCheckSum) {
    std::string file = gzip(idx({3}, "abc"));
    file[file.size() - 8] ^= 1;
    expect_refusal(file, ErrorCode::malformed_file, "not packed as gzip packs");
}

TEST(Idx, SurvivesDamage) {
    for (const std::string& file : {idx({2, 2}, "abcd"), gzip(idx({2, 2}, "abcd"))}) {
        for_each_truncation(bytes_of(file), [](const ByteVector& bytes) { EXPECT_FALSE(io::decode_idx(bytes)); });
        for_each_bit_flip(bytes_of(file), [](const ByteVector& bytes) {
            const auto array = io::decode_idx(bytes);
            EXPECT_TRUE(array || !array.error().message.empty());
        });
    }
}

TEST(Idx, NamesTheFile) {
    const TemporaryFolder folder;
    ASSERT_TRUE(io::write_file(folder / "x", bytes_of(idx({3}, "ab"))));
    EXPECT_THAT(io::read_idx(folder / "x").error().message, StartsWith("'" + (folder / "x") + "': "));
    EXPECT_THAT(io::read_idx(folder / "none").error().message, HasSubstr("check the name"));
}

}  // namespace
}  // namespace tconv::io_test
