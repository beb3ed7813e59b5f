// The points kernel against plain loops, its arrays between guard pages: rows below, at and above a vector's lanes.
#include <cmath>

#include "support.h"

namespace tconv::testing {
namespace {

TYPED_TEST(EachType, PointsAreTheSumsOfTheirRows) {
    using T = TypeParam;
    for_each_set<T>([](const kernels::KernelSet<T>& set) {
        std::mt19937 random(static_cast<std::uint32_t>(set.rows * 1000 + set.lanes));
        constexpr std::int64_t kMostSteps = 9, kMostOffset = 20, kMostCount = 27, kMostStep = 40;
        GuardedArray<T> streams(kMostSteps * kernels::kMostRows), arrays(kMostCount + kMostOffset),
            outputs(kMostCount * kMostStep);
        GuardedArray<std::int32_t> tables(kMostSteps);
        for (std::int64_t rows = 1; rows <= kernels::kMostRows; ++rows)
            for (const std::int64_t count : {0, 1, 2, 3, 7, 8, 9, 15, 27})
                for (const std::int64_t steps : {std::int64_t{0}, std::int64_t{1}, std::int64_t{4}, kMostSteps})
                    for (const Edge edge : kEdges) {
                        const std::int64_t step = rows + static_cast<std::int64_t>(random() % 3) * 11;
                        const auto stream = streams.place(steps * rows, edge, 0);
                        const auto vectors = arrays.place(steps == 0 ? 0 : count + kMostOffset, edge, 0);
                        const auto offsets = tables.place(steps, edge, 0);
                        const auto output = outputs.place(count == 0 ? 0 : (count - 1) * step + rows, edge, kNan<T>);
                        fill_with_whole_numbers(stream, random);
                        fill_with_whole_numbers(vectors, random);
                        for (std::int32_t& offset : offsets)
                            offset = static_cast<std::int32_t>(random() % (kMostOffset + 1));
                        if (steps > 0) offsets[0] = kMostOffset;
                        const T bias = T(0.5);
                        set.points(steps, rows, stream.data(), vectors.data(), offsets.data(), count, bias,
                                   output.data(), step);
                        for (std::int64_t i = 0; i < std::ssize(output); ++i) {
                            const std::int64_t q = i / step, r = i % step;
                            if (r >= rows) {
                                ASSERT_TRUE(std::isnan(output[static_cast<std::size_t>(i)])) << "element " << i;
                                continue;
                            }
                            T sum = bias;
                            for (std::int64_t k = 0; k < steps; ++k)
                                sum += stream[static_cast<std::size_t>(k * rows + r)] *
                                       vectors[static_cast<std::size_t>(offsets[static_cast<std::size_t>(k)] + q)];
                            ASSERT_EQ(output[static_cast<std::size_t>(i)], sum)
                                << rows << " rows, " << count << " points, " << steps << " steps, element " << i;
                        }
                    }
    });
}

}  // namespace
}  // namespace tconv::testing
