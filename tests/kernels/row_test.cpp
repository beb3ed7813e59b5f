// Every row kernel against plain loops, its arrays between guard pages: all numbers of phases, counts around vectors
// and around the widest tile.
#include <algorithm>
#include <cmath>

#include "support.h"

namespace tconv::testing {
namespace {

TYPED_TEST(EachType, RowsAreTheInterleavedSumsOfTheirPhases) {
    using T = TypeParam;
    for_each_set<T>([](const kernels::KernelSet<T>& set) {
        std::mt19937 random(static_cast<std::uint32_t>(set.rows * 100 + set.lanes));
        constexpr std::int64_t kMostSteps = 9, kMostOffset = 20;
        const std::int64_t most_count = 3 * set.lanes * kernels::kMostVectors;
        GuardedArray<T> streams(kMostSteps * (kernels::kMostRowPhases + 1)),
            arrays(most_count + 2 * set.lanes + kMostOffset), outputs(most_count * kernels::kMostRowPhases);
        GuardedArray<std::int32_t> tables(kMostSteps), more_tables(kMostSteps);
        for (std::int64_t phases = 1; phases <= kernels::kMostRowPhases; ++phases) {
            const std::int64_t widest = set.lanes * set.widest[phases - 1];
            std::vector<std::int64_t> counts = counts_around(set.lanes);
            for (const std::int64_t count : {widest - 1, widest, widest + 1, 2 * widest + set.lanes + 1})
                counts.push_back(count);
            for (const std::int64_t count : counts)
                for (const std::int64_t steps : {std::int64_t{0}, std::int64_t{1}, std::int64_t{4}, kMostSteps})
                    for (const Edge edge : kEdges) {
                        const auto stores = random() % 2 == 0 ? kernels::Stores::cached : kernels::Stores::streaming;
                        const std::int64_t more = stores == kernels::Stores::streaming ? set.lanes : 0;
                        const std::int64_t whole = (count + set.lanes - 1) / set.lanes * set.lanes + 1 + more;
                        // Of the first of two phases alone.
                        const std::int64_t more_steps =
                            phases == 2 ? static_cast<std::int64_t>(random() % (kMostSteps + 1)) : 0;
                        const auto stream = streams.place(steps * phases + more_steps, edge, 0);
                        const auto vectors = arrays.place(steps + more_steps == 0 ? 0 : whole + kMostOffset, edge, 0);
                        const auto offsets = tables.place(steps, edge, 0);
                        const auto more_offsets = more_tables.place(more_steps, edge, 0);
                        const auto output = outputs.place(count * phases, edge, kNan<T>);
                        fill_with_whole_numbers(stream, random);
                        fill_with_whole_numbers(vectors, random);
                        for (std::int32_t& offset : offsets)
                            offset = static_cast<std::int32_t>(random() % (kMostOffset + 1));
                        if (steps > 0) offsets[0] = kMostOffset;
                        for (std::int32_t& offset : more_offsets)
                            offset = static_cast<std::int32_t>(random() % (kMostOffset + 1));
                        const T bias = T(0.5);
                        // Rows may begin within their first point and end within their last; where not both do, the
                        // end at the guard page is whole.
                        const bool is_both = random() % 3 == 0;
                        const auto within_a_point = [&](Edge whole_at) -> std::int64_t {
                            return edge == whole_at && !is_both ? 0 : random() % static_cast<std::uint32_t>(phases);
                        };
                        const std::int64_t begin = within_a_point(Edge::begin);
                        const std::int64_t end = count * phases - within_a_point(Edge::end);
                        set.row[phases - 1](steps, stream.data(), vectors.data(), offsets.data(), more_steps,
                                            more_offsets.data(), begin, end - begin, bias, output.data() + begin,
                                            stores);
                        set.flush();
                        for (std::int64_t i = 0; i < count * phases; ++i) {
                            if (i < begin || i >= end) {
                                ASSERT_TRUE(std::isnan(output[static_cast<std::size_t>(i)])) << "element " << i;
                                continue;
                            }
                            T sum = bias;
                            for (std::int64_t k = 0; k < steps; ++k)
                                sum += stream[static_cast<std::size_t>(k * phases + i % phases)] *
                                       vectors[static_cast<std::size_t>(offsets[static_cast<std::size_t>(k)] +
                                                                        i / phases)];
                            for (std::int64_t k = 0; k < more_steps && i % phases == 0; ++k)
                                sum += stream[static_cast<std::size_t>(steps * phases + k)] *
                                       vectors[static_cast<std::size_t>(more_offsets[static_cast<std::size_t>(k)] +
                                                                        i / phases)];
                            ASSERT_EQ(output[static_cast<std::size_t>(i)], sum)
                                << phases << " phases, " << count << " points, " << steps << " steps and " << more_steps
                                << ", element " << i;
                        }
                    }
        }
    });
}

// So a result does not depend on whether a row kernel or tiles and store compute it.
TYPED_TEST(EachType, RowsHaveTheBitsOfTiles) {
    using T = TypeParam;
    for_each_set<T>([](const kernels::KernelSet<T>& set) {
        std::mt19937 random(5);
        constexpr std::size_t kSteps = 9;
        const std::int64_t count = set.lanes * (set.widest[0] + 1) + 1, whole = count + set.lanes;
        std::vector<T> vectors(static_cast<std::size_t>(whole) + kSteps), tile(static_cast<std::size_t>(set.lanes));
        fill_with_reals(std::span<T>(vectors), random);
        std::vector<std::int32_t> offsets(kSteps);
        for (std::int32_t& offset : offsets) offset = static_cast<std::int32_t>(random() % kSteps);
        for (std::int64_t phases = 1; phases <= kernels::kMostRowPhases; ++phases) {
            const auto step = static_cast<std::size_t>(phases);
            std::vector<T> stream(kSteps * step), output(static_cast<std::size_t>(count) * step), row(kSteps);
            fill_with_reals(std::span<T>(stream), random);
            const T bias = T(0.3);
            set.row[phases - 1](kSteps, stream.data(), vectors.data(), offsets.data(), 0, nullptr, 0, count * phases,
                                bias, output.data(), kernels::Stores::cached);
            for (std::size_t r = 0; r < step; ++r) {
                for (std::size_t k = 0; k < kSteps; ++k) row[k] = stream[k * step + r];
                for (std::int64_t q = 0; q < count; ++q) {
                    set.tile[0][0](kSteps, row.data(), vectors.data() + q, offsets.data(), 0, tile.data(), set.lanes,
                                   false);
                    ASSERT_EQ(output[static_cast<std::size_t>(q) * step + r], tile[0] + bias)
                        << phases << " phases, point " << q;
                }
            }
        }
    });
}

}  // namespace
}  // namespace tconv::testing
