// The channels kernel against plain loops, its arrays between guard pages: channels below, at and above a vector's
// lanes, points around the block.
#include <cmath>

#include "support.h"

namespace tconv::testing {
namespace {

TYPED_TEST(EachType, ChannelsAreMultipliedEachByItsOwn) {
    using T = TypeParam;
    for_each_set<T>([](const kernels::KernelSet<T>& set) {
        std::mt19937 random(static_cast<std::uint32_t>(set.rows * 7 + set.lanes));
        constexpr std::int64_t kMostSteps = 5, kMostCount = 9, kMostOffset = 30, kGap = 3;
        const std::int64_t most_channels = 5 * set.lanes + 1;
        GuardedArray<T> weight_arrays(most_channels * kMostSteps),
            inputs((kMostCount + 1) * (most_channels + kGap) + 64), biases(most_channels),
            outputs(kMostCount * (most_channels + kGap));
        for (const std::int64_t channels : counts_around(set.lanes)) {
            if (channels < 1 || channels > most_channels) continue;
            for (const std::int64_t count : {0, 1, 3, 4, 5, 8, 9})
                for (const std::int64_t steps : {std::int64_t{0}, std::int64_t{1}, kMostSteps})
                    for (const Edge edge : kEdges) {
                        const std::int64_t read_step = channels + static_cast<std::int64_t>(random() % 2) * kGap;
                        const std::int64_t write_step = channels + static_cast<std::int64_t>(random() % 2) * kGap;
                        const bool is_empty = steps == 0 || count == 0;
                        const auto weights = weight_arrays.place(steps * channels, edge, 0);
                        const auto input =
                            inputs.place(is_empty ? 0 : kMostOffset + (count - 1) * read_step + channels, edge, 0);
                        const auto bias = biases.place(channels, edge, 0);
                        const auto output =
                            outputs.place(count == 0 ? 0 : (count - 1) * write_step + channels, edge, kNan<T>);
                        fill_with_whole_numbers(weights, random);
                        fill_with_whole_numbers(input, random);
                        fill_with_whole_numbers(bias, random);
                        std::vector<std::int64_t> offsets(static_cast<std::size_t>(steps)), of_weights(offsets);
                        for (std::size_t k = 0; k < offsets.size(); ++k) {
                            offsets[k] = k == 0 ? kMostOffset : static_cast<std::int64_t>(random() % kMostOffset);
                            of_weights[k] = (steps - 1 - static_cast<std::int64_t>(k)) * channels;
                        }
                        const T* const add = random() % 2 == 0 ? bias.data() : nullptr;
                        set.channels(steps, weights.data(), of_weights.data(), input.data(), offsets.data(), read_step,
                                     channels, count, add, output.data(), write_step);
                        for (std::int64_t i = 0; i < std::ssize(output); ++i) {
                            const std::int64_t q = i / write_step, c = i % write_step;
                            if (c >= channels) {
                                ASSERT_TRUE(std::isnan(output[static_cast<std::size_t>(i)])) << "element " << i;
                                continue;
                            }
                            T sum = add != nullptr ? bias[static_cast<std::size_t>(c)] : T(0);
                            for (std::size_t k = 0; k < offsets.size(); ++k)
                                sum += weights[static_cast<std::size_t>(of_weights[k] + c)] *
                                       input[static_cast<std::size_t>(offsets[k] + q * read_step + c)];
                            ASSERT_EQ(output[static_cast<std::size_t>(i)], sum)
                                << channels << " channels, " << count << " points, " << steps << " steps, element "
                                << i;
                        }
                    }
        }
    });
}

}  // namespace
}  // namespace tconv::testing
