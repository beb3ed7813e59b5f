#include "tconv/flat_field.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace tconv::checkerboard {
namespace {

Error refuse(std::string sentence) { return {ErrorCode::invalid_argument, std::move(sentence)}; }

struct Extent {
    std::int64_t size = 1, period = 1, begin = 0, end = 1;
};

Result<std::array<Extent, 3>> extents_of(const FlatField& field) {
    const std::size_t rank = field.sizes.size();
    if (rank < 1 || rank > 3 || field.period.size() != rank || field.margin.size() != rank)
        return refuse("sizes, period and margin have " + std::to_string(rank) + ", " +
                      std::to_string(field.period.size()) + " and " + std::to_string(field.margin.size()) +
                      " entries; give one for each of 1 to 3 axes");
    std::array<Extent, 3> extents{};
    for (std::size_t i = 0; i < rank; ++i) {
        Extent& extent = extents[3 - rank + i];
        extent = {field.sizes[i], field.period[i], field.margin[i], field.sizes[i] - field.margin[i]};
        if (extent.period < 1 || extent.begin < 0 || extent.size < 0)
            return refuse("size " + std::to_string(extent.size) + ", period " + std::to_string(extent.period) +
                          " and margin " + std::to_string(extent.begin) +
                          " must be at least 0, 1 and 0; use such numbers");
        if (extent.begin > extent.size / 2 || extent.end - extent.begin < extent.period)
            return refuse("of " + std::to_string(extent.size) + " rows a margin of " + std::to_string(extent.begin) +
                          " at both ends leaves less than one period of " + std::to_string(extent.period) +
                          "; use a larger input or a smaller margin");
    }
    return extents;
}

}  // namespace

Result<FlatFieldPattern> flat_field_pattern(const FlatField& field, std::span<const double> values) {
    const auto extents = extents_of(field);
    if (!extents) return extents.error();
    const auto& [a, b, c] = *extents;
    constexpr std::int64_t kMost = std::int64_t{1} << 40;
    if (field.channels < 1 || field.channels > kMost || a.size > kMost || b.size > kMost || c.size > kMost ||
        static_cast<double>(field.channels) * static_cast<double>(a.size) * static_cast<double>(b.size) *
                static_cast<double>(c.size) !=
            static_cast<double>(values.size()))
        return Error{ErrorCode::array_mismatch, "there are " + std::to_string(values.size()) +
                                                    " values, which is not channels times sizes; give as many"};
    FlatFieldPattern worst;
    worst.peak_to_peak = -1;
    const auto phases = static_cast<std::size_t>(a.period * b.period * c.period);
    for (std::int64_t channel = 0; channel < field.channels; ++channel) {
        std::vector<double> sum(phases), count(phases);
        double total = 0, number = 0;
        for (std::int64_t i = a.begin; i < a.end; ++i)
            for (std::int64_t j = b.begin; j < b.end; ++j)
                for (std::int64_t k = c.begin; k < c.end; ++k) {
                    const double value =
                        values[static_cast<std::size_t>(((channel * a.size + i) * b.size + j) * c.size + k)];
                    if (!std::isfinite(value))
                        return Error{ErrorCode::array_mismatch, "a value is infinite or no number; give finite values"};
                    const auto phase =
                        static_cast<std::size_t>(((i % a.period) * b.period + j % b.period) * c.period + k % c.period);
                    sum[phase] += value;
                    count[phase] += 1;
                    total += value;
                    number += 1;
                }
        double low = HUGE_VAL, high = -HUGE_VAL;
        for (std::size_t phase = 0; phase < phases; ++phase) {
            low = std::min(low, sum[phase] / count[phase]);
            high = std::max(high, sum[phase] / count[phase]);
        }
        if (high - low > worst.peak_to_peak) worst = {high - low, channel, total / number};
    }
    return worst;
}

}  // namespace tconv::checkerboard
