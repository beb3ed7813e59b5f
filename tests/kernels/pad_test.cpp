// pad and copy against plain loops, its arrays between guard pages: rows and margins below, at and above a vector's
// lanes.
#include <cmath>

#include "support.h"

namespace tconv::testing {
namespace {

TYPED_TEST(EachType, PadPutsZerosBeforeAndAfterRows) {
    using T = TypeParam;
    for_each_set<T>([](const kernels::KernelSet<T>& set) {
        std::mt19937 random(static_cast<std::uint32_t>(set.rows * 10 + set.lanes));
        constexpr std::int64_t kMostRows = 3, kMostGap = 5;
        const std::int64_t most = 2 * set.lanes + 3;
        GuardedArray<T> inputs(kMostRows * (most + kMostGap)), outputs(kMostRows * 3 * most);
        for (const std::int64_t count : counts_around(set.lanes))
            for (const std::int64_t left : counts_around(set.lanes))
                for (const std::int64_t right : counts_around(set.lanes))
                    for (std::int64_t rows = 0; rows <= kMostRows; ++rows)
                        for (const Edge edge : kEdges) {
                            const std::int64_t pitch = count + static_cast<std::int64_t>(random() % (kMostGap + 1));
                            const std::int64_t width = left + count + right;
                            const auto input = inputs.place(rows == 0 ? 0 : (rows - 1) * pitch + count, edge, 0);
                            const auto output = outputs.place(rows * width, edge, kNan<T>);
                            fill_with_reals(input, random);
                            set.pad(input.data(), pitch, rows, left, count, right, random() % 2 == 0 ? 0 : 4096,
                                    output.data());
                            for (std::int64_t i = 0; i < std::ssize(output); ++i) {
                                const std::int64_t r = i / width, at = i % width - left;
                                const bool is_inside = at >= 0 && at < count;
                                ASSERT_EQ(output[static_cast<std::size_t>(i)],
                                          is_inside ? input[static_cast<std::size_t>(r * pitch + at)] : T(0))
                                    << rows << " rows of " << left << " + " << count << " + " << right << ", element "
                                    << i;
                            }
                        }
    });
}

TYPED_TEST(EachType, CopyCopiesRows) {
    using T = TypeParam;
    for_each_set<T>([](const kernels::KernelSet<T>& set) {
        std::mt19937 random(static_cast<std::uint32_t>(set.rows * 10 + set.lanes));
        constexpr std::int64_t kMostRows = 3, kMostGap = 64;
        const std::int64_t most = 2 * set.lanes + 64;
        GuardedArray<T> inputs(kMostRows * (most + kMostGap)), outputs(kMostRows * (most + kMostGap));
        std::vector<std::int64_t> counts = counts_around(set.lanes);
        for (const std::int64_t count : {16, 32, 48, 64}) counts.push_back(count);
        for (const std::int64_t count : counts)
            for (std::int64_t rows = 0; rows <= kMostRows; ++rows)
                for (const std::int64_t gap : {0, 1, 16, 64})
                    for (const Edge edge : kEdges) {
                        const std::int64_t pitch = count + static_cast<std::int64_t>(random() % 5), step = count + gap;
                        const auto input = inputs.place(rows == 0 ? 0 : (rows - 1) * pitch + count, edge, 0);
                        const auto output = outputs.place(rows == 0 ? 0 : (rows - 1) * step + count, edge, kNan<T>);
                        fill_with_reals(input, random);
                        set.copy(input.data(), pitch, rows, count, output.data(), step,
                                 random() % 2 == 0 ? kernels::Stores::cached : kernels::Stores::streaming);
                        set.flush();
                        for (std::int64_t i = 0; i < std::ssize(output); ++i) {
                            const T value = output[static_cast<std::size_t>(i)];
                            if (i % step >= count)
                                ASSERT_TRUE(std::isnan(value)) << "element " << i;
                            else
                                ASSERT_EQ(value, input[static_cast<std::size_t>(i / step * pitch + i % step)])
                                    << rows << " rows of " << count << ", element " << i;
                        }
                    }
    });
}

}  // namespace
}  // namespace tconv::testing
