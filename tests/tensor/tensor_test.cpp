// Tensor and the memory under it.
#include "tconv/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "tconv/buffer.h"

// The sanitizers' allocators end the process when asked for too much, unless told to answer as calloc does.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return "allocator_may_return_null=1"; }

namespace tconv {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A call that throws BadResult with this in its sentence.
auto Says(const std::string& part) { return ::testing::ThrowsMessage<BadResult>(HasSubstr(part)); }

constexpr std::int64_t kHuge = std::int64_t{1} << 62;

TEST(AlignedBuffer, IsAlignedAndZero) {
    for (const std::int64_t bytes : {0, 1, 63, 64, 65, 1000, 1 << 20}) {
        const Result<AlignedBuffer> buffer = AlignedBuffer::allocate(bytes);
        ASSERT_TRUE(buffer);
        EXPECT_EQ(buffer->size_bytes(), bytes);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer->data()) % AlignedBuffer::kAlignment, 0u);
        EXPECT_THAT(std::span(buffer->data(), static_cast<std::size_t>(bytes)), Each(std::byte{0}));
    }
}

TEST(AlignedBuffer, MovesItsMemory) {
    AlignedBuffer first = AlignedBuffer::allocate(8).value();
    first.data()[7] = std::byte{9};
    const std::byte* address = first.data();
    AlignedBuffer second;
    second = std::move(first);
    EXPECT_EQ(second.data(), address);
    EXPECT_EQ(second.data()[7], std::byte{9});
}

TEST(AlignedBuffer, SizesThatNoMachineHas) {
    for (const std::int64_t bytes : {std::int64_t{-1}, kHuge, std::numeric_limits<std::int64_t>::max()}) {
        const Result<AlignedBuffer> buffer = AlignedBuffer::allocate(bytes);
        ASSERT_FALSE(buffer) << bytes;
        EXPECT_EQ(buffer.error().code, ErrorCode::out_of_memory);
        EXPECT_THAT(buffer.error().message, HasSubstr(std::to_string(bytes)));
    }
}

TEST(Shape, CountsElements) {
    EXPECT_EQ(element_count({}).value(), 1);
    EXPECT_EQ(element_count({0}).value(), 0);
    EXPECT_EQ(element_count({2, 3, 4}).value(), 24);
    EXPECT_EQ(element_count({kHuge}).value(), kHuge);
    for (const Shape& shape : {Shape{-1}, Shape{kHuge, 2}, Shape{kHuge + 1}, Shape{1LL << 31, 1LL << 32},
                               Shape{0, kHuge, kHuge}, Shape{0, -1}}) {
        const Result<std::int64_t> count = element_count(shape);
        ASSERT_FALSE(count) << to_string(shape);
        EXPECT_EQ(count.error().code, ErrorCode::invalid_argument);
        EXPECT_THAT(count.error().message, HasSubstr(to_string(shape)));
    }
}

TEST(Shape, PrintsAsNumPyDoes) {
    EXPECT_EQ(to_string(Shape{}), "()");
    EXPECT_EQ(to_string(Shape{3}), "(3,)");
    EXPECT_EQ(to_string(Shape{1, 2, 3}), "(1, 2, 3)");
}

TEST(Tensor, StartsAsZeros) {
    const Tensor tensor = Tensor::zeros({2, 3}, DType::f64).value();
    EXPECT_EQ(tensor.rank(), 2);
    EXPECT_EQ(tensor.elements(), 6);
    EXPECT_EQ(tensor.size_bytes(), 48);
    EXPECT_THAT(tensor.as<double>(), Each(0.0));
    const Tensor scalar = Tensor::zeros({}, DType::f32).value();
    EXPECT_EQ(scalar.rank(), 0);
    EXPECT_THAT(scalar.as<float>(), ElementsAre(0.0f));
    const Tensor nothing;
    EXPECT_EQ(nothing.elements(), 0);
    EXPECT_TRUE(nothing.as<float>().empty());
}

