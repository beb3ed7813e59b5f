// npz archives: round trips, deflated members, zip64, and archives that lie.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>

#include "hostile.h"
#include "io/zip.h"
#include "tconv/arithmetic.h"
#include "tconv/io.h"
#include "temporary_folder.h"

namespace tconv::io_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

void put(std::string& text, std::uint64_t value, int width) {
    for (int i = 0; i < width; ++i, value >>= 8) text += static_cast<char>(value & 0xff);
}

std::string deflated(const std::string& data) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
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

std::uint32_t crc(const std::string& data) {
    return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size()));
}

/// A zip made by hand, so that every field can lie.
struct Member {
    std::string name;
    std::string data;  ///< as it lies in the archive
    std::uint64_t method = 0, crc = 0, size = 0, flags = 0;
    std::string local_name = name;
    std::uint64_t packed_size = data.size();
};

ByteVector zip(const std::vector<Member>& members, std::uint64_t stated_members, const std::string& comment = "") {
    std::string file, directory;
    for (const Member& member : members) {
        std::string fields;
        put(fields, 20, 2);
        put(fields, member.flags, 2);
        put(fields, member.method, 2);
        put(fields, 0, 4);
        put(fields, member.crc, 4);
        put(fields, member.packed_size, 4);
        put(fields, member.size, 4);
        directory += "PK\1\2";
        put(directory, 20, 2);
        directory += fields;
        put(directory, member.name.size(), 2);
        put(directory, 0, 12);
        put(directory, file.size(), 4);
        directory += member.name;
        file += "PK\3\4" + fields;
        put(file, member.local_name.size(), 2);
        put(file, 0, 2);
        file += member.local_name + member.data;
    }
    std::string end = "PK\5\6";
    put(end, 0, 4);
    put(end, stated_members, 2);
    put(end, stated_members, 2);
    put(end, directory.size(), 4);
    put(end, file.size(), 4);
    put(end, comment.size(), 2);
    return bytes_of(file + directory + end + comment);
}

std::string npy_text(const Tensor& tensor) {
    const ByteVector bytes = io::encode_npy(tensor).value();
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Tensor counting(Shape shape, DType dtype = DType::f32) {
    Tensor tensor = Tensor::zeros(std::move(shape), DType::f64).value();
    double next = 0;
    for (double& value : tensor.as<double>()) value = next++;
    return tensor.to(dtype).value();
}

Member stored(const std::string& name, const std::string& data) { return {name, data, 0, crc(data), data.size()}; }
Member packed(const std::string& name, const std::string& data) {
    return {name, deflated(data), 8, crc(data), data.size()};
}

void expect_error(const ByteVector& file, ErrorCode code, const std::string& part) {
    const Result<io::NamedTensors> arrays = io::decode_npz(file);
    ASSERT_FALSE(arrays) << part;
    EXPECT_EQ(arrays.error().code, code) << arrays.error().message;
    EXPECT_THAT(arrays.error().message, HasSubstr(part));
}

void expect_damaged(const ByteVector& file, const std::string& part) {
    expect_error(file, ErrorCode::malformed_file, part);
}

TEST(Npz, RoundTripsNamedArrays) {
    const TemporaryFolder folder;
    io::NamedTensors arrays;
    arrays.emplace_back("weight", counting({2, 3, 4}));
    arrays.emplace_back("bias/of it", counting({5}, DType::f64));
    arrays.emplace_back(
        "Gr\xc3\xb6\xc3\x9f"
        "e",
        counting({}));
    arrays.emplace_back("", counting({0, 3}));
    ASSERT_TRUE(io::write_npz(folder / "a.npz", arrays));
    const Result<io::NamedTensors> read = io::read_npz(folder / "a.npz");
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), arrays.size());
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        EXPECT_EQ((*read)[i].first, arrays[i].first);
        EXPECT_EQ(io::encode_npy((*read)[i].second).value(), io::encode_npy(arrays[i].second).value());
    }
    EXPECT_EQ(io::read_file(folder / "a.npz").value(), io::encode_npz(arrays).value());
    EXPECT_EQ(io::encode_npz(arrays).value(), io::encode_npz(*read).value());  // no dates, no chance
    EXPECT_THAT(folder.names(), ElementsAre("a.npz"));
}

