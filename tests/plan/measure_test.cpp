// Measuring: what is refused, and numbers that are positive and finite. How large they are is the machine's business.
#include "tconv/measure.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace tconv {
namespace {

bool is_a_speed(const Result<double>& measured) { return measured && std::isfinite(*measured) && *measured > 0; }

TEST(Measure, PeaksOfEveryInstructionSetAndNumberOfThreads) {
    for (const Isa isa : available_isas())
        for (const int threads : {1, 3})
            for (const DType dtype : {DType::f32, DType::f64}) {
                PlanOptions options;
                options.isa = isa;
                options.threads = threads;
                EXPECT_TRUE(is_a_speed(measure_peak_gflops(dtype, options))) << to_string(isa) << " " << threads;
            }
}

TEST(Measure, BandwidthsOfAnyWorkingSet) {
    EXPECT_GE(memory_working_set(), std::int64_t{128} << 20);
    PlanOptions options;
    for (const int threads : {1, 2}) {
        options.threads = threads;
        for (const std::int64_t bytes :
             {std::numeric_limits<std::int64_t>::min(), std::int64_t{0}, std::int64_t{100'000}, std::int64_t{20} << 20,
              std::numeric_limits<std::int64_t>::max()})
            EXPECT_TRUE(is_a_speed(measure_bandwidth_gbs(bytes, options))) << bytes;
    }
}

TEST(Measure, TheHostsExecutorRunsAllWorkers) {
    std::set<std::int64_t> seen;
    PlanOptions options;
    options.threads = 3;
    options.executor = Executor{[](void* context, std::int64_t count, Executor::Body body, void* data) {
                                    for (std::int64_t i = 0; i < count; ++i) {
                                        static_cast<std::set<std::int64_t>*>(context)->insert(i);
                                        body(data, i);
                                    }
                                },
                                &seen};
    EXPECT_TRUE(is_a_speed(measure_peak_gflops(DType::f32, options)));
    EXPECT_EQ(seen, (std::set<std::int64_t>{0, 1, 2}));
    options.executor = Executor{};  // no function: a plain loop
    EXPECT_TRUE(is_a_speed(measure_bandwidth_gbs(1 << 20, options)));
}

TEST(Measure, WhatIsRefused) {
    for (const int threads : {-1, 4097}) {
        PlanOptions options;
        options.threads = threads;
        for (const auto& measured : {measure_peak_gflops(DType::f32, options), measure_bandwidth_gbs(1000, options)}) {
            ASSERT_FALSE(measured);
            EXPECT_EQ(measured.error().code, ErrorCode::invalid_argument);
            EXPECT_NE(measured.error().message.find("threads"), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace tconv
