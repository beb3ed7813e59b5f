// Views: indices and slices, writing through them, and how long they live.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <utility>

#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/tensor.h"

namespace tconv {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

auto Says(const std::string& part) { return ::testing::ThrowsMessage<BadResult>(HasSubstr(part)); }

// What Python's range(begin, end) on an axis would name.
std::vector<std::int64_t> positions(const Slice& slice, std::int64_t size) {
    std::vector<std::int64_t> found;
    for (std::int64_t at = 0; at < size; ++at) {
        const std::int64_t begin = slice.begin < 0 ? slice.begin + size : slice.begin;
        const std::int64_t end = slice.end < 0 ? slice.end + size : slice.end;
        if (at >= begin && at < end) found.push_back(at);
    }
    return found;
}

// Every pair of bounds that matters, on an axis of 4.
std::vector<Index> all_indices() {
    std::vector<Index> all{Slice()};
    for (int position = -4; position < 4; ++position) all.emplace_back(position);
    for (const std::int64_t begin : {std::int64_t{-9}, std::int64_t{-3}, std::int64_t{0}, std::int64_t{2},
                                     std::int64_t{4}, std::int64_t{9}, INT64_MIN, INT64_MAX})
        for (const std::int64_t end : {std::int64_t{-9}, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1},
                                       std::int64_t{3}, std::int64_t{9}, kEnd})
            all.emplace_back(Slice(begin, end));
    return all;
}

std::vector<std::int64_t> named(const Index& index, std::int64_t size) {
    if (index.is_slice()) return positions(index.slice(), size);
    return {index.position() < 0 ? index.position() + size : index.position()};
}

void check_every_pair(const Tensor& grid, const std::function<double(std::int64_t, std::int64_t)>& value) {
    for (const Index& first : all_indices())
        for (const Index& second : all_indices()) {
            const Tensor view = grid(first, second);
            const auto rows = named(first, 4), columns = named(second, 4);
            Shape shape;
            if (first.is_slice()) shape.push_back(static_cast<std::int64_t>(rows.size()));
            if (second.is_slice()) shape.push_back(static_cast<std::int64_t>(columns.size()));
            ASSERT_EQ(view.shape(), shape);
            std::vector<double> expected;
            for (const auto row : rows)
                for (const auto column : columns) expected.push_back(value(row, column));
            ASSERT_EQ(view.elements(), static_cast<std::int64_t>(expected.size()));
            const Tensor flat = view.to(DType::f64).value();
            const auto found = flat.as<double>();
            ASSERT_EQ(std::vector(found.begin(), found.end()), expected);
        }
}

TEST(Views, EveryPairOfIndicesIsPythons) {
    const Tensor grid = arange(16).reshape({4, 4});
    const auto at = [](std::int64_t row, std::int64_t column) { return static_cast<double>(4 * row + column); };
    check_every_pair(grid, at);
    check_every_pair(grid.transpose(), [&](std::int64_t row, std::int64_t column) { return at(column, row); });
    const Tensor inner = arange(64).reshape({4, 4, 4})(Slice(), 2);
    check_every_pair(inner,
                     [](std::int64_t row, std::int64_t column) { return static_cast<double>(16 * row + 8 + column); });
}

TEST(Views, AxesThatAreNotNamedStayWhole) {
    const Tensor y = arange(24).reshape({2, 3, 4});
    EXPECT_THAT(y().shape(), ElementsAre(2, 3, 4));
    EXPECT_THAT(y(1).shape(), ElementsAre(3, 4));
    EXPECT_THAT(y(Slice(), -1).shape(), ElementsAre(2, 4));
    EXPECT_EQ(y(1, 2, 3).rank(), 0);
    EXPECT_EQ(y(1, 2, 3).item(), 23);
    EXPECT_EQ(y(std::size_t{1})(std::int8_t{2})(3L).item(), 23);
    EXPECT_EQ(y.view(std::vector<Index>{1, Slice(1, 3)})(1, 3).item(), 23);
    EXPECT_EQ(y(Slice(1, 2))(0)(Slice(1, kEnd))(-1, Slice(2, kEnd))(1).item(), 23);
}

