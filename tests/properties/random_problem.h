// Random problems for property tests. The axes where other implementations had bugs are the likely ones here: output
// padding, stride > kernel, dilation, groups, uneven channel counts, padding beyond the kernel, fine sizes that no tap
// reaches. A failing problem is shrunk axis by axis and printed as problem text; RapidCheck prints the seed.
#pragma once

#include <gtest/gtest.h>
// gtest first: rapidcheck/gtest.h uses it without including it.
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <ostream>
#include <vector>

#include "tconv/problem.h"
#include "tconv/problem_text.h"
#include "tconv/reference.h"

namespace tconv {

inline void showValue(const Problem& problem, std::ostream& out) { out << '"' << to_text(problem) << '"'; }

namespace testing {

/// One axis with sizes up to `most`; the fine size follows from an output padding that is now and then beyond
/// PyTorch's limit, and is at least 1.
inline rc::Gen<Axis> any_axis(std::int64_t most) {
    const auto up_to = [](std::int64_t least, std::int64_t last) {
        return rc::gen::inRange<std::int64_t>(least, last + 1);
    };
    return rc::gen::apply(
        [](std::int64_t coarse, std::int64_t kernel, std::int64_t stride, std::int64_t dilation, std::int64_t begin,
           std::int64_t end, std::int64_t output_padding) {
            Axis axis{coarse, 1, kernel, stride, dilation, begin, end};
            axis.fine = std::max<std::int64_t>(1, axis.full_size() - begin - end + output_padding);
            return axis;
        },
        up_to(1, most), up_to(1, most), up_to(1, 5),
        rc::gen::weightedOneOf<std::int64_t>({{2, rc::gen::just<std::int64_t>(1)}, {2, up_to(1, 4)}}),
        rc::gen::weightedOneOf<std::int64_t>({{3, up_to(0, 2)}, {1, up_to(0, 8)}}),
        rc::gen::weightedOneOf<std::int64_t>({{3, up_to(0, 2)}, {1, up_to(0, 8)}}),
        rc::gen::weightedOneOf<std::int64_t>(
            {{1, rc::gen::just<std::int64_t>(0)}, {2, up_to(0, 3)}, {1, up_to(0, 9)}}));
}

/// A valid problem of the given rank, double precision, without an epilogue.
inline rc::Gen<Problem> any_problem(int rank) {
    const std::int64_t most = rank == 1 ? 9 : rank == 2 ? 5 : 3;
    const auto channels = rc::gen::weightedOneOf<std::int64_t>({{4, rc::gen::inRange<std::int64_t>(1, 4)},
                                                                {1, rc::gen::element<std::int64_t>(5, 7)},
                                                                {1, rc::gen::just<std::int64_t>(0)}});
    return rc::gen::apply(
        [rank](std::int64_t batch, std::int64_t groups, std::int64_t coarse, std::int64_t fine, bool is_last,
               const std::vector<Axis>& axes) {
            Problem problem;
            problem.rank = rank;
            problem.batch = batch;
            problem.groups = groups;
            problem.coarse_channels = coarse * groups;
            problem.fine_channels = fine * groups;
            problem.dtype = DType::f64;
            problem.layout = is_last ? Layout::channels_last : Layout::channels_first;
            std::copy(axes.begin(), axes.end(), problem.spatial().begin());
            return problem;
        },
        rc::gen::weightedElement<std::int64_t>({{4, 1}, {3, 2}, {1, 0}}),
        rc::gen::weightedElement<std::int64_t>({{3, 1}, {2, 2}, {1, 3}}), channels, channels,
        rc::gen::arbitrary<bool>(),
        rc::gen::container<std::vector<Axis>>(static_cast<std::size_t>(rank), any_axis(most)));
}

/// Any rank.
inline rc::Gen<Problem> any_problem() { return rc::gen::oneOf(any_problem(1), any_problem(2), any_problem(3)); }

/// Small whole numbers, so that sums in double are exact and results can be compared with ==.
inline std::vector<double> any_values(std::int64_t count) {
    return *rc::gen::noShrink(rc::gen::container<std::vector<double>>(
        static_cast<std::size_t>(count),
        rc::gen::map(rc::gen::inRange(-4, 5), [](int v) { return static_cast<double>(v); })));
}

inline std::vector<double> any_coarse(const Problem& p) { return any_values(p.coarse_elements()); }
inline std::vector<double> any_fine(const Problem& p) { return any_values(p.fine_elements()); }
inline std::vector<double> any_weights(const Problem& p) { return any_values(p.weight_elements()); }

inline double dot(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

/// The passes on vectors. Outputs are filled with NaN first, so an element that a pass forgets is seen.
std::vector<double> scatter(const Problem&, const std::vector<double>& coarse, const std::vector<double>& weights,
                            const reference::Epilogue& = {});
std::vector<double> gather(const Problem&, const std::vector<double>& fine, const std::vector<double>& weights,
                           const reference::Epilogue& = {});
std::vector<double> weight_grad(const Problem&, const std::vector<double>& coarse, const std::vector<double>& fine);

}  // namespace testing
}  // namespace tconv