TEST(Npz, ViewsAreWrittenInTheirOwnOrder) {
    const Tensor whole = counting({3, 4});
    const io::NamedTensors arrays{{"transposed", whole.transpose()}, {"column", whole(Slice(), 1)}};
    const io::NamedTensors read = io::decode_npz(io::encode_npz(arrays).value()).value();
    ASSERT_EQ(read.size(), 2u);
    EXPECT_TRUE(array_equal(read[0].second, whole.transpose()));
    EXPECT_TRUE(array_equal(read[1].second, whole(Slice(), 1)));
}

TEST(Npz, AnEmptyArchiveHasNoArrays) {
    const ByteVector empty = io::encode_npz({}).value();
    EXPECT_EQ(empty.size(), 22u);
    EXPECT_THAT(io::decode_npz(empty).value(), IsEmpty());
}

TEST(Npz, NamesThatCannotBeWritten) {
    for (const std::string& name : {std::string("a\nb"), std::string("a\0b", 3), std::string(70000, 'n')}) {
        io::NamedTensors arrays;
        arrays.emplace_back(name, counting({1}));
        const Result<ByteVector> refused = io::encode_npz(arrays);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    }
    io::NamedTensors twice;
    twice.emplace_back("a", counting({1}));
    twice.emplace_back("a", counting({2}));
    EXPECT_THAT(io::encode_npz(twice).error().message, HasSubstr("two arrays have the name 'a'"));
}

TEST(Npz, ReadsDeflatedMembersAndComments) {
    const std::string array = npy_text(counting({100, 100}));
    const ByteVector file =
        zip({packed("a.npy", array), stored("b.npy", npy_text(counting({2})))}, 2, "a PK\5\6 comment");
    const Result<io::NamedTensors> read = io::decode_npz(file);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), 2u);
    EXPECT_EQ((*read)[0].first, "a");
    EXPECT_EQ((*read)[0].second.as<float>()[9999], 9999.0f);
    EXPECT_EQ((*read)[1].first, "b");
}

TEST(Npz, ReadsAndWritesZip64Records) {
    const std::string array = npy_text(counting({3}));
    io::ZipWriter writer(true);
    std::string file;
    for (const char* name : {"a.npy", "b.npy"}) file += writer.add_member(name, crc(array), array.size()) + array;
    file += writer.finish();
    const Result<io::NamedTensors> read = io::decode_npz(bytes_of(file));
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), 2u);
    EXPECT_THAT((*read)[1].second.as<float>(), ElementsAre(0, 1, 2));
    for_each_truncation(bytes_of(file), [](const ByteVector& cut) { EXPECT_FALSE(io::decode_npz(cut)); });
    for_each_bit_flip(bytes_of(file), [](const ByteVector& damaged) { static_cast<void>(io::decode_npz(damaged)); });
}

TEST(Npz, MembersThatAreRefused) {
    const std::string array = npy_text(counting({2}));
    const Member good = stored("a.npy", array);
    ASSERT_TRUE(io::decode_npz(zip({good}, 1)));
    expect_error(zip({good, good}, 2), ErrorCode::malformed_file, "two members with the name 'a.npy'");
    expect_damaged(zip({stored("a.txt", "hello")}, 1), "'a.txt' is not an npy array");
    expect_damaged(zip({stored("a.npy", "hello")}, 1), "member 'a.npy': the file is not an npy array");
    expect_damaged(zip({stored("a\n.npy", array)}, 1), "control characters");
    expect_damaged(zip({good}, 2), "directory");
    expect_damaged(zip({good}, 0), "directory");

    Member lying = good;
    lying.flags = 1;
    expect_error(zip({lying}, 1), ErrorCode::unsupported, "encrypted");
    lying = good;
    lying.method = 12;
    expect_error(zip({lying}, 1), ErrorCode::unsupported, "method 12");
    lying = good;
    lying.crc ^= 1;
    expect_damaged(zip({lying}, 1), "CRC");
    lying = good;
    lying.local_name = "b.npy";
    expect_damaged(zip({lying}, 1), "not where");
    lying = good;
    lying.size += 1;
    expect_damaged(zip({lying}, 1), "cannot hold");
    lying = good;
    lying.packed_size = lying.size = 100000;
    expect_damaged(zip({lying}, 1), "not where");
    lying = good;
    lying.packed_size = lying.size = 0xffffffff;  // zip64, and no such field
    expect_damaged(zip({lying}, 1), "not where");
}