TEST(Views, RefuseWhatIsNotThere) {
    const Tensor y = zeros({2, 3});
    EXPECT_THAT([&] { y(2); }, Says("index 2 is outside axis 0, which has 2 positions"));
    EXPECT_THAT([&] { y(0, -4); }, Says("index -4 is outside axis 1, which has 3 positions"));
    EXPECT_THAT([&] { y(INT64_MIN); }, Says("is outside axis 0"));
    EXPECT_THAT([&] { y(0, 0, 0); }, Says("3 indices are too many for a tensor of shape (2, 3)"));
    EXPECT_THAT([&] { zeros({0, 3})(0); }, Says("index 0 is outside axis 0, which has 0 positions"));
    EXPECT_THAT([&] { y.transpose({0}); }, Says("transpose names 1 axes of a tensor of shape (2, 3)"));
    EXPECT_THAT([&] { y.transpose({1, -1}); }, Says("transpose names axis 1 twice"));
    EXPECT_THAT([&] { y.transpose({0, 2}); }, Says("axis 2 does not exist"));
}

TEST(Views, TransposesOfMoreAxes) {
    const Tensor y = arange(24).reshape({2, 3, 4});
    const Tensor turned = y.transpose({2, 0, -2});
    EXPECT_THAT(turned.shape(), ElementsAre(4, 2, 3));
    EXPECT_EQ(turned(3, 1, 0).item(), y(1, 0, 3).item());
    EXPECT_THAT(y.transpose().shape(), ElementsAre(4, 3, 2));
    EXPECT_TRUE(array_equal(y.transpose().transpose(), y));
    EXPECT_TRUE(array_equal(turned(Slice(1, 3), 1), y(1, Slice(), Slice(1, 3)).transpose()));
    EXPECT_EQ(tensor(5).transpose().item(), 5);
}

TEST(Views, WritesAreSeenByAllOthers) {
    Tensor y = zeros({3, 3});
    const Tensor same = y, row = y(1), column = y(Slice(), 1), turned = y.transpose(), flat = y.reshape({9});
    y(1, 1) = 5;
    for (const Tensor& view : {same(1, 1), row(1), column(1), turned(1, 1), flat(4)}) EXPECT_EQ(view.item(), 5);
    turned(0, Slice(1, 3)) = tensor({7, 8});
    EXPECT_TRUE(array_equal(y, tensor({{0, 0, 0}, {7, 5, 0}, {8, 0, 0}})));
    flat(Slice(0, 3)) += 1;
    EXPECT_TRUE(array_equal(same, tensor({{1, 1, 1}, {7, 5, 0}, {8, 0, 0}})));
    const Tensor clone = y.clone();
    row.fill(-1);
    EXPECT_EQ(y(1, 2).item(), -1);
    EXPECT_EQ(clone(1, 2).item(), 0);
}

TEST(Views, OutliveTheirParents) {
    std::optional<Tensor> parent = arange(12).reshape({3, 4});
    const Tensor row = (*parent)(1), corner = (*parent)(Slice(1, 3), Slice(2, 4)).transpose();
    parent.reset();
    EXPECT_TRUE(array_equal(row, tensor({4, 5, 6, 7})));
    EXPECT_TRUE(array_equal(corner, tensor({{6, 10}, {7, 11}})));
    row(2) = 60;
    EXPECT_EQ(corner(0, 0).item(), 60);
    EXPECT_EQ(arange(5)(Slice(1, 3))(1).item(), 2);
    // What an assignment and += give is a view that lives as long as any other.
    const Tensor& assigned = (zeros({2, 2})(0) = 3);
    const Tensor& added = (ones({2, 2})(1) += 3);
    EXPECT_TRUE(array_equal(assigned, tensor({3, 3})));
    EXPECT_TRUE(array_equal(added, tensor({4, 4})));
}

