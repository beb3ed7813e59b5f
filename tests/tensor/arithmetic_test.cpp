// Arithmetic against constants that NumPy 2.4 computed.
#include "tconv/arithmetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tconv/factories.h"

namespace tconv {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double kInf = std::numeric_limits<double>::infinity(), kNan = std::numeric_limits<double>::quiet_NaN();

auto Says(const std::string& part) { return ::testing::ThrowsMessage<BadResult>(HasSubstr(part)); }

// Of one type, and equal to the last bit, the sign of zero and NaN included.
void expect_same(const Tensor& found, const NestedList& values, DType dtype) {
    const Tensor expected = tensor(values, dtype);
    ASSERT_EQ(found.dtype(), dtype);
    ASSERT_EQ(found.shape(), expected.shape());
    for (std::int64_t i = 0; i < found.elements(); ++i) {
        const double x = found.reshape({-1})(i).item(), y = expected.reshape({-1})(i).item();
        EXPECT_TRUE(x == y || (std::isnan(x) && std::isnan(y))) << i << ": " << x << " is not " << y;
        EXPECT_TRUE(std::isnan(y) || std::signbit(x) == std::signbit(y)) << i;
    }
}

TEST(Arithmetic, OfF32) {
    const Tensor a = tensor({.1, -2.5, 1e30, 0}), b = tensor({.7, 3, 1e-20, -0.0});
    expect_same(a + b, {0x1.99999ap-1, 0x1p-1, 0x1.93e594p+99, 0}, DType::f32);
    expect_same(a - b, {-0x1.333332p-1, -5.5, 0x1.93e594p+99, 0}, DType::f32);
    expect_same(a * b, {0x1.1eb852p-4, -7.5, 0x1.2a05f2p+33, -0.0}, DType::f32);
    expect_same(a / b, {0x1.24924ap-3, -0x1.aaaaaap-1, kInf, kNan}, DType::f32);
    expect_same(-a, {-0x1.99999ap-4, 2.5, -0x1.93e594p+99, -0.0}, DType::f32);
    expect_same(2 - a, {0x1.e66666p+0, 4.5, -0x1.93e594p+99, 2}, DType::f32);
    expect_same(1 / b, {0x1.6db6dcp+0, 0x1.555556p-2, 0x1.5af1d8p+66, -kInf}, DType::f32);
}

TEST(Arithmetic, OfF64) {
    const Tensor a = tensor({.1, -2.5, 1e30, 0}, DType::f64), b = tensor({.7, 3, 1e-20, -0.0}, DType::f64);
    expect_same(a + b, {0x1.9999999999999p-1, 0.5, 0x1.93e5939a08ceap+99, 0}, DType::f64);
    expect_same(a / b, {0x1.2492492492493p-3, -0x1.aaaaaaaaaaaabp-1, 0x1.11b0ec57e649ap+166, kNan}, DType::f64);
}

TEST(Arithmetic, TheWiderTypeWins) {
    const Tensor a = tensor({.1, -2.5, 1e30, 0}), b = tensor({.7, 3, 1e-20, -0.0}, DType::f64);
    expect_same(a * b, {0x1.1eb8523333333p-4, -7.5, 0x1.2a05f24b3cc1bp+33, -0.0}, DType::f64);
    EXPECT_EQ((b + a).dtype(), DType::f64);
    EXPECT_EQ((a(0) + b(0)).dtype(), DType::f64);
    EXPECT_EQ((a + zeros({}, DType::f64)).dtype(), DType::f64);
    EXPECT_EQ(matmul(a, b).dtype(), DType::f64);
    EXPECT_EQ(sum(a).dtype(), DType::f32);
    EXPECT_EQ(sum(b).dtype(), DType::f64);
}

TEST(Arithmetic, NumbersNeverWiden) {
    const Tensor a = tensor({.1, -2.5});
    expect_same(a * .1, {0x1.47ae16p-7, -.25}, DType::f32);
    expect_same(.1 * a, {0x1.47ae16p-7, -.25}, DType::f32);
    expect_same(a + 1e300, {kInf, kInf}, DType::f32);
    expect_same(ones({1}) + 1e-9, {1}, DType::f32);
    expect_same(ones({1}, DType::f64) + 1e-9, {1 + 1e-9}, DType::f64);
    expect_same(6 / tensor({2, 3}) - 1, {2, 1}, DType::f32);
}

TEST(Arithmetic, Broadcasts) {
    const Tensor row = tensor({1, 2, 3}), column = tensor({{10}, {20}});
    expect_same(row + column, {{11, 12, 13}, {21, 22, 23}}, DType::f32);
    expect_same(column * row, {{10, 20, 30}, {20, 40, 60}}, DType::f32);
    expect_same(row - tensor(1), {0, 1, 2}, DType::f32);
    EXPECT_THAT((ones({2, 1, 3}) + ones({4, 1})).shape(), ElementsAre(2, 4, 3));
    EXPECT_THAT((ones({2, 0}) + ones({1})).shape(), ElementsAre(2, 0));
    EXPECT_THAT([&] { row + tensor({1, 2}); }, Says("shapes (3,) and (2,) do not go together"));
    EXPECT_THAT([&] { ones({2, 0}) * ones({2}); }, Says("shapes (2, 0) and (2,) do not go together"));
    EXPECT_THAT([&] { ones({2, 2}) -= ones({1, 2, 2}); }, Says("does not go into shape (2, 2)"));
    EXPECT_THAT([&] { ones({1}) /= ones({2}); }, Says("shape (2,) does not go into shape (1,)"));
}

TEST(Arithmetic, InPlaceKeepsTheType) {
    Tensor a = ones({2});
    a += tensor({1e-9, .1}, DType::f64);
    expect_same(a, {1, 0x1.19999ap+0}, DType::f32);
    a *= 2;
    a -= tensor(1);
    a /= 4;
    (a += 1) -= 1;
    expect_same(a, {.25, 0x1.33333p-2}, DType::f32);
}

TEST(Arithmetic, SumsInDouble) {
    EXPECT_EQ(sum(full({1000, 1000}, .1)).item(), static_cast<double>(static_cast<float>(1e6 * double{.1f})));
    EXPECT_EQ(sum(arange(1, 101).reshape({10, 10}).transpose()(Slice(0, 5))).item(), 2400);
    EXPECT_EQ(sum(zeros({0, 3})).item(), 0);
    EXPECT_EQ(sum(tensor({1e30, 1, -1e30}, DType::f64)).rank(), 0);
    EXPECT_TRUE(std::isnan(sum(tensor({kInf, -kInf})).item()));
}

TEST(Arithmetic, Matmul) {
    const Tensor x = arange(6).reshape({2, 3});
    expect_same(matmul(x, x.transpose()), {{5, 14}, {14, 50}}, DType::f32);
    expect_same(matmul(x, tensor({1, 2, 3})), {8, 26}, DType::f32);
    expect_same(dot(tensor({1, 2}), x), {6, 9, 12}, DType::f32);
    expect_same(dot(x(0), x(1)), 14, DType::f32);
    expect_same(matmul(x(Slice(), Slice(1, 3)), x.transpose()(Slice(0, 2))), {{2, 11}, {5, 32}}, DType::f32);
    expect_same(matmul(zeros({2, 0}), zeros({0, 1})), {{0}, {0}}, DType::f32);
    EXPECT_THAT(matmul(zeros({0, 2}), zeros({2, 3})).shape(), ElementsAre(0, 3));
    EXPECT_THAT([&] { matmul(x, x); }, Says("matmul of shapes (2, 3) and (2, 3) is not possible"));
    EXPECT_THAT([&] { dot(x, tensor(1)); }, Says("matmul of shapes (2, 3) and () is not possible"));
    EXPECT_THAT([&] { dot(x.reshape({1, 2, 3}), x(0)); }, Says("it takes (m, n) or (n) and (n, k) or (n)"));
}

TEST(Arithmetic, Allclose) {
    const auto close = [](double a, double b) { return allclose(tensor(a, DType::f64), tensor({b}, DType::f64)); };
    EXPECT_TRUE(close(1, 1 + 1e-5));
    EXPECT_FALSE(close(1, 1 + 1.1e-5));
    EXPECT_TRUE(close(0, 1e-8) && close(1e-8, 0));
    EXPECT_FALSE(close(0, 1.1e-8) || close(1.1e-8, 0));
    EXPECT_TRUE(close(kInf, kInf) && close(-kInf, -kInf));
    EXPECT_FALSE(close(kInf, -kInf) || close(kInf, 1) || close(1, kInf) || close(1, -kInf));
    EXPECT_FALSE(close(kNan, kNan) || close(kNan, 1) || close(1, kNan));
    EXPECT_TRUE(allclose(ones({2, 3}), ones({3})));
    EXPECT_FALSE(allclose(ones({2}), tensor({1, 2})));
    EXPECT_FALSE(allclose(ones({2}), ones({3})));
    EXPECT_TRUE(allclose(ones({2, 0}), zeros({1, 0})));
    EXPECT_TRUE(allclose(tensor({100}), tensor({110}), /*relative=*/0.1));
    EXPECT_TRUE(allclose(tensor({1}), tensor({3}), /*relative=*/0, /*absolute=*/2));
}

TEST(Arithmetic, ArrayEqual) {
    EXPECT_TRUE(array_equal(tensor({0.0, kInf}), tensor({-0.0, kInf})));
    EXPECT_TRUE(array_equal(tensor({1, 2}), tensor({1, 2}, DType::f64)));
    EXPECT_FALSE(array_equal(tensor({kNan}), tensor({kNan})));
    EXPECT_FALSE(array_equal(tensor({.1}), tensor({.1}, DType::f64)));
    EXPECT_FALSE(array_equal(ones({2, 1}), ones({2})));
    EXPECT_FALSE(array_equal(tensor({1}), tensor({kInf})));
    EXPECT_TRUE(array_equal(zeros({0, 2}), zeros({0, 2})));
    EXPECT_FALSE(array_equal(zeros({0, 2}), zeros({2, 0})));
}

}  // namespace
}  // namespace tconv
