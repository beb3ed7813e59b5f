// The closed forms of an axis against loops over everything, for every small axis; then huge ones by arithmetic.
#include "tconv/geometry.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tconv/problem.h"

namespace tconv {
namespace {

using Pair = std::pair<std::int64_t, std::int64_t>;  // (coarse, tap)

std::string named(const Axis& a) {
    const auto n = [](std::int64_t v) { return std::to_string(v); };
    return "coarse " + n(a.coarse) + " fine " + n(a.fine) + " kernel " + n(a.kernel) + " stride " + n(a.stride) +
           " dilation " + n(a.dilation) + " padding " + n(a.padding_begin);
}

// Everything about one axis, found by visiting every (coarse, tap) pair.
struct Counted {
    std::vector<std::vector<Pair>> at;  // the pairs that meet at each fine element, taps ascending
    std::int64_t pairs = 0;
};

Counted count(const Axis& a) {
    Counted counted;
    counted.at.resize(static_cast<std::size_t>(a.fine));
    for (std::int64_t j = 0; j < a.kernel; ++j)
        for (std::int64_t i = 0; i < a.coarse; ++i) {
            const std::int64_t o = i * a.stride + j * a.dilation - a.padding_begin;
            if (o < 0 || o >= a.fine) continue;
            counted.at[static_cast<std::size_t>(o)].push_back({i, j});
            ++counted.pairs;
        }
    return counted;
}

// Calls check(axis) for all small axes.
template <class Check>
void for_each_small_axis(Check check) {
    for (std::int64_t kernel = 1; kernel <= 6; ++kernel)
        for (std::int64_t stride = 1; stride <= 5; ++stride)
            for (std::int64_t dilation = 1; dilation <= 4; ++dilation)
                for (std::int64_t padding = 0; padding <= 6; ++padding)
                    for (std::int64_t coarse = 1; coarse <= 5; ++coarse)
                        for (std::int64_t fine = 1; fine <= 20; ++fine) {
                            check(Axis{coarse, fine, kernel, stride, dilation, padding, 0});
                            if (::testing::Test::HasFailure()) return;
                        }
}

TEST(Geometry, FloorAndCeiling) {
    for (std::int64_t b = 1; b <= 7; ++b)
        for (std::int64_t a = -50; a <= 50; ++a) {
            std::int64_t floor = -100, ceiling = 100;
            while ((floor + 1) * b <= a) ++floor;
            while ((ceiling - 1) * b >= a) --ceiling;
            EXPECT_EQ(floor_div(a, b), floor) << a << " / " << b;
            EXPECT_EQ(ceil_div(a, b), ceiling) << a << " / " << b;
        }
}

TEST(Geometry, ContributionsOfEverySmallAxis) {
    std::int64_t elements = 0;
    for_each_small_axis([&](const Axis& a) {
        const Counted counted = count(a);
        EXPECT_EQ(meeting_pairs(a), counted.pairs) << named(a);
        for (std::int64_t o = 0; o < a.fine; ++o, ++elements) {
            const auto& expected = counted.at[static_cast<std::size_t>(o)];
            const Contributions on = contributions_to(a, o);
            std::vector<Pair> found;
            for (std::int64_t t = 0; t < on.count; ++t)
                found.push_back({on.first_coarse - t * on.coarse_step, on.first_tap + t * on.tap_step});
            ASSERT_EQ(found, expected) << named(a) << " at " << o;
            ASSERT_EQ(overlap(a, o), static_cast<std::int64_t>(expected.size())) << named(a) << " at " << o;
        }
    });
    EXPECT_EQ(elements, 6 * 5 * 4 * 7 * 5 * 210);
}

TEST(Geometry, RangesOfEverySmallAxis) {
    for_each_small_axis([](const Axis& a) {
        const Counted counted = count(a);
        std::map<std::int64_t, std::vector<Pair>> of_tap;  // (coarse, fine), ascending
        std::map<std::int64_t, std::set<std::int64_t>> of_coarse;
        for (std::int64_t o = 0; o < a.fine; ++o)
            for (const auto& [i, j] : counted.at[static_cast<std::size_t>(o)]) {
                of_tap[j].push_back({i, o});
                of_coarse[i].insert(j);
            }
        for (std::int64_t j = 0; j < a.kernel; ++j) {
            const auto& expected = of_tap[j];
            const Range coarse = coarse_range(a, j), fine = fine_range(a, j);
            std::vector<Pair> found;
            for (std::int64_t i = coarse.begin, o = fine.begin; i < coarse.end; ++i, o += a.stride) {
                ASSERT_LT(o, fine.end) << named(a) << " tap " << j;
                found.push_back({i, o});
            }
            ASSERT_EQ(found, expected) << named(a) << " tap " << j;
            if (!expected.empty()) {
                EXPECT_EQ(fine.end, expected.back().second + 1) << named(a) << " tap " << j;
            } else {
                EXPECT_TRUE(fine.empty()) << named(a) << " tap " << j;
            }
        }
        for (std::int64_t i = 0; i < a.coarse; ++i) {
            const Range taps = tap_range(a, i);
            std::set<std::int64_t> found;
            for (std::int64_t j = taps.begin; j < taps.end; ++j) found.insert(j);
            ASSERT_EQ(found, of_coarse[i]) << named(a) << " coarse " << i;
        }
    });
}

TEST(Geometry, PhasesPartitionTheTaps) {
    for (std::int64_t kernel = 1; kernel <= 13; ++kernel)
        for (std::int64_t stride = 1; stride <= 12; ++stride)
            for (std::int64_t dilation = 1; dilation <= 12; ++dilation) {
                const Axis a{1, 1, kernel, stride, dilation, 0, 0};
                std::vector<int> visits(static_cast<std::size_t>(kernel), 0);
                std::int64_t empty = 0;
                for (std::int64_t phase = 0; phase < stride; ++phase) {
                    const PhaseTaps taps = taps_of_phase(a, phase);
                    EXPECT_EQ(taps.step, stride / std::gcd(stride, dilation));
                    empty += taps.count == 0;
                    for (std::int64_t t = 0; t < taps.count; ++t) {
                        const std::int64_t j = taps.first + t * taps.step;
                        ASSERT_TRUE(j >= 0 && j < kernel) << named(a) << " phase " << phase;
                        EXPECT_EQ(j * dilation % stride, phase) << named(a);
                        ++visits[static_cast<std::size_t>(j)];
                    }
                }
                for (const int visit : visits) ASSERT_EQ(visit, 1) << named(a);
                ASSERT_EQ(empty_phases(a), empty) << named(a);
            }
}

TEST(Geometry, PhaseOfCountsFromTheUncroppedRow) {
    const Axis a{4, 9, 3, 3, 1, 2, 0};
    const std::int64_t expected[] = {2, 0, 1, 2, 0, 1};
    for (std::int64_t o = 0; o < 6; ++o) EXPECT_EQ(phase_of(a, o), expected[o]);
}

TEST(Geometry, TheHeadersExample) {
    const Axis a{2, 5, 3, 2, 1, 0, 0};
    EXPECT_EQ(taps_of_phase(a, 0), (PhaseTaps{0, 2, 2}));
    EXPECT_EQ(taps_of_phase(a, 1), (PhaseTaps{1, 2, 1}));
    EXPECT_EQ(overlap(a, 0), 1);
    EXPECT_EQ(overlap(a, 1), 1);
    EXPECT_EQ(overlap(a, 2), 2);
    EXPECT_EQ(meeting_pairs(a), 6);
}

// --- sizes that no loop reaches ---

constexpr std::int64_t kBig = std::int64_t{1} << 40;

// 1, 2, 4, ... of every parameter, kept where validate() accepts them.
std::vector<Axis> huge_axes() {
    std::mt19937_64 random(40);
    std::vector<Axis> axes;
    while (axes.size() < 20000) {
        const auto any = [&](int most_bits) {
            const int bits = std::uniform_int_distribution<int>(0, most_bits)(random);
            return static_cast<std::int64_t>(random() >> (63 - bits));
        };
        const Axis a{1 + any(61), 1 + any(61), 1 + any(61), 1 + any(61), 1 + any(61), any(61), any(61)};
        Problem problem;
        problem.rank = 1;
        problem.axes[2] = a;
        problem.axes[2].coarse = std::min(a.coarse, std::int64_t{1} << 58);
        if (validate(problem)) axes.push_back(problem.axes[2]);
    }
    return axes;
}

// Every claim that can be checked without a loop: ends of ranges are inside, their neighbours outside.
TEST(Geometry, HugeAxesAreExact) {
    std::mt19937_64 random(61);
    const auto below = [&](std::int64_t n) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
    };
    int meetings = 0;
    for (const Axis& a : huge_axes()) {
        const auto lands = [&](std::int64_t i, std::int64_t j) {
            return i * a.stride + j * a.dilation - a.padding_begin;
        };
        const auto inside = [&](std::int64_t o) { return o >= 0 && o < a.fine; };
        const std::int64_t j = below(a.kernel), i = below(a.coarse), o = below(a.fine);

        const Range coarse = coarse_range(a, j), fine = fine_range(a, j);
        ASSERT_EQ(coarse.empty(), fine.empty());
        if (!coarse.empty()) {
            ASSERT_TRUE(coarse.begin >= 0 && coarse.end <= a.coarse) << named(a);
            ASSERT_EQ(lands(coarse.begin, j), fine.begin) << named(a);
            ASSERT_EQ(lands(coarse.end - 1, j), fine.end - 1) << named(a);
            ASSERT_TRUE(inside(fine.begin) && inside(fine.end - 1)) << named(a);
            ASSERT_TRUE(coarse.begin == 0 || !inside(fine.begin - a.stride)) << named(a);
            ASSERT_TRUE(coarse.end == a.coarse || !inside(fine.end - 1 + a.stride)) << named(a);
        } else {
            ASSERT_FALSE(inside(lands(0, j)) || inside(lands(a.coarse - 1, j))) << named(a);
        }

        const Range taps = tap_range(a, i);
        if (!taps.empty()) {
            ASSERT_TRUE(inside(lands(i, taps.begin)) && inside(lands(i, taps.end - 1))) << named(a);
            ASSERT_TRUE(taps.begin == 0 || !inside(lands(i, taps.begin - 1))) << named(a);
            ASSERT_TRUE(taps.end == a.kernel || !inside(lands(i, taps.end))) << named(a);
        }

        const Contributions on = contributions_to(a, o);
        ASSERT_EQ(on.count, overlap(a, o));
        meetings += on.count > 0;
        for (const std::int64_t t : {std::int64_t{0}, on.count / 2, on.count - 1}) {
            if (on.count == 0) break;
            const std::int64_t tap = on.first_tap + t * on.tap_step, at = on.first_coarse - t * on.coarse_step;
            ASSERT_TRUE(tap >= 0 && tap < a.kernel && at >= 0 && at < a.coarse) << named(a);
            ASSERT_EQ(lands(at, tap), o) << named(a);
        }
        const PhaseTaps phase = taps_of_phase(a, phase_of(a, o));
        if (phase.count > 0) {
            ASSERT_TRUE(phase.first >= 0 && phase.first < phase.step) << named(a);
            ASSERT_LT(phase.first + (phase.count - 1) * phase.step, a.kernel) << named(a);
        }
        ASSERT_GE(empty_phases(a), 0);
        ASSERT_LT(empty_phases(a), a.stride);

        // An element that a pair is known to reach is found with it.
        if (inside(lands(i, j))) {
            const Contributions there = contributions_to(a, lands(i, j));
            ASSERT_GE(there.count, 1) << named(a);
            ASSERT_EQ((j - there.first_tap) % there.tap_step, 0) << named(a);
            const std::int64_t t = (j - there.first_tap) / there.tap_step;
            ASSERT_TRUE(t >= 0 && t < there.count) << named(a);
            ASSERT_EQ(there.first_coarse - t * there.coarse_step, i) << named(a);
        }
    }
    EXPECT_GT(meetings, 1000);  // the set is not all empty
}

// meeting_pairs as a sum over one small side, with the other side huge.
TEST(Geometry, MeetingPairsWithOneSmallSide) {
    std::mt19937_64 random(7);
    const auto upto = [&](std::int64_t n) {
        return 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
    };
    for (int round = 0; round < 20000; ++round) {
        const bool few_taps = round % 2 == 0;
        const std::int64_t most = std::int64_t{1} << (round % 40);
        Axis a;
        a.kernel = few_taps ? upto(9) : upto(most);
        a.coarse = few_taps ? upto(most) : upto(9);
        a.stride = upto(few_taps ? 1 << 10 : 1 << 30);
        a.dilation = upto(few_taps ? 1 << 30 : 1 << 10);
        a.padding_begin = upto(most) - 1;
        a.fine = upto(4 * most + 5);
        std::int64_t sum = 0;
        if (few_taps)
            for (std::int64_t j = 0; j < a.kernel; ++j) sum += coarse_range(a, j).size();
        else
            for (std::int64_t i = 0; i < a.coarse; ++i) sum += tap_range(a, i).size();
        ASSERT_EQ(meeting_pairs(a), sum) << named(a);
    }
}

TEST(Geometry, MeetingPairsOfHugeAxes) {
    // Every pair lands inside: coarse * kernel of them.
    EXPECT_EQ(meeting_pairs({kBig, 2 * kBig - 1, 1 << 20, 1, 1, 0, 0}), kBig << 20);
    EXPECT_EQ(meeting_pairs({1 << 20, 3 * kBig, kBig, 1 << 20, 1, 0, 0}), kBig << 20);
    EXPECT_EQ(meeting_pairs({1 << 20, 3 * kBig, kBig, 1 << 20, 1, 1, 0}), (kBig << 20) - 1);
    // All but the middle is cropped away: what is counted before and after it is far beyond 62 bits.
    EXPECT_EQ(meeting_pairs({kBig, 1, kBig, 1, 1, kBig - 1, 0}), kBig);
    EXPECT_EQ(meeting_pairs({kBig, 2, kBig, 1, 1, kBig - 1, 0}), 2 * kBig - 1);
    EXPECT_EQ(meeting_pairs({kBig, 3, kBig, 1, 1, kBig - 2, 0}), 3 * kBig - 2);
    EXPECT_EQ(meeting_pairs({kBig, 1, kBig, 1, 1, 0, 0}), 1);
    EXPECT_EQ(meeting_pairs({kBig, 1, 1, 1, 1, 2 * kBig, 0}), 0);
    // Beyond 62 bits it saturates.
    EXPECT_EQ(meeting_pairs({kBig, 2 * kBig, kBig, 1, 1, 0, 0}), (std::int64_t{1} << 62) - 1);
}

}  // namespace
}  // namespace tconv