TEST(Views, ASliceIsWrittenANameIsRebound) {
    Tensor y = zeros({2, 2});
    const Tensor before = y;
    y(0) = tensor({1, 2});
    EXPECT_TRUE(array_equal(before, tensor({{1, 2}, {0, 0}})));
    y = ones({3});
    EXPECT_THAT(y.shape(), ElementsAre(3));
    EXPECT_TRUE(array_equal(before, tensor({{1, 2}, {0, 0}})));
    Tensor row = before(0);
    row = tensor({9, 9});
    EXPECT_TRUE(array_equal(before, tensor({{1, 2}, {0, 0}})));
    before() = 4;
    EXPECT_TRUE(array_equal(before, full({2, 2}, 4)));
    std::swap(y, row);
    EXPECT_THAT(y.shape(), ElementsAre(2));
    EXPECT_THAT(row.shape(), ElementsAre(3));
}

TEST(Views, AssignmentsBroadcastAndChain) {
    const Tensor y = zeros({2, 3});
    y() = tensor({1, 2, 3});
    EXPECT_TRUE(array_equal(y, tensor({{1, 2, 3}, {1, 2, 3}})));
    y() = tensor({{4}, {5}});
    EXPECT_TRUE(array_equal(y, tensor({{4, 4, 4}, {5, 5, 5}})));
    y(1) = tensor({{{7, 8, 9}}});  // axes of size 1 in front do not matter
    EXPECT_TRUE(array_equal(y, tensor({{4, 4, 4}, {7, 8, 9}})));
    y(0) = y(1) = tensor(2);
    EXPECT_TRUE(array_equal(y, full({2, 3}, 2)));
    y(0, Slice(1, 1)) = ones({1});
    y(0, Slice(1, 1)) = ones({0});
    EXPECT_TRUE(array_equal(y, full({2, 3}, 2)));
    EXPECT_THAT([&] { y(0) = ones({2}); }, Says("shapes (2,) and (3,) do not go together"));
    EXPECT_THAT([&] { y(0) = ones({2, 3}); }, Says("shape (2, 3) does not go into shape (3,)"));
    EXPECT_THAT([&] { y(0, 0) = ones({2}); }, Says("shape (2,) does not go into shape ()"));
    EXPECT_THAT([&] { y(0) += ones({2, 3}); }, Says("shape (2, 3) does not go into shape (3,)"));
    EXPECT_THAT([&] { y(0, Slice(0, 0)) = ones({2}); }, Says("do not go together"));
}

TEST(Views, AssignmentsConvert) {
    const Tensor narrow = zeros({2}), wide = zeros({2}, DType::f64);
    narrow() = full({2}, 0.1, DType::f64);
    wide() = narrow;
    EXPECT_EQ(wide(0).item(), static_cast<double>(0.1f));
    EXPECT_EQ(narrow.dtype(), DType::f32);
    wide() = 0.1;
    EXPECT_EQ(wide(1).item(), 0.1);
}

TEST(Views, OverlappingAssignmentsReadFirst) {
    const Tensor y = arange(5);
    y(Slice(1, 4)) = y(Slice(0, 3));
    EXPECT_TRUE(array_equal(y, tensor({0, 0, 1, 2, 4})));
    y(Slice(0, 3)) = y(Slice(2, kEnd));
    EXPECT_TRUE(array_equal(y, tensor({1, 2, 4, 2, 4})));
    const Tensor square = arange(4).reshape({2, 2});
    square() = square.transpose();
    EXPECT_TRUE(array_equal(square, tensor({{0, 2}, {1, 3}})));
    square() = square(1);
    EXPECT_TRUE(array_equal(square, tensor({{1, 3}, {1, 3}})));
}

