// store, spread, deinterleave and transpose of every unit against plain loops, their arrays between guard pages.
#include <algorithm>

#include "support.h"

namespace tconv::testing {
namespace {

constexpr std::int64_t kMostPhases = 19;

std::size_t index(std::int64_t at) { return static_cast<std::size_t>(at); }

/// Reals, and what a store must not spoil.
template <class T>
void fill_with_anything(std::span<T> values, std::mt19937& random) {
    fill_with_reals(values, random);
    for (T& value : values)
        if (const auto which = random() % 16; which < 4)
            value = which == 0 ? T(-0.0) : which == 1 ? kInfinity<T> : which == 2 ? -kInfinity<T> : kNan<T>;
}

/// Calls test(phases, step, count, pitch, edge) for all that spread and deinterleave are asked for.
template <class Test>
void for_each_interleaving(int lanes, const Test& test) {
    for (std::int64_t phases = 1; phases <= kMostPhases; ++phases)
        for (const std::int64_t step : {phases, phases + 1, phases + 5, (phases + 15) / 16 * 16})
            for (const std::int64_t count : counts_around(lanes))
                for (const std::int64_t gap : {0, 2})
                    for (const Edge edge : kEdges) {
                        SCOPED_TRACE(std::to_string(phases) + " phases, step " + std::to_string(step) + ", " +
                                     std::to_string(count) + " points, a gap of " + std::to_string(gap));
                        test(phases, step, count, count + gap, edge);
                    }
}

std::int64_t interleaved_elements(std::int64_t phases, std::int64_t step, std::int64_t count) {
    return count == 0 ? 0 : (count - 1) * step + phases;
}

template <class T>
struct Arrays {
    explicit Arrays(int lanes)
        : rows(kMostPhases * (2 * lanes + 5)), interleaved((kMostPhases + 13) * (2 * lanes + 3)) {}
    GuardedArray<T> rows, interleaved;
};

TYPED_TEST(EachType, SpreadInterleavesRowsAndAddsTheBias) {
    using T = TypeParam;
    for_each_set<T>([&](const auto& set) {
        std::mt19937 random(1);
        Arrays<T> arrays(set.lanes);
        std::vector<T> wanted;
        for_each_interleaving(
            set.lanes, [&](std::int64_t phases, std::int64_t step, std::int64_t count, std::int64_t pitch, Edge edge) {
                const auto rows = arrays.rows.place(count == 0 ? 0 : (phases - 1) * pitch + count, edge, 0);
                fill_with_anything(rows, random);
                const auto output = arrays.interleaved.place(interleaved_elements(phases, step, count), edge, 99);
                const T bias = count % 2 == 0 ? T(0.3) : T(0);
                wanted.assign(output.size(), 99);
                for (std::int64_t r = 0; r < phases; ++r)
                    for (std::int64_t q = 0; q < count; ++q)
                        wanted[index(q * step + r)] = rows[index(r * pitch + q)] + bias;
                set.spread(rows.data(), pitch, phases, count, bias, output.data(), step,
                           count % 3 == 0 ? kernels::Stores::cached : kernels::Stores::streaming);
                set.flush();
                ASSERT_TRUE(std::equal(output.begin(), output.end(), wanted.begin(), is_same<T>));
            });
    });
}

// Rows of all lengths that begin anywhere: within a point, and within a vector.
TYPED_TEST(EachType, StoreInterleavesPartsOfPoints) {
    using T = TypeParam;
    for_each_set<T>([](const auto& set) {
        std::mt19937 random(4);
        constexpr std::int64_t kMost = kernels::kMostRowPhases;
        const std::int64_t most_points = 5 * set.lanes + 4;
        GuardedArray<T> from(kMost * (most_points + 2)), to(kMost * most_points + set.lanes);
        std::vector<T> wanted;
        for (std::int64_t phases = 1; phases <= kMost; ++phases)
            for (std::int64_t first = 0; first < phases; ++first)
                for (int i = 0; i < 60; ++i) {
                    const std::int64_t most = most_points * phases - first;
                    const std::int64_t count = i == 0 ? 0 : static_cast<std::int64_t>(random()) % most + 1;
                    const std::int64_t points = (first + count + phases - 1) / phases, pitch = points + i % 3;
                    const Edge edge = kEdges[i % 2];
                    const auto rows = from.place(count == 0 ? 0 : (phases - 1) * pitch + points, edge, 0);
                    fill_with_anything(rows, random);
                    // At a guard page, or anywhere.
                    const std::int64_t gap = i % 4 < 2 ? 0 : static_cast<std::int64_t>(random()) % set.lanes;
                    const auto output = to.place(count + gap, edge, 99);
                    const auto begin = output.begin() + (edge == Edge::begin ? gap : 0);
                    const T bias = i % 5 == 0 ? T(0) : T(0.3);
                    wanted.assign(output.size(), 99);
                    for (std::int64_t k = 0; k < count; ++k)
                        wanted[index(begin - output.begin() + k)] =
                            rows[index((first + k) % phases * pitch + (first + k) / phases)] + bias;
                    const auto stores = random() % 2 == 0 ? kernels::Stores::cached : kernels::Stores::streaming;
                    set.store(rows.data(), pitch, phases, first, count, bias, &*begin, stores);
                    set.flush();
                    ASSERT_TRUE(std::equal(output.begin(), output.end(), wanted.begin(), is_same<T>))
                        << phases << " phases from " << first << ", " << count << " elements";
                }
    });
}

TYPED_TEST(EachType, DeinterleaveTakesThemApart) {
    using T = TypeParam;
    for_each_set<T>([&](const auto& set) {
        std::mt19937 random(2);
        Arrays<T> arrays(set.lanes);
        std::vector<T> wanted;
        for_each_interleaving(
            set.lanes, [&](std::int64_t phases, std::int64_t step, std::int64_t count, std::int64_t pitch, Edge edge) {
                const auto input = arrays.interleaved.place(interleaved_elements(phases, step, count), edge, 0);
                fill_with_anything(input, random);
                const auto rows = arrays.rows.place(count == 0 ? 0 : (phases - 1) * pitch + count, edge, 99);
                wanted.assign(rows.size(), 99);
                for (std::int64_t r = 0; r < phases; ++r)
                    for (std::int64_t q = 0; q < count; ++q) wanted[index(r * pitch + q)] = input[index(q * step + r)];
                set.deinterleave(input.data(), step, phases, count, rows.data(), pitch);
                ASSERT_TRUE(std::equal(rows.begin(), rows.end(), wanted.begin(), is_same<T>));
            });
    });
}

TYPED_TEST(EachType, TransposeSwapsRowsAndColumns) {
    using T = TypeParam;
    for_each_set<T>([&](const auto& set) {
        std::mt19937 random(3);
        const std::int64_t most = 2 * set.lanes + 3;
        GuardedArray<T> from((most + 2) * most), to((most + 3) * most);
        std::vector<T> wanted;
        for (const std::int64_t rows : counts_around(set.lanes))
            for (const std::int64_t columns : counts_around(set.lanes))
                for (const std::int64_t gap : {0, 2})
                    for (const Edge edge : kEdges) {
                        SCOPED_TRACE(std::to_string(rows) + " rows, " + std::to_string(columns) + " columns");
                        const bool is_empty = rows == 0 || columns == 0;
                        const std::int64_t pitch = columns + gap, to_pitch = rows + gap + gap / 2;
                        const auto input = from.place(is_empty ? 0 : (rows - 1) * pitch + columns, edge, 0);
                        fill_with_anything(input, random);
                        const auto output = to.place(is_empty ? 0 : (columns - 1) * to_pitch + rows, edge, 99);
                        wanted.assign(output.size(), 99);
                        for (std::int64_t r = 0; r < rows; ++r)
                            for (std::int64_t c = 0; c < columns; ++c)
                                wanted[index(c * to_pitch + r)] = input[index(r * pitch + c)];
                        set.transpose(input.data(), pitch, rows, columns, output.data(), to_pitch);
                        ASSERT_TRUE(std::equal(output.begin(), output.end(), wanted.begin(), is_same<T>));
                    }
    });
}

}  // namespace
}  // namespace tconv::testing
