#include "tconv/flat_field.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace tconv::checkerboard {
namespace {

using Sizes = std::vector<std::int64_t>;

// One plane of 12 x 10 that repeats `pattern` (period 2 x 3), with a border that must not count.
std::vector<double> plane(const std::vector<double>& pattern, double border) {
    std::vector<double> values;
    for (int row = 0; row < 12; ++row)
        for (int column = 0; column < 10; ++column) {
            const bool is_border = row < 2 || row >= 10 || column < 1 || column >= 9;
            values.push_back(is_border ? border : pattern[static_cast<std::size_t>(row % 2 * 3 + column % 3)]);
        }
    return values;
}

Result<FlatFieldPattern> measured(const std::vector<double>& values, std::int64_t channels, const Sizes& sizes,
                                  const Sizes& period, const Sizes& margin) {
    return flat_field_pattern({channels, sizes, period, margin}, values);
}

TEST(FlatField, FindsThePatternOfItsPeriod) {
    const auto values = plane({1, 2, 3, 4, 5, 9}, 1000);
    const auto found = measured(values, 1, {12, 10}, {2, 3}, {2, 1}).value();
    EXPECT_DOUBLE_EQ(found.peak_to_peak, 8);
    // Another period sees but what it shares with this one: rows alone, 2 and 6 on the average of whole columns.
    const auto rows = measured(plane({1, 1, 1, 3, 3, 3}, 1000), 1, {12, 10}, {2, 1}, {2, 1}).value();
    EXPECT_DOUBLE_EQ(rows.peak_to_peak, 2);
    EXPECT_DOUBLE_EQ(rows.level, 2);
    EXPECT_NEAR(measured(plane({1, 1, 1, 3, 3, 3}, 0), 1, {12, 10}, {1, 2}, {2, 1})->peak_to_peak, 0, 1e-12);
}

TEST(FlatField, TheWorstChannelCounts) {
    auto values = plane({5, 5, 5, 5, 5, 5}, 0);
    const auto second = plane({1, 1, 1, 1, 1, 1.5}, 0);
    values.insert(values.end(), second.begin(), second.end());
    const auto found = measured(values, 2, {12, 10}, {2, 3}, {2, 1}).value();
    EXPECT_EQ(found.channel, 1);
    EXPECT_DOUBLE_EQ(found.peak_to_peak, 0.5);
    EXPECT_EQ(measured(plane({5, 5, 5, 5, 5, 5}, 0), 1, {12, 10}, {2, 3}, {2, 1})->peak_to_peak, 0);
}

TEST(FlatField, RefusesWhatIsTooSmall) {
    const std::vector<double> values(24, 1.0);
    EXPECT_TRUE(measured(values, 1, {24}, {4}, {10}));
    EXPECT_FALSE(measured(values, 1, {24}, {5}, {10}));
    EXPECT_FALSE(measured(values, 1, {24}, {4}, {13}));
    EXPECT_FALSE(measured(values, 1, {24}, {0}, {0}));
    EXPECT_FALSE(measured(values, 1, {24}, {1}, {-1}));
    EXPECT_FALSE(measured(values, 1, {24}, {1, 1}, {0}));
    EXPECT_FALSE(measured(values, 1, {}, {}, {}));
    EXPECT_EQ(measured(values, 2, {24}, {1}, {0}).error().code, ErrorCode::array_mismatch);
    EXPECT_EQ(measured(values, INT64_MAX, {INT64_MAX}, {1}, {0}).error().code, ErrorCode::array_mismatch);
    EXPECT_FALSE(measured(std::vector<double>{1, NAN}, 1, {2}, {1}, {0}));
}

}  // namespace
}  // namespace tconv::checkerboard
