// npy arrays: every version, order and byte order, NumPy's own bytes, and damage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "hostile.h"
#include "tconv/io.h"
#include "temporary_folder.h"

namespace tconv::io_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A file of format `version` with this header text and these element bytes.
ByteVector npy(const std::string& header, const std::string& data, int version = 1) {
    const std::size_t length = header.size();
    std::string file = "\x93NUMPY";
    file += {static_cast<char>(version), '\0', static_cast<char>(length & 0xff), static_cast<char>(length >> 8)};
    if (version > 1) file += {'\0', '\0'};
    return bytes_of(file + header + data);
}

std::string header(const std::string& descr, const std::string& order, const std::string& shape) {
    return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

/// 0, 1, 2, ... as little- or big-endian elements.
template <class T>
std::string counting(int count, bool is_big_endian) {
    std::string data;
    for (int i = 0; i < count; ++i) {
        const T value = static_cast<T>(i);
        std::string element(reinterpret_cast<const char*>(&value), sizeof value);
        if (is_big_endian) std::ranges::reverse(element);
        data += element;
    }
    return data;
}

void expect_error(const ByteVector& file, ErrorCode code, const std::string& part) {
    const Result<Tensor> tensor = io::decode_npy(file);
    ASSERT_FALSE(tensor) << part;
    EXPECT_EQ(tensor.error().code, code) << tensor.error().message;
    EXPECT_THAT(tensor.error().message, HasSubstr(part));
}

TEST(Npy, ReadsEveryVersionOrderAndByteOrder) {
    for (const int version : {1, 2, 3}) {
        for (const bool is_double : {false, true}) {
            for (const bool is_big_endian : {false, true}) {
                for (const bool is_fortran : {false, true}) {
                    const std::string descr = std::string(is_big_endian ? ">" : "<") + (is_double ? "f8" : "f4");
                    const std::string data =
                        is_double ? counting<double>(6, is_big_endian) : counting<float>(6, is_big_endian);
                    const Result<Tensor> read =
                        io::decode_npy(npy(header(descr, is_fortran ? "True" : "False", "(2, 3)"), data, version));
                    ASSERT_TRUE(read) << descr << ": " << read.error().message;
                    EXPECT_EQ(read->dtype(), is_double ? DType::f64 : DType::f32);
                    EXPECT_THAT(read->shape(), ElementsAre(2, 3));
                    const Tensor values = *read->to(DType::f64);
                    if (is_fortran)
                        EXPECT_THAT(values.as<double>(), ElementsAre(0, 2, 4, 1, 3, 5));
                    else
                        EXPECT_THAT(values.as<double>(), ElementsAre(0, 1, 2, 3, 4, 5));
                }
            }
        }
    }
}

TEST(Npy, FortranOrderOfThreeAxes) {
    const Result<Tensor> read = io::decode_npy(npy(header("<f4", "True", "(2, 3, 2)"), counting<float>(12, false)));
    ASSERT_TRUE(read);
    EXPECT_THAT(read->as<float>(), ElementsAre(0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11));
}

TEST(Npy, WritesTheBytesOfNumPy) {
    // numpy.save of numpy.array([[1, 2]], dtype='<f4'), NumPy 2.
    const ByteVector expected = bytes_of(
        std::string("\x93NUMPY\x01\x00v\x00", 10) + "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }" +
        std::string(58, ' ') + "\n" + std::string("\x00\x00\x80\x3f\x00\x00\x00\x40", 8));
    Result<Tensor> tensor = Tensor::zeros({1, 2}, DType::f32);
    ASSERT_TRUE(tensor);
    std::iota(tensor->as<float>().begin(), tensor->as<float>().end(), 1.0f);
    const Result<ByteVector> written = io::encode_npy(*tensor);
    ASSERT_TRUE(written);
    EXPECT_EQ(*written, expected);
}

TEST(Npy, RoundTripsEveryShape) {
    const TemporaryFolder folder;
    const Shape shapes[] = {{}, {1}, {0}, {7}, {2, 0, 3}, {2, 3, 4}, {1, 2, 1, 3, 1}, Shape(64, 1), {0, 1LL << 60}};
    for (const Shape& shape : shapes) {
        for (const DType dtype : {DType::f32, DType::f64}) {
            Result<Tensor> tensor = Tensor::zeros(shape, dtype);
            ASSERT_TRUE(tensor);
            for (std::int64_t i = 0; i < tensor->size_bytes(); ++i)  // NaNs and all
                tensor->bytes()[i] = static_cast<std::byte>(i * 31 + 7);
            ASSERT_TRUE(io::write_npy(folder / "a.npy", *tensor));
            const Result<Tensor> read = io::read_npy(folder / "a.npy");
            ASSERT_TRUE(read) << read.error().message;
            EXPECT_EQ(read->shape(), shape);
            EXPECT_EQ(read->dtype(), dtype);
            EXPECT_TRUE(std::equal(tensor->bytes(), tensor->bytes() + tensor->size_bytes(), read->bytes()));
            const Result<ByteVector> encoded = io::encode_npy(*tensor);
            ASSERT_TRUE(encoded);
            EXPECT_EQ((encoded->size() - static_cast<std::size_t>(tensor->size_bytes())) % 64, 0u);
            EXPECT_EQ(io::read_file(folder / "a.npy").value(), *encoded);
        }
    }
    const Tensor many_axes = Tensor::zeros(Shape(65, 1), DType::f32).value();
    const Result<void> refused = io::write_npy(folder / "b.npy", many_axes);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
    EXPECT_THAT(folder.names(), ElementsAre("a.npy"));
}

TEST(Npy, WritesViewsInTheirOwnOrder) {
    Tensor whole = Tensor::zeros({3, 4}, DType::f32).value();
    std::iota(whole.as<float>().begin(), whole.as<float>().end(), 0.0F);
    const Tensor view = whole(Slice(1, 3), Slice(0, 2)).transpose();
    const TemporaryFolder folder;
    ASSERT_TRUE(io::write_npy(folder / "view.npy", view));
    const ByteVector encoded = io::encode_npy(view).value();
    for (const Tensor& read : {io::decode_npy(encoded).value(), io::read_npy(folder / "view.npy").value()}) {
        EXPECT_EQ(read.shape(), (Shape{2, 2}));
        EXPECT_THAT(read.as<float>(), ElementsAre(4, 8, 5, 9));
    }
}

TEST(Npy, TheHeaderMayBeWrittenInOtherWays) {
    const char* accepted[] = {
        "{'shape':(2,),'fortran_order':False,'descr':'<f4'}",
        "  { \"descr\" : \"<f4\" ,\t'fortran_order' : True , 'shape' : ( 2 , ) , } \n\n",
        "{'descr': '=f4', 'fortran_order': False, 'shape': (2L,), }",
        "{'descr': 'f4', 'fortran_order': False, 'shape': (2, 1)}",
    };
    for (const char* text : accepted) {
        const Result<Tensor> read = io::decode_npy(npy(text, counting<float>(2, false)));
        ASSERT_TRUE(read) << text << ": " << read.error().message;
        EXPECT_THAT(read->as<float>(), ElementsAre(0, 1));
    }
}

TEST(Npy, MalformedHeadersAreRefused) {
    const char* refused[] = {
        "",
        "{",
        "{}",
        "[]",
        "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 2}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (+1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4\n', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': None, 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}",
        "{'descr: <f4, fortran_order: False, shape: (2,)}",
    };
    for (const char* text : refused)
        expect_error(npy(text, std::string(64, '\0')), ErrorCode::malformed_file, "header");
}

TEST(Npy, OtherElementTypesSayWhatToDo) {
    const std::pair<const char*, const char*> cases[] = {
        {"<i8",
         "the array holds integers (dtype '<i8'); tconv computes with f32 and f64; convert it with numpy: "
         "a.astype('float32')"},
        {"|u1", "integers"},
        {"|b1", "booleans"},
        {"<f2", "another width"},
        {"<f16", "float64"},
        {"<c8", "a.real"},
        {"|O", "Python objects"},
        {"<U3", "text"},
        {"|S3", "text"},
        {"<M8[ns]", "dates"},
        {"|V4", "another type"},
        {"|f4", "another width"},
    };
    for (const auto& [descr, part] : cases)
        expect_error(npy(header(descr, "False", "(2,)"), std::string(64, '\0')), ErrorCode::unsupported, part);
    expect_error(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", std::string(64, '\0')),
                 ErrorCode::unsupported, "records");
    std::string axes;
    for (int axis = 0; axis < 65; ++axis) axes += "1, ";
    expect_error(npy(header("<f4", "False", "(" + axes + ")"), std::string(64, '\0')), ErrorCode::unsupported, "axes");
}

TEST(Npy, AHeaderCannotClaimWhatIsNotThere) {
    const char* shapes[] = {"(3,)", "(1000000000000,)", "(4611686018427387904,)", "(2147483648, 2147483648)"};
    for (const char* shape : shapes)
        expect_error(npy(header("<f4", "False", shape), std::string(8, '\0')), ErrorCode::malformed_file, "has only 8");
    const char* overflowing[] = {"(4611686018427387904, 4)", "(0, 4611686018427387904, 4)",
                                 "(9223372036854775807, 9223372036854775807, 9223372036854775807)"};
    for (const char* shape : overflowing)
        expect_error(npy(header("<f4", "False", shape), std::string(8, '\0')), ErrorCode::malformed_file, "2^62");
    expect_error(bytes_of(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{}", 14)), ErrorCode::malformed_file,
                 "promises a header of 4294967295");
    expect_error(bytes_of(std::string("\x93NUMPY\x04\x00\x02\x00{}", 12)), ErrorCode::unsupported, "version 4.0");
    expect_error({}, ErrorCode::malformed_file, "empty");
    expect_error(bytes_of("hello"), ErrorCode::malformed_file, "not an npy array");
}

TEST(Npy, BytesBehindTheArrayAreIgnoredAsNumPyDoes) {
    const Result<Tensor> read = io::decode_npy(npy(header("<f4", "False", "(2,)"), counting<float>(3, false)));
    ASSERT_TRUE(read);
    EXPECT_THAT(read->as<float>(), ElementsAre(0, 1));
}

TEST(Npy, DamageIsAnErrorOrAnArray) {
    for (const int version : {1, 2}) {
        const ByteVector file = npy(header(">f8", "True", "(2, 3)"), counting<double>(6, true), version);
        for_each_truncation(file, [](const ByteVector& cut) { EXPECT_FALSE(io::decode_npy(cut)); });
        for_each_bit_flip(file, [](const ByteVector& damaged) { static_cast<void>(io::decode_npy(damaged)); });
    }
}

TEST(Npy, ErrorsNameTheFile) {
    const TemporaryFolder folder;
    ASSERT_TRUE(io::write_file(folder / "a.npy", bytes_of("nonsense")));
    for (const std::string& path : {folder / "a.npy", folder / "missing.npy", folder.path()}) {
        const Result<Tensor> read = io::read_npy(path);
        ASSERT_FALSE(read);
        EXPECT_THAT(read.error().message, StartsWith("'" + path + "'"));
    }
}

}  // namespace
}  // namespace tconv::io_test
