// One-call passes: plans that are kept, options, writing into given tensors, and sums of channels. What they compute is
// checked in tests/reference/passes_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <limits>
#include <thread>
#include <vector>

#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/passes.h"
#include "tconv/problem_text.h"
#include "tconv/reference.h"
#include "tensor/plan_cache.h"

namespace tconv {
namespace {

using ::testing::HasSubstr;

Problem parsed(const std::string& text) { return parse_problem(text).value(); }

// Small whole numbers, so that every sum is exact.
Tensor numbered(const Shape& shape, DType dtype = DType::f32) {
    const std::int64_t count = element_count(shape).value();
    const Tensor values = zeros({count}, dtype);
    for (std::int64_t i = 0; i < count; ++i) values(i) = static_cast<double>(i * 7 % 11 - 5);
    return values.reshape(shape);
}

struct Arrays {
    explicit Arrays(const Problem& problem)
        : x(numbered(coarse_shape(problem), problem.dtype)),
          y(numbered(fine_shape(problem), problem.dtype)),
          w(numbered(weight_shape(problem), problem.dtype)) {}
    Tensor x, y, w;
};

std::int64_t plans_made_by(const std::function<void()>& action) {
    const std::int64_t before = plan_cache::statistics().made;
    action();
    return plan_cache::statistics().made - before;
}

TEST(OneCall, PlansOnceInALoop) {
    const Problem problem = parsed("n2 ic3 oc4 i5x7 k4 s2 p1");
    const Arrays a(problem);
    const auto all_passes = [&](const Problem& asked) {
        ASSERT_TRUE(scatter(asked, a.x, a.w).ok());
        ASSERT_TRUE(gather(asked, a.y, a.w).ok());
        ASSERT_TRUE(weight_grad(asked, a.x, a.y).ok());
    };
    EXPECT_EQ(plans_made_by([&] { all_passes(problem); }), 3);
    EXPECT_EQ(plans_made_by([&] {
                  for (int i = 0; i < 10; ++i) all_passes(problem);
              }),
              0);
    Problem named = problem;
    named.name = "a name is no part of the mathematics";
    EXPECT_EQ(plans_made_by([&] { all_passes(named); }), 0);
}

TEST(OneCall, PlansAnewForWhatMatters) {
    const Problem problem = parsed("n2 ic3 oc4 i5x6 k4 s2 p1");
    const Arrays a(problem);
    const auto made = [&](const PlanOptions& options) {
        return plans_made_by([&] { EXPECT_TRUE(scatter(problem, a.x, a.w, nullptr, nullptr, options).ok()); });
    };
    EXPECT_EQ(made({.threads = 1}), 1);
    EXPECT_EQ(made({.threads = 1}), 0);
    EXPECT_EQ(made({.threads = 2}), 1);
    EXPECT_EQ(made({.threads = 1, .isa = default_isa().value()}), 0) << "the one that it would take anyhow";
    EXPECT_EQ(made({.threads = 1, .method = "reference"}), 1);
    EXPECT_EQ(made({.threads = 1, .serial_below_microseconds = 0}), 1);
    EXPECT_EQ(made({.threads = 1, .allow_winograd = true}), 1);
    EXPECT_EQ(made({.threads = 1, .executor = Executor{}}), 0) << "never kept, and not counted";
    const bool has_others = available_isas().size() > 1;
    EXPECT_EQ(made({.threads = 1, .isa = Isa::portable}), has_others ? 1 : 0);
}

// Weights that are read as they are: those of this call, not those of the one before.
TEST(OneCall, ReadsTheWeightsThatItIsGiven) {
    const Problem problem = parsed("ic64 oc96 i1x1 k4");
    const Arrays a(problem), b(problem);
    const Tensor others = b.w.reshape({b.w.elements()});
    for (std::int64_t i = 0; i < others.elements(); ++i) others(i) = static_cast<double>(i % 5 - 2);
    for (const char* const method : {"natural_add", "direct", "auto"})
        for (const Arrays* const arrays : {&a, &b, &a}) {
            const auto expected = scatter(problem, arrays->x, arrays->w, nullptr, nullptr, {.method = "reference"});
            const auto found = scatter(problem, arrays->x, arrays->w, nullptr, nullptr, {.method = method});
            ASSERT_TRUE(found.ok()) << found.error().message;
            EXPECT_TRUE(array_equal(*found, *expected)) << method;
        }
}

// What a thread keeps from a call with weights that are not finite is not taken for the next one's.
TEST(OneCall, ForgetsThatWeightsWereNotFinite) {
    const Problem wide = parsed("ic8 oc8 i9x9 k3"), single = parsed("ic64 oc96 i1x1 k4");
    const Arrays a(wide), b(single);
    a.w.reshape({a.w.elements()})(0) = std::numeric_limits<double>::infinity();
    ASSERT_TRUE(scatter(wide, a.x, a.w, nullptr, nullptr, {.method = "phase_gemm"}).ok());
    const auto found = scatter(single, b.x, b.w, nullptr, nullptr, {.method = "natural_add"});
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_TRUE(array_equal(*found, *scatter(single, b.x, b.w, nullptr, nullptr, {.method = "reference"})));
}

TEST(OneCall, KeepsTheLatestPlans) {
    const auto once = [](std::size_t size) {
        const Problem problem = parsed("ic2 i" + std::to_string(size) + " k3");
        const Arrays a(problem);
        return plans_made_by([&] { EXPECT_TRUE(scatter(problem, a.x, a.w).ok()); });
    };
    for (std::size_t i = 1; i <= plan_cache::kMostPlans; ++i) once(100 + i);
    EXPECT_EQ(once(101), 0) << "all of them fit, and this one is the latest now";
    EXPECT_EQ(once(1000), 1);
    EXPECT_EQ(once(101), 0);
    EXPECT_EQ(once(102), 1) << "it was the one that left";
}

TEST(OneCall, ServesManyThreads) {
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&right, t] {
            for (int i = 0; i < 40; ++i) {
                const Problem problem = parsed("ic2 oc2 i" + std::to_string(3 + (i + t) % 40) + " k3 s2");
                const Arrays a(problem);
                const Tensor y = scatter(problem, a.x, a.w, nullptr, nullptr, {.threads = 2}).value();
                const Tensor z = scatter(problem, a.x, a.w, nullptr, nullptr, {.method = "reference"}).value();
                right += array_equal(y, z);
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(right, 160);
}

TEST(OneCall, TellsWhatIsWrongWithOptions) {
    const Problem problem = parsed("i4 k3");
    const Arrays a(problem);
    const auto refusal = scatter(problem, a.x, a.w, nullptr, nullptr, {.method = "magic"});
    EXPECT_EQ(refusal.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(refusal.error().message, HasSubstr("magic"));
    EXPECT_THAT(weight_grad(problem, a.x, a.y, {.threads = -1}).error().message, HasSubstr("-1"));
    EXPECT_THAT(bias_grad(problem, Pass::scatter, a.y, {.threads = -1}).error().message, HasSubstr("-1"));
}

// A pool whose waiting caller begins another call of its own, as pools that steal work do.
TEST(OneCall, MayBeginAnotherCallWhileItRuns) {
    const Problem problem = parsed("ic4 oc4 i16x16 k4 s2 p1");
    const Arrays a(problem);
    struct Host {
        const Problem& problem;
        const Arrays& arrays;
        bool is_right = true;
        int depth = 0;
        static void parallel_for(void* context, std::int64_t count, Executor::Body body, void* data) {
            Host& host = *static_cast<Host*>(context);
            for (std::int64_t i = 0; i < count; ++i) {
                if (host.depth == 0) {
                    ++host.depth;
                    host.check();
                    --host.depth;
                }
                body(data, i);
            }
        }
        void check() {
            const PlanOptions options{
                .threads = 3, .executor = Executor{parallel_for, this}, .serial_below_microseconds = 0};
            const Tensor y = scatter(problem, arrays.x, arrays.w, nullptr, nullptr, options).value();
            const Tensor z = scatter(problem, arrays.x, arrays.w, nullptr, nullptr, {.method = "reference"}).value();
            is_right = is_right && array_equal(y, z);
        }
    } host{problem, a};
    host.check();
    EXPECT_TRUE(host.is_right);
}

TEST(Into, WritesSlicesOfLargerTensors) {
    for (const char* text : {"n2 ic3 oc4 i5x6 k4 s2 p1 bias relu sum", "n2 ic3 oc4 i5x6 k3 s2 p1 nhwc bias sum",
                             "ic2 oc3 i7 k3 s3", "ic2 oc2 i3x2x4 k2 s2 f64"}) {
        const Problem problem = parsed(text);
        const Arrays a(problem);
        const Tensor bias = numbered({problem.fine_channels}, problem.dtype);
        const Tensor *b = problem.has_bias ? &bias : nullptr, *r = problem.has_sum ? &a.y : nullptr;
        const Tensor wanted = scatter(problem, a.x, a.w, b, r).value();
        // One more on either side of every axis.
        Shape larger = wanted.shape();
        std::vector<Index> middle;
        for (std::int64_t& size : larger) {
            middle.emplace_back(Slice(1, size + 1));
            size += 2;
        }
        const Tensor around = full(larger, 99, problem.dtype), untouched = full(larger, 99, problem.dtype);
        ASSERT_TRUE(scatter_into(around.view(middle), problem, a.x, a.w, b, r).ok()) << text;
        untouched.view(middle).assign(wanted);
        EXPECT_TRUE(array_equal(around, untouched)) << text;
        if (problem.has_sum) {  // the output itself is the residual
            around.view(middle).assign(a.y);
            const Tensor slice = around.view(middle);
            ASSERT_TRUE(scatter_into(slice, problem, a.x, a.w, b, &slice).ok()) << text;
            EXPECT_TRUE(array_equal(around, untouched)) << text;
        }
    }
}

TEST(Into, ServesTheOtherPasses) {
    const Problem problem = parsed("n2 ic3 oc4 i5x6 k4 s2 p1");
    const Arrays a(problem);
    const Tensor x = full(coarse_shape(problem), 99), dw = full(weight_shape(problem), 99);
    ASSERT_TRUE(gather_into(x, problem, a.y, a.w).ok());
    EXPECT_TRUE(array_equal(x, gather(problem, a.y, a.w).value()));
    ASSERT_TRUE(weight_grad_into(dw, problem, a.x, a.y).ok());
    EXPECT_TRUE(array_equal(dw, weight_grad(problem, a.x, a.y).value()));
}

TEST(Into, CopiesWhatItWouldOverwrite) {
    const Problem problem = parsed("ic2 oc2 i6 k3 p1 sum");  // both sides are as large
    const Tensor values = numbered({1, 2, 6}), w = numbered(weight_shape(problem));
    const Tensor wanted = scatter(problem, values, w, nullptr, &values).value();
    const Tensor all = zeros({1, 2, 7});
    const Tensor slice = all(Slice(), Slice(), Slice(0, 6)), next = all(Slice(), Slice(), Slice(1, 7));
    slice.assign(values);
    ASSERT_TRUE(scatter_into(slice, problem, slice, w, nullptr, &slice).ok());
    EXPECT_TRUE(array_equal(slice, wanted));
    slice.assign(values);
    ASSERT_TRUE(scatter_into(next, problem, slice, w, nullptr, &slice).ok());
    EXPECT_TRUE(array_equal(next, wanted));
}

TEST(Into, RefusesOutputsThatDoNotFit) {
    const Problem problem = parsed("n2 ic3 oc4 i5x6 k4 s2 p1");
    const Arrays a(problem);
    const auto refused = [&](const Tensor& output) {
        const auto ok = scatter_into(output, problem, a.x, a.w);
        return ok ? std::string() : ok.error().message;
    };
    EXPECT_THAT(refused(zeros({2, 4, 10, 11})), HasSubstr("(2, 4, 10, 11) given for the output"));
    EXPECT_THAT(refused(zeros({2, 4, 10, 12}, DType::f64)), HasSubstr("f64"));
    EXPECT_EQ(refused(zeros({2, 4, 12, 10}).transpose({0, 1, 3, 2})), "") << "any order of strides will do";
    EXPECT_THAT(weight_grad_into(zeros({4, 3, 4, 4}).transpose({1, 0, 2, 3}), problem, a.x, a.y).error().message,
                HasSubstr("contiguous"));
}

TEST(BiasGrad, SumsInDoubleWhateverTheThreads) {
    for (const char* text : {"n3 ic2 oc5 i40x33 k3 s2", "n3 ic2 oc21 i40x33 k3 s2 nhwc", "n2 ic3 oc4 i50 k3 f64"}) {
        const Problem problem = parsed(text);
        for (const Pass side : {Pass::scatter, Pass::gather}) {
            const Shape shape = side == Pass::scatter ? fine_shape(problem) : coarse_shape(problem);
            const Tensor dy = uniform(shape, 3, -1, 1, problem.dtype), wide = dy.to(DType::f64).value();
            const std::int64_t channels = side == Pass::scatter ? problem.fine_channels : problem.coarse_channels;
            const Tensor sums = zeros({channels}, DType::f64);
            Tensor target = sums;
            reference::bias_grad(problem, side, wide.as<double>().data(), target.as<double>().data());
            const Tensor one = bias_grad(problem, side, dy, {.threads = 1}).value();
            EXPECT_TRUE(allclose(one, sums.to(problem.dtype).value(), 1e-6, 1e-6)) << text;
            const Tensor three = bias_grad(problem, side, dy, {.threads = 3, .serial_below_microseconds = 0}).value();
            EXPECT_TRUE(array_equal(one, three)) << text;
        }
    }
    // Single precision would lose the small ones beside the large one.
    const Problem problem = parsed("ic1 oc1 i3 k1");
    const Tensor dy = tensor({{{16777216., 1., 1.}}}).to(DType::f32).value();
    EXPECT_EQ(bias_grad(problem, Pass::scatter, dy).value().item(), 16777218);
}

}  // namespace
}  // namespace tconv
