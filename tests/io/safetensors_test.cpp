// safetensors: round trips of every storage, the exact bytes of a small file, and files that lie.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "hostile.h"
#include "io/half.h"
#include "io/json_reader.h"
#include "runtime/json_text.h"
#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/io.h"
#include "temporary_folder.h"

namespace tconv::io_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;

std::string little_endian(std::uint64_t value) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
    return bytes;
}

ByteVector safetensors(const std::string& header, const std::string& data) {
    return bytes_of(little_endian(header.size()) + header + data);
}

void expect_unreadable(const ByteVector& file, ErrorCode code, const std::string& part) {
    const auto contents = io::decode_safetensors(file);
    ASSERT_FALSE(contents) << part;
    EXPECT_EQ(contents.error().code, code) << contents.error().message;
    EXPECT_THAT(contents.error().message, HasSubstr(part));
}

TEST(Safetensors, WritesTheFormatsBytes) {
    const io::Safetensors contents{{{"a", tensor({{1, 2}, {3, 4}})}, {"b", tensor({1}, DType::f64)}}, {{"k", "v\""}}};
    const std::string header = R"({"__metadata__":{"k":"v\""},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]},)"
                               R"("b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})";
    const auto bytes = io::encode_safetensors(contents);
    ASSERT_TRUE(bytes);
    const std::string text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    const std::size_t padded = (header.size() + 7) / 8 * 8;
    EXPECT_EQ(text.substr(0, 8), little_endian(padded));
    EXPECT_EQ(text.substr(8, padded), header + std::string(padded - header.size(), ' '));
    const double one = 1;
    EXPECT_EQ(std::memcmp(bytes->data() + 8 + padded, &one, 8), 0) << "the widest elements come first";
    EXPECT_EQ(text.size(), 8 + padded + 24);
}

TEST(Safetensors, RoundTripsEveryStorage) {
    const io::Safetensors contents{{{"plain", uniform({2, 3, 4}, 1)},
                                    {"double", uniform({5}, 2, -1, 1, DType::f64)},
                                    {"view", uniform({3, 4}, 3).transpose()},
                                    {"half", tensor({0.5, -2, 65504, 1e-7}), io::Storage::f16},
                                    {"count", full({}, 1234567, DType::f64), io::Storage::i64},
                                    {"empty", zeros({0, 3})}},
                                   {}};
    const TemporaryFolder folder;
    ASSERT_TRUE(io::write_safetensors(folder / "x", contents));
    const auto read = io::read_safetensors(folder / "x");
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->tensors.size(), contents.tensors.size());
    for (std::size_t i = 0; i < contents.tensors.size(); ++i) {
        EXPECT_EQ(read->tensors[i].name, contents.tensors[i].name);
        EXPECT_EQ(read->tensors[i].storage, contents.tensors[i].storage);
        if (contents.tensors[i].storage == io::Storage::f16) continue;  // below
        EXPECT_TRUE(array_equal(read->tensors[i].tensor, contents.tensors[i].tensor)) << contents.tensors[i].name;
    }
    EXPECT_THAT(read->tensors[3].tensor.as<float>(), ElementsAre(0.5F, -2, 65504, 0x1p-23F));
    EXPECT_EQ(read->named()[4].second.item(), 1234567);
}

TEST(Safetensors, KnowsAStateDictsCounts) {
    const auto list = io::stored({{"1.num_batches_tracked", full({}, 7, DType::f64)}, {"0.weight", ones({2})}}, true);
    EXPECT_EQ(list[0].storage, io::Storage::i64);
    EXPECT_EQ(list[1].storage, io::Storage::f16);
    EXPECT_EQ(io::stored({{"w", ones({2})}})[0].storage, io::Storage::as_is);
}

TEST(Safetensors, ReadsNamesAndMetadataOfAnyLetters) {
    const std::string header = R"({"__metadata__": {"\u00e9": "\ud83d\ude00\n"}, "a\/b\u0041": )"
                               R"({"dtype":"BF16","shape":[1],"data_offsets":[0,2]}} )";
    const auto read = io::decode_safetensors(safetensors(header, std::string("\x80\x3f", 2)));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_THAT(read->metadata, ElementsAre(Pair("\u00e9", "\U0001F600\n")));
    EXPECT_EQ(read->tensors[0].name, "a/bA");
    EXPECT_EQ(read->tensors[0].tensor.item(), 1) << "bf16 0x3f80";
    const auto again = io::decode_safetensors(*io::encode_safetensors(*read));
    EXPECT_EQ(again->metadata, read->metadata);
}

TEST(Safetensors, RefusesToWriteWhatDoesNotFit) {
    const auto message = [](const io::Safetensors& contents) {
        const auto bytes = io::encode_safetensors(contents);
        return bytes ? std::string() : bytes.error().message;
    };
    EXPECT_THAT(message({{{"a", ones({1})}, {"a", ones({1})}}, {}}), HasSubstr("named 'a'"));
    EXPECT_THAT(message({{{"__metadata__", ones({1})}}, {}}), HasSubstr("use different names"));
    EXPECT_THAT(message({{{"a", tensor({0.5}), io::Storage::i64}}, {}}), HasSubstr("whole numbers"));
    EXPECT_THAT(message({{{"a", full({}, 1e300, DType::f64), io::Storage::i64}}, {}}), HasSubstr("whole numbers"));
    EXPECT_THAT(message({{{"a", ones({1}, DType::f64), io::Storage::f16}}, {}}), HasSubstr("f32 is wanted"));
}

