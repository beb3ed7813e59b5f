// run(): its statuses, that it allocates nothing, that anybody's threads give the same bits, at the same time too.
#include <atomic>
#include <thread>

#include "allocations.h"
#include "support.h"
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace tconv::testing {
namespace {

constexpr const char* kText = "n2 ic16 oc12 i20x20 k4 s2 p1 bias relu";

struct Ready {
    explicit Ready(const char* text = kText, Pass pass = Pass::scatter, const PlanOptions& options = {})
        : plan(planned(text, pass, options)),
          arrays(plan.problem(), pass),
          weights(pass == Pass::weight_grad ? PackedWeights() : packed(plan, arrays)),
          workspace(workspace_of(plan)),
          output(pass == Pass::scatter  ? arrays.fine.size()
                 : pass == Pass::gather ? arrays.coarse.size()
                                        : arrays.weights.size()) {}

    RunArguments arguments() {
        return {.input = plan.pass() == Pass::scatter ? arrays.coarse.data() : arrays.fine.data(),
                .bias = plan.problem().has_bias ? arrays.bias.data() : nullptr,
                .residual = plan.problem().has_sum ? arrays.residual.data() : nullptr,
                .output = output.data(),
                .workspace = workspace.data()};
    }

    Plan plan;
    Arrays arrays;
    PackedWeights weights;
    AlignedBuffer workspace;
    std::vector<float> output;
};

TEST(Run, TellsWhatIsWrong) {
    Ready ready;
    const auto status = [&](auto change) {
        RunArguments arguments = ready.arguments();
        change(arguments);
        return run(ready.plan, ready.weights, arguments);
    };
    float number = 0;
    EXPECT_EQ(status([](RunArguments&) {}), RunStatus::done);
    EXPECT_EQ(status([](RunArguments& a) { a.input = nullptr; }), RunStatus::missing_array);
    EXPECT_EQ(status([](RunArguments& a) { a.output = nullptr; }), RunStatus::missing_array);
    EXPECT_EQ(status([](RunArguments& a) { a.bias = nullptr; }), RunStatus::missing_array);
    EXPECT_EQ(status([&](RunArguments& a) { a.residual = &number; }), RunStatus::missing_array);
    EXPECT_EQ(run(ready.plan, PackedWeights(), ready.arguments()), RunStatus::wrong_weights);
    Ready other("n2 ic16 oc12 i20x20 k4 s1 p1 bias relu");
    EXPECT_EQ(run(ready.plan, other.weights, ready.arguments()), RunStatus::wrong_weights);
    Ready gradient(kText, Pass::weight_grad);
    EXPECT_EQ(run(gradient.plan, ready.weights, ready.arguments()), RunStatus::wrong_pass);
    EXPECT_EQ(run_weight_grad(ready.plan, &number, &number, &number, nullptr), RunStatus::wrong_pass);
    EXPECT_EQ(run_weight_grad(gradient.plan, nullptr, &number, &number, gradient.workspace.data()),
              RunStatus::missing_array);
    for (Ready* each : {&ready, &gradient}) {
        if (each->plan.workspace_bytes() == 0) continue;
        for (void* const workspace : {static_cast<void*>(nullptr), static_cast<void*>(each->workspace.data() + 4)}) {
            RunArguments arguments = each->arguments();
            arguments.workspace = workspace;
            EXPECT_EQ(each == &ready ? run(ready.plan, ready.weights, arguments)
                                     : run_weight_grad(gradient.plan, gradient.arrays.coarse.data(),
                                                       gradient.arrays.fine.data(), gradient.output.data(), workspace),
                      RunStatus::wrong_workspace);
        }
    }
}

TEST(Run, HasASentenceForEveryStatus) {
    std::vector<std::string> sentences;
    for (const RunStatus status : {RunStatus::done, RunStatus::wrong_weights, RunStatus::missing_array,
                                   RunStatus::wrong_pass, RunStatus::wrong_workspace})
        for (const std::string& before : sentences) EXPECT_NE(before, sentences.emplace_back(to_string(status)));
}

TEST(Run, WritesNothingWhereNothingIs) {
    for (const char* text : {"n0 ic3 oc2 i4 k3", "ic3 oc0 i4 k3"}) {
        const Plan plan = planned(text, Pass::scatter);
        const float weights[18]{};
        EXPECT_EQ(run(plan, *pack(plan, weights), {}), RunStatus::done) << text;
    }
    EXPECT_EQ(run_weight_grad(planned("ic0 oc2 i4 k3", Pass::weight_grad), nullptr, nullptr, nullptr, nullptr),
              RunStatus::done);
}

TEST(Run, WritesBiasesWhereNothingIsRead) {
    for (const Pass pass : {Pass::scatter, Pass::gather}) {
        const Problem problem = parsed(pass == Pass::scatter ? "ic0 oc3 i4x5 k3 s2 bias" : "ic3 oc0 i4x5 k3 s2 bias");
        const Arrays arrays(problem, pass);
        for (const std::string_view method : method_names(pass)) {
            const auto plan = make_plan(problem, pass, {.method = std::string(method)});
            if (!plan) continue;
            EXPECT_EQ(computed(*plan, arrays), expected(problem, pass, arrays)) << method;
        }
    }
    const Plan gradient = planned("n0 ic3 oc2 i4 k3", Pass::weight_grad);
    EXPECT_EQ(computed(gradient, Arrays(gradient.problem(), Pass::weight_grad)), std::vector<float>(18));
}

TEST(Run, AllocatesNothing) {
    for (const Pass pass : {Pass::scatter, Pass::gather, Pass::weight_grad})
        for (const std::string_view method : method_names(pass))
            for (const int threads : {1, 3}) {
                const PlanOptions options{
                    .threads = threads, .method = std::string(method), .serial_below_microseconds = 0};
                if (!make_plan(parsed(kText), pass, options)) continue;
                Ready ready(kText, pass, options);
                const auto once = [&] {
                    return pass == Pass::weight_grad
                               ? run_weight_grad(ready.plan, ready.arrays.coarse.data(), ready.arrays.fine.data(),
                                                 ready.output.data(), ready.workspace.data())
                               : run(ready.plan, ready.weights, ready.arguments());
                };
                ASSERT_EQ(once(), RunStatus::done);
                const long before = allocations();
#if defined(__GLIBC__)
                const auto bytes_before = mallinfo2().uordblks;
#endif
                ASSERT_EQ(once(), RunStatus::done);
#if defined(__GLIBC__)
                EXPECT_EQ(mallinfo2().uordblks, bytes_before) << method;
#endif
                EXPECT_EQ(allocations(), before) << method;
            }
}

TEST(Run, GivesTheSameBitsOnAnyNumberOfThreads) {
    std::mt19937 random(7);
    for (const Pass pass : {Pass::scatter, Pass::gather, Pass::weight_grad})
        for (const std::string_view method : method_names(pass)) {
            std::vector<float> one;
            for (const int threads : {1, 2, 3, 5, 16}) {
                const auto plan =
                    make_plan(parsed(kText), pass,
                              {.threads = threads, .method = std::string(method), .serial_below_microseconds = 0});
                if (!plan) continue;
                Arrays arrays(plan->problem(), pass);
                std::mt19937 again = random;
                for (std::vector<float>* values : {&arrays.coarse, &arrays.fine, &arrays.weights})
                    for (float& value : *values) value = std::normal_distribution<float>()(again);
                const auto many = computed(*plan, arrays);
                if (one.empty()) one = many;
                EXPECT_EQ(many, one) << method << " on " << threads;
            }
        }
}

#if !defined(__wasm__)  // where there are none
TEST(Run, ServesManyThreadsAtATime) {
    Ready ready(kText, Pass::scatter, {.threads = 2, .serial_below_microseconds = 0});
    const auto wanted = expected(ready.plan.problem(), Pass::scatter, ready.arrays);
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int again = 0; again < 5; ++again)
                right += computed(ready.plan, ready.weights, ready.arrays) == wanted;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(right, 20);
}
#endif

// A host's pool, which runs bodies backwards and counts them.
struct Host {
    std::atomic<std::int64_t> bodies{0};
    static void parallel_for(void* context, std::int64_t count, Executor::Body body, void* data) {
        for (std::int64_t i = count; i-- > 0;) body(data, i);
        static_cast<Host*>(context)->bodies += count;
    }
};

TEST(Run, RunsOnTheHostsThreads) {
    Host planned_host, other_host;
    for (const Pass pass : {Pass::scatter, Pass::gather}) {
        const Problem problem = parsed("n2 ic16 oc12 i20x20 k4 s2 p1");
        const Arrays arrays(problem, pass);
        const Plan plan = planned(problem, pass,
                                  {.threads = 3,
                                   .method = "direct",
                                   .executor = Executor{Host::parallel_for, &planned_host},
                                   .serial_below_microseconds = 0});
        planned_host.bodies = other_host.bodies = 0;
        EXPECT_EQ(computed(plan, arrays), expected(problem, pass, arrays));
        EXPECT_GE(planned_host.bodies, 3);
        const Executor other{Host::parallel_for, &other_host};
        planned_host.bodies = 0;
        EXPECT_EQ(computed(plan, arrays, &other), expected(problem, pass, arrays));
        EXPECT_EQ(planned_host.bodies, 0);
        EXPECT_GE(other_host.bodies, 3);
        const Executor loop{};
        EXPECT_EQ(computed(plan, arrays, &loop), expected(problem, pass, arrays));
    }
}

}  // namespace
}  // namespace tconv::testing
