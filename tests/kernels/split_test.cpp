// Numbers taken apart into bfloat16, and tiles that multiply them, of every unit that has them.
#include <algorithm>
#include <bit>

#include "kernels/split_set.h"
#include "support.h"

namespace tconv::testing {
namespace {

using kernels::SplitSet;

/// Calls test(set) for every unit that can run here and splits.
template <class Test>
void for_each_split(const Test& test) {
    int count = 0;
    for_each_set<float>([&](const kernels::KernelSet<float>& set) {
        if (set.split == nullptr) return;
        test(*set.split);
        ++count;
    });
    EXPECT_GT(count, 0) << "the awkward unit has them on every CPU";
}

float of_part(std::uint32_t half) { return std::bit_cast<float>(half << 16); }
float magnitude_of(std::uint32_t bits) { return std::bit_cast<float>(bits); }

/// Random numbers of all sizes, with some that are special; the least normal numbers' parts are not exact.
std::vector<float> any_floats(std::int64_t count, std::mt19937& random, bool with_special) {
    constexpr float kSpecial[] = {0.0f,
                                  -0.0f,
                                  kInfinity<float>,
                                  -kInfinity<float>,
                                  kNan<float>,
                                  std::numeric_limits<float>::max(),
                                  -std::numeric_limits<float>::max(),
                                  0x1.fffp127f};
    std::vector<float> values;
    for (std::int64_t i = 0; i < count; ++i) {
        const float value = std::ldexp(std::uniform_real_distribution<float>(-1, 1)(random),
                                       std::uniform_int_distribution<int>(-90, 120)(random));
        values.push_back(with_special && random() % 5 == 0 ? kSpecial[random() % std::size(kSpecial)] : value);
    }
    return values;
}

/// What one number's parts have to be.
void expect_parts(float value, float high, float middle, float low) {
    if (!std::isfinite(value)) {
        EXPECT_TRUE(is_same(high, value));
        EXPECT_EQ(middle, 0);
        EXPECT_EQ(low, 0);
        return;
    }
    EXPECT_TRUE(std::isfinite(high)) << value;
    EXPECT_EQ(high + (middle + low), value);
    const float unit = std::abs(value) < 0x1p127f ? 0x1p-8f : 0x1p-7f;  // the greatest are rounded down
    EXPECT_LE(std::abs(middle), std::abs(value) * unit) << value;
    EXPECT_LE(std::abs(low), std::abs(value) * unit * 0x1p-8f) << value;
}

std::uint32_t greatest_of(std::span<const float> values) {
    std::uint32_t greatest = 0;
    for (const float value : values) greatest = std::max(greatest, std::bit_cast<std::uint32_t>(value) & 0x7fffffffu);
    return greatest;
}

TEST(Split, PartsAddUpToThePair) {
    std::mt19937 random(1);
    for_each_split([&](const SplitSet& set) {
        for (const std::int64_t count : {0, 1, 2, 15, 16, 17, 33, 100})
            for (const bool with_special : {false, true})
                for (const Edge edge : kEdges) {
                    GuardedArray<float> memory[2] = {GuardedArray<float>(count), GuardedArray<float>(count)};
                    std::span<float> values[2];
                    for (int i = 0; i < 2; ++i) {
                        values[i] = memory[i].place(count, edge, 0);
                        std::ranges::copy(any_floats(count, random, with_special), values[i].begin());
                    }
                    GuardedArray<std::uint32_t> parts_memory[3] = {GuardedArray<std::uint32_t>(count),
                                                                   GuardedArray<std::uint32_t>(count),
                                                                   GuardedArray<std::uint32_t>(count)};
                    std::span<std::uint32_t> parts[3];
                    for (int p = 0; p < 3; ++p) parts[p] = parts_memory[p].place(count, edge, 0xdeadbeefu);
                    const std::uint32_t greatest = set.split(values[0].data(), values[1].data(), count, parts[0].data(),
                                                             parts[1].data(), parts[2].data());
                    EXPECT_TRUE(is_same(magnitude_of(greatest),
                                        magnitude_of(std::max(greatest_of(values[0]), greatest_of(values[1])))));
                    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
                        expect_parts(values[0][i], of_part(parts[0][i] & 0xffffu), of_part(parts[1][i] & 0xffffu),
                                     of_part(parts[2][i] & 0xffffu));
                        expect_parts(values[1][i], of_part(parts[0][i] >> 16), of_part(parts[1][i] >> 16),
                                     of_part(parts[2][i] >> 16));
                    }
                }
    });
}

TEST(Split, WeightsHaveTheSameParts) {
    std::mt19937 random(2);
    for_each_split([&](const SplitSet& set) {
        for (const std::int64_t count : {0, 1, 15, 16, 17, 33})
            for (const Edge edge : kEdges) {
                GuardedArray<float> memory(count);
                const auto values = memory.place(count, edge, 0);
                std::ranges::copy(any_floats(count, random, count % 2 == 1), values.begin());
                GuardedArray<std::uint16_t> halves_memory[3] = {GuardedArray<std::uint16_t>(count),
                                                                GuardedArray<std::uint16_t>(count),
                                                                GuardedArray<std::uint16_t>(count)};
                std::span<std::uint16_t> halves[3];
                for (int p = 0; p < 3; ++p) halves[p] = halves_memory[p].place(count, edge, 0xdead);
                set.split_weights(values.data(), count, halves[0].data(), halves[1].data(), halves[2].data());
                for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
                    expect_parts(values[i], of_part(halves[0][i]), of_part(halves[1][i]), of_part(halves[2][i]));
            }
    });
}

/// A product of split numbers for one set: whole arrays, and the matrix tiles of any part of them.
struct Product {
    static constexpr std::int64_t kGroups = 2, kTaps = 3, kTiles = 4;