TEST(Views, OverlappingSumsReadFirst) {
    const Tensor y = arange(1, 6);
    y(Slice(1, kEnd)) += y(Slice(0, -1));
    EXPECT_TRUE(array_equal(y, tensor({1, 3, 5, 7, 9})));
    y(Slice(0, -1)) -= y(Slice(1, kEnd));
    EXPECT_TRUE(array_equal(y, tensor({-2, -2, -2, -2, 9})));
    y += y(4);
    EXPECT_TRUE(array_equal(y, tensor({7, 7, 7, 7, 18})));
    const Tensor square = arange(4).reshape({2, 2});
    square += square.transpose();
    EXPECT_TRUE(array_equal(square, tensor({{0, 3}, {3, 6}})));
    square *= square;
    square(0) /= square(1) + 1;
    EXPECT_TRUE(allclose(square, tensor({{0, 9. / 37}, {9, 36}})));
}

// The second seed document, as it reads there.
Tensor trans_conv(const Tensor& X, const Tensor& K) {
    const auto h = K.shape(0), w = K.shape(1);
    Tensor Y = zeros({X.shape(0) + h - 1, X.shape(1) + w - 1});
    for (int i = 0; i < X.shape(0); ++i)
        for (int j = 0; j < X.shape(1); ++j) Y(Slice(i, i + h), Slice(j, j + w)) += X(i, j) * K;
    return Y;
}

Tensor corr2d(const Tensor& X, const Tensor& K) {
    const auto h = K.shape(0), w = K.shape(1);
    Tensor Y = zeros({X.shape(0) - h + 1, X.shape(1) - w + 1});
    for (int i = 0; i < Y.shape(0); ++i)
        for (int j = 0; j < Y.shape(1); ++j) Y(i, j) = sum(X(Slice(i, i + h), Slice(j, j + w)) * K);
    return Y;
}

TEST(Seed, TransConv) {
    const Tensor X = tensor({{0, 1}, {2, 3}}), K = tensor({{0, 1}, {2, 3}});
    EXPECT_TRUE(array_equal(trans_conv(X, K), tensor({{0, 0, 1}, {0, 4, 6}, {4, 12, 9}})));
    EXPECT_TRUE(array_equal(trans_conv(tensor({{1, 2}, {3, 4}}), ones({3, 3})),
                            tensor({{1, 3, 3, 2}, {4, 10, 10, 6}, {4, 10, 10, 6}, {3, 7, 7, 4}})));
}

TEST(Seed, CorrelationAsAMatrix) {
    const Tensor X = arange(1, 17).reshape({1, 1, 4, 4}), K = arange(1, 10).reshape({1, 1, 3, 3});
    const Tensor Y = tensor({{348, 393}, {528, 573}});
    EXPECT_TRUE(array_equal(corr2d(X(0, 0), K(0, 0)), Y));

    Tensor W = zeros({4, 16}), k = zeros({11});
    k(Slice(0, 3)) = K(0, 0, 0, Slice());
    k(Slice(4, 7)) = K(0, 0, 1, Slice());
    k(Slice(8, kEnd)) = K(0, 0, 2, Slice());
    W(0, Slice(0, 11)) = W(1, Slice(1, 12)) = W(2, Slice(4, 15)) = W(3, Slice(5, 16)) = k;
    EXPECT_TRUE(array_equal(dot(W, X.reshape({16})).reshape({1, 1, 2, 2}), Y.reshape({1, 1, 2, 2})));
    EXPECT_TRUE(array_equal(W, tensor({{1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0, 0},
                                       {0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0},
                                       {0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0},
                                       {0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9}})));
    // And back: the transposed matrix is the transposed convolution.
    EXPECT_TRUE(array_equal(dot(W.transpose(), Y.reshape({4})).reshape({4, 4}), trans_conv(Y, K(0, 0))));
}

}  // namespace
}  // namespace tconv
