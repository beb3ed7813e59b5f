// Random problems that are made into what a test is for, and a method's results on them.
#pragma once

#include "support.h"

namespace tconv::testing {

/// The sizes along an axis anew.
inline void set_axis(Axis& axis, std::int64_t coarse, std::int64_t kernel, std::int64_t stride, Draws& draws) {
    axis.coarse = coarse;
    axis.kernel = kernel;
    axis.stride = stride;
    axis.dilation = 1;
    axis.padding_begin = draws.between(0, kernel - 1);
    axis.padding_end = draws.between(0, kernel - 1);
    axis.fine = axis.full_size() + draws.between(0, stride - 1);
}

inline void set_last_axis(Problem& problem, std::int64_t coarse, std::int64_t kernel, std::int64_t stride,
                          Draws& draws) {
    set_axis(problem.axes.back(), coarse, kernel, stride, draws);
}

/// Of each group.
inline void set_channels(Problem& problem, std::int64_t groups, std::int64_t coarse, std::int64_t fine) {
    problem.groups = groups;
    problem.coarse_channels = groups * coarse;
    problem.fine_channels = groups * fine;
}

template <class Change>
Problem changed_problem(Draws& draws, const Change& change) {
    for (;;) {
        Problem problem = random_problem(draws, kMostProducts / 8);
        problem.layout = draws.one_in(6) ? Layout::channels_last : Layout::channels_first;
        change(problem);
        if (validate(problem) && products(problem) <= static_cast<double>(kMostProducts)) return problem;
    }
}

/// A method's results on so many random problems that change(problem, draws) made what they are, in one of the passes,
/// by any unit and number of threads. None may be refused.
template <class Change>
void expect_agreement_of(const std::string& method, std::vector<Pass> passes, int count, const Change& change) {
    for (int i = 0; i < count; ++i) {
        const std::uint64_t seed = base_seed() + static_cast<std::uint64_t>(i);
        Draws draws(seed);
        const Problem problem = changed_problem(draws, [&](Problem& one) { change(one, draws); });
        const Pass pass = passes[static_cast<std::size_t>(draws.between(0, std::ssize(passes) - 1))];
        const Trial trial(problem, pass, draws.one_in(2) ? Values::real : Values::whole, draws.word());
        const Answer answer = answer_to(trial);
        const Setting setting = any_setting(draws, method, problem);
        const std::string words = describe(seed, trial, setting);
        const Doing doing(words);
        bool is_refused = false;
        ASSERT_EQ(what_is_wrong(trial, answer, setting, &is_refused), "") << words;
        ASSERT_FALSE(is_refused) << words;
    }
}

}  // namespace tconv::testing