    const SplitSet& set;
    std::int64_t rows = kTiles * set.rows, lanes = kTiles * set.lanes, depth = kGroups * set.depth;
    std::int64_t plane = lanes + 2 * kTaps;
    std::vector<float> w{}, x{};  // [row][group][tap][channel], [channel][place]
    std::vector<std::uint16_t> weights{};
    std::vector<std::uint32_t> panel{};
    std::vector<std::int32_t> offsets{0, 3, 5};
    kernels::SplitSteps steps{};

    Product(const SplitSet& of, std::mt19937& random, bool of_whole_numbers) : set(of) {
        w.resize(static_cast<std::size_t>(rows * depth * kTaps));
        x.resize(static_cast<std::size_t>(depth * plane));
        if (of_whole_numbers) {
            fill_with_whole_numbers(std::span(w), random);
            fill_with_whole_numbers(std::span(x), random);
        } else {
            fill_with_reals(std::span(w), random);
            fill_with_reals(std::span(x), random);
        }
        const std::int64_t part = set.rows * set.depth, row_tile = kGroups * kTaps * 3 * part;
        weights.resize(static_cast<std::size_t>(kTiles * row_tile));
        for (std::int64_t r = 0; r < rows; ++r)
            for (std::int64_t step = 0; step < kGroups * kTaps; ++step) {
                std::uint16_t* const to =
                    weights.data() + r / set.rows * row_tile + 3 * step * part + r % set.rows * set.depth;
                set.split_weights(w.data() + (r * kGroups * kTaps + step) * set.depth, set.depth, to, to + part,
                                  to + 2 * part);
            }
        steps = {kGroups, kTaps, offsets.data(), 3 * set.depth / 2 * plane, set.depth / 2 * plane, plane, row_tile};
        panel.resize(static_cast<std::size_t>(kGroups * steps.group_stride));
        for (std::int64_t pair = 0; pair < depth / 2; ++pair) {
            std::uint32_t* const to =
                panel.data() + pair / (set.depth / 2) * steps.group_stride + pair % (set.depth / 2) * plane;
            const float* const even = x.data() + 2 * pair * plane;
            set.split(even, even + plane, plane, to, to + steps.part_stride, to + 2 * steps.part_stride);
        }
    }