TEST(Npz, DeflatedMembersThatLie) {
    const std::string array = npy_text(counting({1000}));
    Member lying = packed("a.npy", array);
    lying.size -= 1;
    expect_damaged(zip({lying}, 1), "more bytes than");
    lying = packed("a.npy", array);
    lying.size += 1;
    expect_damaged(zip({lying}, 1), "other sizes than");
    lying = packed("a.npy", array);
    lying.data += "more";
    lying.packed_size += 4;
    expect_damaged(zip({lying}, 1), "other sizes than");
    lying = packed("a.npy", array);
    lying.size = 0xfffffffe;  // 4 GiB of a few kilobytes
    expect_damaged(zip({lying}, 1), "cannot hold");
    lying = packed("a.npy", array);
    lying.data.resize(lying.data.size() / 2);
    lying.packed_size = lying.data.size();
    expect_damaged(zip({lying}, 1), "inflate");
    lying = packed("a.npy", array);
    lying.data[0] = '\xff';
    expect_damaged(zip({lying}, 1), "inflate");
    lying = packed("a.npy", "");
    lying.data = "";
    lying.packed_size = 0;
    expect_damaged(zip({lying}, 1), "inflate");
}

TEST(Npz, MembersMayNotOverlap) {
    // The second entry's data is the whole of the first member: one kernel of data could serve any number of entries.
    const std::string array = npy_text(counting({2}));
    std::string inner = "PK\3\4";
    put(inner, 20, 2);
    put(inner, 0, 8);
    put(inner, crc(array), 4);
    put(inner, array.size(), 4);
    put(inner, array.size(), 4);
    put(inner, 5, 2);
    put(inner, 0, 2);
    inner += "b.npy" + array;
    ByteVector file = zip({stored("a.npy", inner), stored("b.npy", array)}, 2);
    // Point the second directory entry into the first member's data.
    const std::size_t second_offset_field = file.size() - 22 - 5 - 4;
    const std::size_t inner_offset = 30 + 5;
    file[second_offset_field] = static_cast<std::byte>(inner_offset);
    file[second_offset_field + 1] = std::byte{0};
    expect_damaged(file, "overlap");
}

TEST(Npz, DamageIsAnErrorOrArrays) {
    const ByteVector file =
        zip({packed("a.npy", npy_text(counting({4}))), stored("b.npy", npy_text(counting({2})))}, 2, "c");
    ASSERT_TRUE(io::decode_npz(file));
    for_each_truncation(file, [](const ByteVector& cut) { EXPECT_FALSE(io::decode_npz(cut)); });
    for_each_bit_flip(file, [](const ByteVector& damaged) { static_cast<void>(io::decode_npz(damaged)); });
    expect_damaged({}, "no zip end record");
    expect_damaged(ByteVector(100000), "no zip end record");
}

TEST(Npz, ErrorsNameTheFile) {
    const TemporaryFolder folder;
    ASSERT_TRUE(io::write_file(folder / "a.npz", bytes_of("nonsense")));
    for (const std::string& path : {folder / "a.npz", folder / "missing.npz", folder.path()}) {
        const Result<io::NamedTensors> read = io::read_npz(path);
        ASSERT_FALSE(read);
        EXPECT_THAT(read.error().message, StartsWith("'" + path + "'"));
    }
}

// A PyTorch state_dict counts its batches in int64.
TEST(Npz, TakesIntegersWhereAskedTo) {
    const auto npy = [](const std::string& descr, std::uint64_t value) {
        std::string header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (), }\n", file = "\x93NUMPY";
        file += {'\1', '\0'};
        put(file, header.size(), 2);
        file += header;
        put(file, value, 8);
        return file;
    };
    const auto read = [&](const std::string& data, io::Integers integers) {
        return io::decode_npz(zip({{.name = "n.npy", .data = data, .crc = crc(data), .size = data.size()}}, 1),
                              integers);
    };
    const auto count = read(npy("<i8", 42), io::Integers::as_f64);
    ASSERT_TRUE(count) << count.error().message;
    EXPECT_EQ(count->front().second.item(), 42);
    EXPECT_EQ(count->front().second.dtype(), DType::f64);
    EXPECT_EQ(read(npy("<i8", std::uint64_t(-3)), io::Integers::as_f64)->front().second.item(), -3);
    EXPECT_THAT(read(npy("<i8", 42), io::Integers::refused).error().message, HasSubstr("integers"));
    EXPECT_THAT(read(npy("<i8", 1ull << 60), io::Integers::as_f64).error().message, HasSubstr("2^53"));
}

}  // namespace
}  // namespace tconv::io_test