TEST(Tensor, SizesThatNoMachineHas) {
    EXPECT_EQ(Tensor::zeros({-2}, DType::f32).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(Tensor::zeros({kHuge}, DType::f32).error().code, ErrorCode::invalid_argument);
    const Result<Tensor> tensor = Tensor::zeros({1LL << 28, 1LL << 30}, DType::f32);
    ASSERT_FALSE(tensor);
    EXPECT_EQ(tensor.error().code, ErrorCode::out_of_memory);
    EXPECT_THAT(tensor.error().message, HasSubstr("(268435456, 1073741824)"));
}

TEST(Tensor, ReshapeKeepsTheElements) {
    Tensor tensor = Tensor::zeros({2, 3}, DType::f32).value();
    tensor.as<float>()[5] = 7;
    const Tensor reshaped = tensor.reshape({3, 1, 2});
    EXPECT_THAT(reshaped.shape(), ElementsAre(3, 1, 2));
    EXPECT_THAT(tensor.shape(), ElementsAre(2, 3));
    EXPECT_EQ(reshaped.as<float>()[5], 7);
    EXPECT_TRUE(reshaped.shares_memory_with(tensor));
    EXPECT_THAT(tensor.reshape({-1}).shape(), ElementsAre(6));
    EXPECT_THAT(tensor.reshape({3, -1}).shape(), ElementsAre(3, 2));
    EXPECT_THAT(tensor.reshape({3, 2, -1, 1}).shape(), ElementsAre(3, 2, 1, 1));
    EXPECT_THAT(tensor(0, Slice(0, 0)).reshape({4, -1}).shape(), ElementsAre(4, 0));
    EXPECT_THAT(tensor(0, 0).reshape({1, 1}).shape(), ElementsAre(1, 1));
    EXPECT_EQ(tensor(0, Slice(0, 1)).reshape({}).rank(), 0);
}

TEST(Tensor, ReshapeRefusesOtherNumbersOfElements) {
    const Tensor tensor = Tensor::zeros({2, 3}, DType::f32).value();
    const Tensor nothing = Tensor::zeros({0, 3}, DType::f32).value();
    EXPECT_THAT([&] { tensor.reshape({4, 2}); }, Says("the shape (2, 3) has 6 elements, which do not make (4, 2)"));
    EXPECT_THAT([&] { tensor.reshape({4, -1}); }, Says("the shape (2, 3) has 6 elements, which do not make (4, -1)"));
    EXPECT_THAT([&] { tensor.reshape({}); }, Says("the shape (2, 3) has 6 elements, which do not make ()"));
    EXPECT_THAT([&] { tensor.reshape({-1, -1}); }, Says("reshape to (-1, -1) has more than one -1"));
    EXPECT_THAT([&] { tensor.reshape({-2, -3}); }, Says("(-2, -3) has the negative size -2"));
    EXPECT_THAT([&] { tensor.reshape({kHuge, 8, -1}); }, Says("has more than 2^62 elements"));
    EXPECT_THAT([&] { tensor.reshape({0, -1}); }, Says("reshape to (0, -1) does not say what -1 is"));
    EXPECT_THAT([&] { nothing.reshape({0, -1}); }, Says("reshape to (0, -1) does not say what -1 is"));
    EXPECT_THAT(nothing.reshape({-1, 3}).shape(), ElementsAre(0, 3));
}

TEST(Tensor, ConvertsByRounding) {
    Tensor wide = Tensor::zeros({4}, DType::f64).value();
    wide.as<double>()[0] = 0.1;
    wide.as<double>()[1] = 1e300;
    wide.as<double>()[2] = std::nan("");
    wide.as<double>()[3] = -0.0;
    const Tensor narrow = wide.to(DType::f32).value();
    EXPECT_EQ(narrow.as<float>()[0], 0.1f);
    EXPECT_TRUE(std::isinf(narrow.as<float>()[1]));
    EXPECT_TRUE(std::isnan(narrow.as<float>()[2]));
    EXPECT_TRUE(std::signbit(narrow.as<float>()[3]));
    EXPECT_EQ(narrow.to(DType::f64).value().as<double>()[0], static_cast<double>(0.1f));
}

TEST(Tensor, ClonesAreSeparate) {
    Tensor tensor = Tensor::zeros({2}, DType::f32).value();
    Tensor copy = tensor.clone();
    copy.as<float>()[0] = 1;
    EXPECT_THAT(tensor.as<float>(), ElementsAre(0, 0));
    EXPECT_THAT(copy.as<float>(), ElementsAre(1, 0));
}

TEST(Tensor, ClonesOfViewsAreInOrder) {
    Tensor tensor = Tensor::zeros({2, 2}, DType::f64).value();
    for (int i = 0; i < 4; ++i) tensor.as<double>()[static_cast<std::size_t>(i)] = i;
    const Tensor turned = tensor.transpose();
    EXPECT_FALSE(turned.is_contiguous());
    EXPECT_THAT(turned.clone().as<double>(), ElementsAre(0, 2, 1, 3));
    EXPECT_THAT(turned.contiguous().as<double>(), ElementsAre(0, 2, 1, 3));
    EXPECT_THAT(turned.to(DType::f32).value().as<float>(), ElementsAre(0, 2, 1, 3));
    EXPECT_THAT(turned.reshape({4}).as<double>(), ElementsAre(0, 2, 1, 3));
    EXPECT_TRUE(tensor.contiguous().shares_memory_with(tensor));
    EXPECT_FALSE(turned.contiguous().shares_memory_with(tensor));
}

TEST(Tensor, SpansAskForTheRightType) {
    Tensor tensor = Tensor::zeros({2, 2}, DType::f32).value();
    EXPECT_THAT([&] { tensor.as<double>(); }, Says("as<T>() of a tensor of f32 asks for float"));
    EXPECT_THAT([&] { tensor.to(DType::f64).value().as<float>(); }, Says("as<T>() of a tensor of f64 asks for double"));
    EXPECT_THAT([&] { tensor.transpose().as<float>(); }, Says("as<T>() needs a contiguous tensor"));
    EXPECT_EQ(tensor(1).as<float>().data(), tensor.as<float>().data() + 2);
    EXPECT_EQ(tensor(Slice(), Slice(0, 0)).as<float>().size(), 0u);
}

TEST(Tensor, AxesCountFromTheEndToo) {
    const Tensor tensor = Tensor::zeros({2, 3, 4}, DType::f32).value();
    EXPECT_EQ(tensor.shape(0), 2);
    EXPECT_EQ(tensor.shape(-1), 4);
    EXPECT_THAT([&] { tensor.shape(3); }, Says("axis 3 does not exist: the tensor has 3 axes"));
    EXPECT_THAT([&] { tensor.shape(-4); }, Says("axis -4 does not exist"));
    EXPECT_THAT([&] { tensor(0, 0).shape(1); }, Says("the tensor has 1 axis"));
}

TEST(Tensor, ItemIsTheOnlyElement) {
    const Tensor tensor = Tensor::zeros({1, 1, 2}, DType::f32).value();
    tensor.fill(3);
    EXPECT_EQ(tensor(0, 0, 1).item(), 3);
    EXPECT_EQ(tensor(Slice(), 0, Slice(0, 1)).item(), 3);
    EXPECT_THAT([&] { tensor.item(); },
                Says("item() needs a tensor with one element, but this one has shape (1, 1, 2)"));
    EXPECT_THAT([&] { Tensor().item(); }, Says("but this one has shape (0,)"));
}

TEST(Tensor, MovedFromIsStillAName) {
    Tensor first = Tensor::zeros({2}, DType::f32).value();
    const Tensor second = std::move(first);
    EXPECT_THAT(first.as<float>(), ElementsAre(0, 0));  // NOLINT(bugprone-use-after-move): this is the promise
    EXPECT_TRUE(first.shares_memory_with(second));
}

}  // namespace
}  // namespace tconv