    double exact(std::int64_t row, std::int64_t lane, bool of_magnitudes) const {
        double sum = 0;
        for (std::int64_t g = 0; g < kGroups; ++g)
            for (std::int64_t t = 0; t < kTaps; ++t)
                for (std::int64_t c = 0; c < set.depth; ++c) {
                    const double product =
                        static_cast<double>(
                            w[static_cast<std::size_t>(((row * kGroups + g) * kTaps + t) * set.depth + c)]) *
                        static_cast<double>(x[static_cast<std::size_t>((g * set.depth + c) * plane +
                                                                       offsets[static_cast<std::size_t>(t)] + lane)]);
                    sum += of_magnitudes ? std::abs(product) : product;
                }
        return sum;
    }

    /// Matrix tiles from (row tile i, lane tile j) on, into a tile with a gap behind each row.
    std::vector<float> tiles(int r, int l, std::int64_t i, std::int64_t j, bool adds) const {
        const std::int64_t pitch = l * set.lanes + 3;
        GuardedArray<float> memory(r * set.rows * pitch);
        const auto tile =
            memory.place((r * set.rows - 1) * pitch + l * set.lanes, Edge::end, adds ? 2.0f : kNan<float>);
        set.begin();
        set.tile[r - 1][l - 1](steps, weights.data() + i * steps.row_tile_stride, panel.data() + j * set.lanes,
                               tile.data(), pitch, adds);
        set.end();
        std::vector<float> sums;
        for (std::int64_t row = 0; row < r * set.rows; ++row)
            for (std::int64_t lane = 0; lane < l * set.lanes; ++lane)
                sums.push_back(tile[static_cast<std::size_t>(row * pitch + lane)]);
        return sums;
    }
};

template <class Test>
void for_each_tile(const SplitSet& set, const Test& test) {
    for (int r = 1; r <= set.most_row_tiles; ++r) test(r, 1);
    for (int l = 2; l <= set.most_lane_tiles; ++l) test(1, l);
    test(2, 2);
}

TEST(SplitTile, OfWholeNumbersIsExact) {
    std::mt19937 random(3);
    for_each_split([&](const SplitSet& set) {
        const Product product(set, random, true);
        for_each_tile(set, [&](int r, int l) {
            for (const bool adds : {false, true}) {
                const auto sums = product.tiles(r, l, 0, 0, adds);
                std::size_t at = 0;
                for (std::int64_t row = 0; row < r * set.rows; ++row)
                    for (std::int64_t lane = 0; lane < l * set.lanes; ++lane)
                        ASSERT_EQ(sums[at++], product.exact(row, lane, false) + (adds ? 2 : 0)) << r << "x" << l;
            }
        });
    });
}

TEST(SplitTile, IsAsAccurateAsFloats) {
    std::mt19937 random(4);
    for_each_split([&](const SplitSet& set) {
        const Product product(set, random, false);
        const auto sums = product.tiles(2, 2, 0, 0, false);
        // Rounding each of n products and sums of f32 may cost n 2^-24 of the magnitudes' sum; what is typical is the
        // square root of that.
        const double bound = 4 * std::sqrt(static_cast<double>(product.depth * Product::kTaps)) * 0x1p-24;
        std::size_t at = 0;
        for (std::int64_t row = 0; row < 2 * set.rows; ++row)
            for (std::int64_t lane = 0; lane < 2 * set.lanes; ++lane)
                ASSERT_LE(std::abs(sums[at++] - product.exact(row, lane, false)),
                          bound * product.exact(row, lane, true));
    });
}

TEST(SplitTile, HasTheSameBitsInEveryTile) {
    std::mt19937 random(5);
    for_each_split([&](const SplitSet& set) {
        const Product product(set, random, false);
        for_each_tile(set, [&](int r, int l) {
            const auto whole = product.tiles(r, l, 0, 0, true);
            for (int i = 0; i < r; ++i)
                for (int j = 0; j < l; ++j) {
                    const auto one = product.tiles(1, 1, i, j, true);
                    for (std::int64_t row = 0; row < set.rows; ++row)
                        for (std::int64_t lane = 0; lane < set.lanes; ++lane)
                            ASSERT_EQ(one[static_cast<std::size_t>(row * set.lanes + lane)],
                                      whole[static_cast<std::size_t>((i * set.rows + row) * l * set.lanes +
                                                                     j * set.lanes + lane)])
                                << r << "x" << l << " at " << i << ", " << j;
                }
        });
    });
}

}  // namespace
}  // namespace tconv::testing
