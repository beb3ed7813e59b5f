// Every row kernel against plain loops, its arrays between guard pages: all numbers of lines and phases, runs of all
// kinds, lines that are not wanted, counts around vectors and around the widest block.
#include <algorithm>
#include <cmath>

#include "support.h"

namespace tconv::testing {
namespace {

constexpr std::int64_t kMostRowSteps = 6, kMostRowRuns = 4, kMostRowOffset = 20;

std::int64_t below(std::mt19937& random, std::int64_t end) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(end));
}

// Runs of a call, and what each of their steps multiplies with what.
template <class T>
struct Steps {
    std::vector<kernels::RowRun> runs{};
    std::vector<std::vector<std::int32_t>> offsets{};
    std::int64_t count = 0, weights = 0;

    Steps(std::mt19937& random, std::int64_t lines, std::int64_t phases, std::int64_t run_count) {
        for (std::int64_t r = 0; r < run_count; ++r) {
            const std::int64_t steps = below(random, kMostRowSteps + 1);
            offsets.emplace_back();
            for (std::int64_t k = 0; k < steps; ++k)
                offsets.back().push_back(static_cast<std::int32_t>(below(random, kMostRowOffset + 1)));
            const bool is_one_line = lines == 2 && below(random, 2) == 0,
                       is_first = phases > 1 && below(random, 2) == 0;
            const int line = is_one_line ? static_cast<int>(below(random, 2)) : 0;
            runs.push_back({steps, nullptr, line, is_one_line ? 1 : static_cast<int>(lines), is_first});
            count += steps;
            weights += steps * runs.back().lines * (is_first ? 1 : phases);
        }
        for (std::size_t r = 0; r < runs.size(); ++r) runs[r].offsets = offsets[r].data();
    }

    T sum(std::span<const T> stream, std::span<const T> vectors, std::int64_t phases, std::int64_t line,
          std::int64_t phase, std::int64_t point) const {
        T sum = 0;
        std::size_t at = 0;
        for (const kernels::RowRun& run : runs) {
            const std::int64_t each = run.of_first_phase ? 1 : phases;
            const bool takes =
                line >= run.first_line && line < run.first_line + run.lines && (!run.of_first_phase || phase == 0);
            for (std::int64_t k = 0; k < run.steps; ++k, at += static_cast<std::size_t>(run.lines * each))
                if (takes)
                    sum += stream[at + static_cast<std::size_t>((line - run.first_line) * each +
                                                                (run.of_first_phase ? 0 : phase))] *
                           vectors[static_cast<std::size_t>(run.offsets[k] + point)];
        }
        return sum;
    }
};

TYPED_TEST(EachType, RowsAreTheInterleavedSumsOfTheirPhases) {
    using T = TypeParam;
    for_each_set<T>([](const kernels::KernelSet<T>& set) {
        std::mt19937 random(static_cast<std::uint32_t>(set.rows * 100 + set.lanes));
        const std::int64_t most_count = 3 * set.lanes * kernels::kMostVectors;
        const std::int64_t most_line = most_count * kernels::kMostRowPhases;
        GuardedArray<T> streams(kMostRowSteps * kMostRowRuns * kernels::kMostRowPhases * kernels::kMostLines),
            arrays(most_count + 2 * set.lanes + 1 + kMostRowOffset), outputs(most_line), second_outputs(most_line);
        for (std::int64_t lines = 1; lines <= kernels::kMostLines; ++lines)
            for (std::int64_t phases = 1; phases <= kernels::kMostRowPhases; ++phases) {
                const std::int64_t widest = set.lanes * set.widest[phases - 1];
                std::vector<std::int64_t> counts = counts_around(set.lanes);
                for (const std::int64_t count : {widest - 1, widest, widest + 1, 2 * widest + set.lanes + 1})
                    counts.push_back(count);
                for (const std::int64_t count : counts)
                    for (int repeat = 0; repeat < 3; ++repeat)
                        for (const Edge edge : kEdges) {
                            const Steps<T> steps(random, lines, phases, below(random, kMostRowRuns + 1));
                            const auto stores =
                                below(random, 2) == 0 ? kernels::Stores::cached : kernels::Stores::streaming;
                            const std::int64_t more = stores == kernels::Stores::streaming ? set.lanes : 0;
                            const std::int64_t whole = (count + set.lanes - 1) / set.lanes * set.lanes + 1 + more;
                            const auto stream = streams.place(steps.weights, edge, 0);
                            const auto vectors = arrays.place(steps.count == 0 ? 0 : whole + kMostRowOffset, edge, 0);
                            // Two lines are streamed where they lie alike in their cache lines.
                            const std::span<T> output[] = {outputs.place(count * phases, edge, kNan<T>),
                                                           second_outputs.place(count * phases, edge, kNan<T>)};
                            fill_with_whole_numbers(stream, random);
                            fill_with_whole_numbers(vectors, random);
                            // Lines may begin within their first point and end within their last; where not both
                            // do, the end at the guard page is whole.
                            const bool is_both = below(random, 3) == 0;
                            const auto within_a_point = [&](Edge whole_at) {
                                return edge == whole_at && !is_both ? 0 : below(random, phases);
                            };
                            const std::int64_t begin = within_a_point(Edge::begin);
                            const std::int64_t end = count * phases - within_a_point(Edge::end);
                            const std::int64_t wanted = lines == 1 ? 1 : 1 + below(random, 3);
                            const T bias = T(0.5);
                            const kernels::RowTask<T> task{steps.runs.data(),
                                                           static_cast<std::int64_t>(steps.runs.size()),
                                                           stream.data(),
                                                           vectors.data(),
                                                           below(random, 2) * 100,
                                                           begin,
                                                           end - begin,
                                                           1,
                                                           0,
                                                           0,
                                                           bias,
                                                           below(random, 2) == 0,
                                                           stores};
                            set.row[lines - 1][phases - 1](task, wanted & 1 ? output[0].data() + begin : nullptr,
                                                           wanted & 2 ? output[1].data() + begin : nullptr);
                            set.flush();
                            for (std::int64_t line = 0; line < kernels::kMostLines; ++line)
                                for (std::int64_t i = 0; i < count * phases; ++i) {
                                    const T value = output[line][static_cast<std::size_t>(i)];
                                    if (i < begin || i >= end || (wanted >> line & 1) == 0) {
                                        ASSERT_TRUE(std::isnan(value)) << "line " << line << ", element " << i;
                                        continue;
                                    }
                                    ASSERT_EQ(value,
                                              bias + steps.sum(stream, vectors, phases, line, i % phases, i / phases))
                                        << lines << " lines, " << phases << " phases, " << count << " points, "
                                        << steps.count << " steps, line " << line << ", element " << i;
                                }
                        }
            }
    });
}

