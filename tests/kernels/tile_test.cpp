// Every tile kernel of every unit against plain loops, its arrays between guard pages.
#include <algorithm>

#include "support.h"

namespace tconv::testing {
namespace {

constexpr std::int64_t kStepCounts[] = {0, 1, 2, 3, 17};
constexpr std::int64_t kMostSteps = 17, kMostOffset = 40;

/// One call: the product of a stream and vectors that begin anywhere, into a tile with a gap behind each row.
template <class T>
struct TileCall {
    std::int64_t rows, width, steps, pitch;
    bool adds;
    std::span<const T> stream, vectors;
    std::span<const std::int32_t> offsets;

    std::int64_t tile_elements() const { return (rows - 1) * pitch + width; }
};

template <class T>
void multiply_plainly(const TileCall<T>& call, std::span<T> tile) {
    for (std::int64_t r = 0; r < call.rows; ++r)
        for (std::int64_t l = 0; l < call.width; ++l) {
            T sum = 0;
            for (std::int64_t k = 0; k < call.steps; ++k)
                sum += call.stream[static_cast<std::size_t>(k * call.rows + r)] *
                       call.vectors[static_cast<std::size_t>(call.offsets[static_cast<std::size_t>(k)] + l)];
            T& at = tile[static_cast<std::size_t>(r * call.pitch + l)];
            at = call.adds ? at + sum : sum;
        }
}

/// Arrays for any tile of a set.
template <class T>
class Operands {
public:
    explicit Operands(const kernels::KernelSet<T>& set)
        : most_width_(set.lanes * kernels::kMostVectors),
          stream_(kMostSteps * kernels::kMostRows),
          vectors_(most_width_ + kMostOffset),
          offsets_(kMostSteps),
          tile_(kernels::kMostRows * (most_width_ + 3)) {}

    /// Places and fills the operands; some offset leads to the very end of the vectors.
    template <class Fill>
    TileCall<T> call(std::int64_t rows, std::int64_t width, std::int64_t steps, std::int64_t gap, bool adds, Edge edge,
                     std::mt19937& random, const Fill& fill) {
        const auto stream = stream_.place(steps * rows, edge, 0);
        const auto offsets = offsets_.place(steps, edge, 0);
        const std::int64_t last = steps == 0 ? 0 : static_cast<std::int64_t>(random() % kMostOffset);
        for (std::int32_t& offset : offsets)
            offset = static_cast<std::int32_t>(random() % static_cast<unsigned>(last + 1));
        if (steps > 0) offsets[random() % offsets.size()] = static_cast<std::int32_t>(last);
        const auto vectors = vectors_.place(steps == 0 ? 0 : last + width, edge, 0);
        fill(stream, random);
        fill(vectors, random);
        return {rows, width, steps, width + gap, adds, stream, vectors, offsets};
    }

