// A worker's memory is a few MiB, whatever the problem: it is the caches' to hold, not the problem's. Plans only.
#include <algorithm>
#include <cmath>

#include "support.h"

namespace tconv::testing {
namespace {

/// From 1 to 2^most, small ones as likely as large ones.
std::int64_t any_size(Draws& draws, double most) {
    return static_cast<std::int64_t>(std::exp2(most * static_cast<double>(draws.between(0, 1000)) / 1000));
}

/// A problem that people might have: arrays of up to some GiB.
Problem any_layer(Draws& draws) {
    constexpr double kMostSize[] = {20, 10, 6}, kMostKernel[] = {10, 6, 3.5};
    for (;;) {
        Problem problem;
        problem.rank = static_cast<int>(draws.between(1, 3));
        const auto rank = static_cast<std::size_t>(problem.rank - 1);
        problem.batch = any_size(draws, 7);
        problem.groups = draws.one_in(3) ? any_size(draws, 6) : 1;
        problem.coarse_channels = problem.groups * any_size(draws, 10.5);
        problem.fine_channels = problem.groups * any_size(draws, 10.5);
        for (Axis& axis : problem.spatial()) {
            axis.coarse = any_size(draws, kMostSize[rank]);
            axis.kernel = any_size(draws, kMostKernel[rank]);
            axis.stride = any_size(draws, draws.one_in(2) ? 7 : 3);
            axis.dilation = draws.one_in(3) ? any_size(draws, 4) : 1;
            axis.padding_begin = std::min(axis.full_size() - 1, any_size(draws, 5) - 1);
            axis.fine = axis.full_size() - axis.padding_begin;
        }
        problem.dtype = draws.one_in(3) ? DType::f64 : DType::f32;
        problem.layout = draws.one_in(3) ? Layout::channels_last : Layout::channels_first;
        problem.has_sum = draws.one_in(3);
        constexpr std::int64_t kMostElements = std::int64_t{1} << 30;
        if (validate(problem) && problem.coarse_elements() < kMostElements && problem.fine_elements() < kMostElements &&
            problem.weight_elements() < kMostElements)
            return problem;
    }
}

// Kernels that reach far, for one written channel of several: pairs of rows would want them all in a panel.
Problem far_reaching_layer(Draws& draws) {
    Problem problem;
    problem.rank = static_cast<int>(draws.between(2, 3));
    problem.coarse_channels = any_size(draws, 7);
    for (Axis& axis : problem.spatial()) {
        axis.coarse = any_size(draws, problem.rank == 2 ? 10 : 7);
        axis.kernel = any_size(draws, 6);
        axis.stride = any_size(draws, 2);
        axis.fine = axis.full_size();
    }
    Axis& last = problem.axes.back();
    last.kernel = draws.between(1, 3);
    last.dilation = any_size(draws, 8);
    last.fine = last.full_size();
    problem.dtype = draws.one_in(2) ? DType::f64 : DType::f32;
    return problem;
}

TEST(Workspace, IsFourMebibytesForEachWorkerAtMost) {
    for (int i = 0; i < fewer_if_sanitized(2000); ++i) {
        const std::uint64_t seed = base_seed() + static_cast<std::uint64_t>(i);
        Draws draws(seed);
        const Problem problem = draws.one_in(4) ? far_reaching_layer(draws) : any_layer(draws);
        if (!validate(problem)) continue;
        for (const Pass pass : kPasses)
            for (const std::string& method : methods_of(pass)) {
                Setting setting;
                setting.method = method;
                setting.unit = any_unit(draws, method);
                setting.threads = static_cast<int>(draws.between(1, 3));
                if (method == "reference") continue;  // the definition, only by name
                const auto plan = plan_for(problem, pass, setting);
                if (!plan) continue;
                const std::string words = "TCONV_TEST_SEED=" + std::to_string(seed) + ": " + name_of(pass) + " of '" +
                                          to_text(problem) + "', " + to_text(setting);
                // Sums may take a private gradient more.
                const std::int64_t gradient =
                    pass == Pass::weight_grad ? problem.weight_elements() * size_of(problem.dtype) : 0;
                ASSERT_LE(plan->workspace_bytes(), plan->threads() * ((std::int64_t{4} << 20) + gradient)) << words;
                EXPECT_NE(plan->method(), "reference") << words;
            }
    }
}

}  // namespace
}  // namespace tconv::testing