TYPED_TEST(EachType, RowsAreRepeated) {
    using T = TypeParam;
    for_each_set<T>([](const kernels::KernelSet<T>& set) {
        constexpr std::int64_t kRepeats = 3, kVectorStep = 5, kGap = 3;
        const std::int64_t count = 2 * set.lanes + 1;
        std::vector<T> vectors(static_cast<std::size_t>(count + kRepeats * kVectorStep + 2 * set.lanes));
        for (std::size_t i = 0; i < vectors.size(); ++i) vectors[i] = static_cast<T>(i);
        const T stream[] = {T(2), T(3)};
        const std::int32_t offset = 1;
        const kernels::RowRun run{1, &offset, 0, 2, false};
        std::vector<T> output(static_cast<std::size_t>(2 * kRepeats * (count + kGap)), T(-1));
        const kernels::RowTask<T> task{&run,
                                       1,
                                       stream,
                                       vectors.data(),
                                       0,
                                       0,
                                       count,
                                       kRepeats,
                                       kVectorStep,
                                       2 * (count + kGap),
                                       T(0),
                                       false,
                                       kernels::Stores::cached};
        set.row[1][0](task, output.data(), output.data() + count + kGap);
        for (std::int64_t i = 0; i < std::ssize(output); ++i) {
            const std::int64_t line = i / (count + kGap), q = i % (count + kGap);
            const auto value = static_cast<T>(line / 2 * kVectorStep + q + offset) * stream[line % 2];
            ASSERT_EQ(output[static_cast<std::size_t>(i)], q < count ? value : T(-1)) << "element " << i;
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
        for (std::size_t lines = 1; lines <= kernels::kMostLines; ++lines)
            for (std::size_t phases = 1; phases <= kernels::kMostRowPhases; ++phases) {
                const std::size_t rows = lines * phases, size = static_cast<std::size_t>(count) * phases;
                std::vector<T> stream(kSteps * rows), output[] = {std::vector<T>(size), std::vector<T>(size)};
                std::vector<T> row(kSteps);
                fill_with_reals(std::span<T>(stream), random);
                const T bias = T(0.3);
                const kernels::RowRun run{kSteps, offsets.data(), 0, static_cast<int>(lines), false};
                const kernels::RowTask<T> task{
                    &run, 1,    stream.data(), vectors.data(),         0, 0, static_cast<std::int64_t>(size), 1, 0,
                    0,    bias, false,         kernels::Stores::cached};
                set.row[lines - 1][phases - 1](task, output[0].data(), output[1].data());
                for (std::size_t r = 0; r < rows; ++r) {
                    for (std::size_t k = 0; k < kSteps; ++k) row[k] = stream[k * rows + r];
                    for (std::int64_t q = 0; q < count; ++q) {
                        set.tile[0][0](kSteps, row.data(), vectors.data() + q, offsets.data(), 0, tile.data(),
                                       set.lanes, false);
                        ASSERT_EQ(output[r / phases][static_cast<std::size_t>(q) * phases + r % phases], tile[0] + bias)
                            << lines << " lines, " << phases << " phases, point " << q;
                    }
                }
            }
    });
}

}  // namespace
}  // namespace tconv::testing