    std::span<T> tile(const TileCall<T>& call, Edge edge, T value) {
        return tile_.place(call.tile_elements(), edge, value);
    }

private:
    std::int64_t most_width_;
    GuardedArray<T> stream_, vectors_;
    GuardedArray<std::int32_t> offsets_;
    GuardedArray<T> tile_;
};

template <class T>
void run(kernels::TileKernel<T> kernel, const TileCall<T>& call, std::span<T> tile) {
    // What is asked for lies outside of everything, and is not read.
    const std::int64_t ahead = call.steps % 2 == 0 ? 0 : std::int64_t{1} << 40;
    kernel(call.steps, call.stream.data(), call.vectors.data(), call.offsets.data(), ahead, tile.data(), call.pitch,
           call.adds);
}

/// Calls test(rows, vectors) for every tile of a set.
template <class T, class Test>
void for_each_tile(const kernels::KernelSet<T>& set, const Test& test) {
    for (int rows = 1; rows <= set.rows; ++rows)
        for (int vectors = 1; vectors <= set.widest[rows - 1]; ++vectors) {
            SCOPED_TRACE(std::to_string(rows) + " rows, " + std::to_string(vectors) + " vectors");
            test(rows, vectors);
        }
}

TYPED_TEST(EachType, TilesAreAllThere) {
    for_each_set<TypeParam>([](const auto& set) {
        ASSERT_GE(set.rows, kernels::kMostRowPhases);
        ASSERT_LE(set.rows, kernels::kMostRows);
        EXPECT_EQ(set.vectors, set.widest[set.rows - 1]);
        for (int rows = 1; rows <= set.rows; ++rows) {
            const int widest = set.widest[rows - 1];
            ASSERT_GE(widest, 1);
            ASSERT_LE(widest, kernels::kMostVectors);
            EXPECT_LE(widest, set.widest[rows > 1 ? rows - 2 : 0]) << "fewer rows are never narrower";
        }
        for_each_tile(set, [&](int rows, int vectors) { EXPECT_NE(set.tile[rows - 1][vectors - 1], nullptr); });
        EXPECT_EQ(set.tile_lanes(), set.lanes * set.vectors);
        EXPECT_EQ(set.widest_lanes(), set.lanes * set.widest[0]);
    });
}

TYPED_TEST(EachType, TilesAreProducts) {
    using T = TypeParam;
    constexpr T kBefore = 7;
    for_each_set<T>([&](const auto& set) {
        std::mt19937 random(1);
        Operands<T> operands(set);
        std::vector<T> wanted;
        for_each_tile(set, [&](int rows, int vectors) {
            for (const std::int64_t steps : kStepCounts)
                for (const std::int64_t gap : {0, 3})
                    for (const bool adds : {false, true})
                        for (const Edge edge : kEdges) {
                            const auto call = operands.call(rows, vectors * set.lanes, steps, gap, adds, edge, random,
                                                            fill_with_whole_numbers<T>);
                            // NaN shows an element that is forgotten; with `adds`, something must be there.
                            const auto tile = operands.tile(call, edge, adds ? kBefore : kNan<T>);
                            wanted.assign(tile.begin(), tile.end());
                            multiply_plainly(call, std::span<T>(wanted));
                            run(set.tile[rows - 1][vectors - 1], call, tile);
                            ASSERT_TRUE(std::equal(tile.begin(), tile.end(), wanted.begin(), is_same<T>))
                                << steps << " steps, a gap of " << gap << (adds ? ", adds" : "");
                        }
        });
    });
}

// What keeps results apart from how a problem is cut: a row and lane has the bits of a tile of its own.
TYPED_TEST(EachType, TilesGiveAnElementTheSameBits) {
    using T = TypeParam;
    for_each_set<T>([&](const auto& set) {
        std::mt19937 random(2);
        Operands<T> operands(set);
        std::vector<T> row(kMostSteps), alone(static_cast<std::size_t>(set.lanes));
        for_each_tile(set, [&](int rows, int vectors) {
            for (const bool adds : {false, true}) {
                const auto call = operands.call(rows, vectors * set.lanes, kMostSteps, 0, adds, Edge::end, random,
                                                fill_with_reals<T>);
                const auto tile = operands.tile(call, Edge::end, T(0.7));
                run(set.tile[rows - 1][vectors - 1], call, tile);
                for (int r = 0; r < rows; ++r)
                    for (int v = 0; v < vectors; ++v) {
                        for (std::size_t k = 0; k < row.size(); ++k)
                            row[k] = call.stream[k * static_cast<std::size_t>(rows) + static_cast<std::size_t>(r)];
                        std::fill(alone.begin(), alone.end(), T(0.7));
                        set.tile[0][0](kMostSteps, row.data(), call.vectors.data() + v * set.lanes, call.offsets.data(),
                                       0, alone.data(), set.lanes, adds);
                        const auto* const part = tile.data() + r * call.pitch + v * set.lanes;
                        ASSERT_TRUE(std::equal(alone.begin(), alone.end(), part, is_same<T>))
                            << "row " << r << ", vector " << v << (adds ? ", adds" : "");
                    }
            }
        });
    });
}

TYPED_TEST(EachType, TilesGiveALongSumInPartsTheSameBits) {
    using T = TypeParam;
    constexpr std::int64_t kFirst = 6;
    for_each_set<T>([&](const auto& set) {
        std::mt19937 random(4);
        Operands<T> operands(set);
        for_each_tile(set, [&](int rows, int vectors) {
            const auto call =
                operands.call(rows, vectors * set.lanes, kMostSteps, 0, false, Edge::end, random, fill_with_reals<T>);
            const auto tile = operands.tile(call, Edge::end, kNan<T>);
            run(set.tile[rows - 1][vectors - 1], call, tile);
            const std::vector<T> whole(tile.begin(), tile.end());
            TileCall<T> first = call, second = call;
            first.steps = kFirst;
            second.steps -= kFirst;
            second.stream = call.stream.subspan(static_cast<std::size_t>(kFirst * rows));
            second.offsets = call.offsets.subspan(kFirst);
            second.adds = true;
            run(set.tile[rows - 1][vectors - 1], first, tile);
            run(set.tile[rows - 1][vectors - 1], second, tile);
            ASSERT_TRUE(std::equal(tile.begin(), tile.end(), whole.begin(), is_same<T>));
        });
    });
}

// Infinities and NaN go where they are multiplied to, and nowhere else.
TYPED_TEST(EachType, TilesKeepNonFiniteValuesInTheirRowsAndLanes) {
    using T = TypeParam;
    for_each_set<T>([&](const auto& set) {
        std::mt19937 random(3);
        Operands<T> operands(set);
        std::vector<T> stream, wanted;
        for_each_tile(set, [&](int rows, int vectors) {
            auto call =
                operands.call(rows, vectors * set.lanes, 3, 0, false, Edge::end, random, fill_with_whole_numbers<T>);
            stream.assign(call.stream.begin(), call.stream.end());
            stream[random() % stream.size()] = random() % 2 == 0 ? kInfinity<T> : kNan<T>;
            call.stream = stream;
            const auto tile = operands.tile(call, Edge::end, kNan<T>);
            wanted.assign(tile.size(), 0);
            multiply_plainly(call, std::span<T>(wanted));
            run(set.tile[rows - 1][vectors - 1], call, tile);
            ASSERT_TRUE(std::equal(tile.begin(), tile.end(), wanted.begin(), is_same<T>));
        });
    });
}

TYPED_TEST(EachType, MultiplyAddsTellHowManyTheyDid) {
    for_each_set<TypeParam>([](const auto& set) {
        const double once = set.multiply_adds(10);
        EXPECT_GT(once, 0);
        EXPECT_EQ(set.multiply_adds(100), 10 * once);
    });
}

}  // namespace
}  // namespace tconv::testing