TEST(Safetensors, RefusesFilesThatLie) {
    const auto f32 = [](const std::string& shape, const std::string& offsets, const std::string& name = "a") {
        return "\"" + name + R"(":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
    };
    const std::string four(4, '\0'), eight(8, '\0');
    const auto malformed = ErrorCode::malformed_file;
    expect_unreadable(bytes_of("abc"), malformed, "shorter than");
    expect_unreadable(bytes_of(little_endian(~std::uint64_t{0}) + "{}"), malformed, "promises a header");
    expect_unreadable(safetensors("[]", ""), malformed, "JSON object");
    expect_unreadable(safetensors("{} x", ""), malformed, "JSON object");
    expect_unreadable(safetensors("{" + f32("[1]", "[0,4]") + "," + f32("[1]", "[4,8]") + "}", eight), malformed,
                      "a name of its own");
    expect_unreadable(safetensors("{" + f32("[1]", "[0,8]") + "}", eight), malformed, "not as many");
    expect_unreadable(safetensors("{" + f32("[1]", "[4,0]") + "}", eight), malformed, "not as many");
    expect_unreadable(safetensors("{" + f32("[1]", "[4,8]") + "}", eight), malformed, "begins at byte 4");
    expect_unreadable(safetensors("{" + f32("[1]", "[0,4]") + "," + f32("[1]", "[0,4]", "b") + "}", four), malformed,
                      "begins at byte 0");
    expect_unreadable(safetensors("{" + f32("[1]", "[0,4]") + "}", eight), malformed, "8 follow it");
    expect_unreadable(safetensors("{" + f32("[2]", "[0,8]") + "}", four), malformed, "4 follow it");
    expect_unreadable(safetensors("{" + f32("[4611686018427387904,4]", "[0,4]") + "}", four), malformed, "cannot be");
    expect_unreadable(safetensors("{" + f32("[-1]", "[0,4]") + "}", four), malformed, "JSON object");
    expect_unreadable(safetensors(R"({"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4]}})", four),
                      ErrorCode::unsupported, "'I8'");
    expect_unreadable(
        safetensors(R"({"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})", std::string(7, '\xff') + "\x7f"),
        ErrorCode::unsupported, "2^53");
    expect_unreadable(safetensors(R"({"a":{"dtype":"F32","shape":[1]}})", four), malformed, "JSON object");
    expect_unreadable(safetensors(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", four), malformed,
                      "JSON object");
}

TEST(Safetensors, SurvivesDamage) {
    const auto file =
        *io::encode_safetensors({{{"ab", tensor({1, 2})}, {"c", ones({1}), io::Storage::f16}}, {{"k", "v"}}});
    for_each_truncation(file, [](const ByteVector& bytes) { EXPECT_FALSE(io::decode_safetensors(bytes)); });
    for_each_bit_flip(file, [](const ByteVector& bytes) {
        const auto contents = io::decode_safetensors(bytes);
        EXPECT_TRUE(contents || !contents.error().message.empty());
    });
}

TEST(Half, HasEveryValueAndRoundsToNearestEven) {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const float value = io::float_of_f16(static_cast<std::uint16_t>(bits));
        if (std::isnan(value)) {
            EXPECT_EQ(bits & 0x7c00, 0x7c00u);
            continue;
        }
        ASSERT_EQ(io::f16_of_float(value), bits);
        // Half way to the next larger one: the even of the two; a little beyond: the next.
        if ((bits & 0x7fff) >= 0x7bff) continue;
        const float next = io::float_of_f16(static_cast<std::uint16_t>(bits + 1)), middle = (value + next) / 2;
        ASSERT_EQ(io::f16_of_float(middle), bits + (bits & 1));
        ASSERT_EQ(io::f16_of_float(std::nextafter(middle, next)), bits + 1);
        ASSERT_EQ(io::f16_of_float(std::nextafter(middle, value)), bits);
    }
    EXPECT_EQ(io::f16_of_float(65519.996F), 0x7bff);
    EXPECT_EQ(io::f16_of_float(65520), 0x7c00);
    EXPECT_EQ(io::f16_of_float(-std::numeric_limits<float>::max()), 0xfc00);
    EXPECT_EQ(io::f16_of_float(std::numeric_limits<float>::quiet_NaN()) & 0x7e00, 0x7e00);
    EXPECT_EQ(io::f16_of_float(1e-30F), 0);
}

TEST(JsonReader, RefusesHalfASurrogatePair) {
    for (const char* text : {R"("\ud83d")", R"("\ud83dx")", R"("\ud83d\u0041")", R"("\ude00")", R"("\u12")", R"("\x")",
                             "\"\n\"", "\"abc", R"("abc\)", ""})
        EXPECT_FALSE(io::JsonReader(text).string()) << text;
    EXPECT_EQ(io::JsonReader(R"("\u20ac")").string(), "\u20ac");
    EXPECT_EQ(io::JsonReader(quoted("a\"\\\n\x01")).string(), "a\"\\\n\x01");
}

}  // namespace
}  // namespace tconv::io_test
