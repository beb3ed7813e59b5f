// Real layers (bench/zoo.json beside the conformance cases): each has a fast method for every pass, and keeps to little
// memory.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "conformance/support/cases.h"
#include "support.h"

namespace tconv::testing {
namespace {

std::string zoo_file() { return test::conformance_folder() + "/../../bench/zoo.json"; }

Problem layer_of(const nlohmann::json& layer) {
    ProblemTokens tokens;
    tokens.batch = layer["n"];
    tokens.groups = layer["g"];
    tokens.coarse_channels = layer["cin"];
    tokens.fine_channels = layer["cout"];
    tokens.coarse = layer["in"].get<ProblemTokens::List>();
    tokens.kernel = layer["k"].get<ProblemTokens::List>();
    tokens.stride = layer["s"].get<ProblemTokens::List>();
    tokens.padding_begin = tokens.padding_end = layer["p"].get<ProblemTokens::List>();
    tokens.output_padding = layer["op"].get<ProblemTokens::List>();
    tokens.dilation = layer["d"].get<ProblemTokens::List>();
    tokens.name = layer["name"];
    const auto problem = to_problem(tokens);
    EXPECT_TRUE(problem.ok()) << layer;
    return problem ? *problem : Problem{};
}

/// For each worker; weight_grad may hold a private gradient beside.
std::int64_t most_workspace(const Problem& problem, Pass pass, int threads) {
    constexpr std::int64_t kMost = std::int64_t{4} << 20;
    const std::int64_t own = pass == Pass::weight_grad ? problem.weight_elements() * size_of(problem.dtype) : 0;
    return threads * (kMost + own);
}

TEST(Zoo, HasFastMethodsForEveryPass) {
    if (test::conformance_folder().empty() || !std::filesystem::exists(zoo_file()))
        GTEST_SKIP() << "there is no bench/zoo.json; set TCONV_SHARED to the folder that holds it";
    std::ifstream file(zoo_file());
    const auto layers = nlohmann::json::parse(file);
    EXPECT_GT(layers.size(), 30u);
    for (const auto& layer : layers)
        for (const Isa isa : available_isas())
            for (const Pass pass : kPasses)
                for (const int threads : {1, 2, 8}) {
                    const Problem problem = layer_of(layer);
                    const auto plan = make_plan(problem, pass, {.threads = threads, .isa = isa});
                    const std::string words = std::string(name_of(pass)) + " of '" + to_text(problem) + "' with " +
                                              std::string(to_string(isa)) + " on " + std::to_string(threads);
                    ASSERT_TRUE(plan.ok()) << words;
                    EXPECT_NE(plan->method(), "reference") << words;
                    EXPECT_TRUE(isa == Isa::portable || plan->method() != "direct") << words;
                    EXPECT_LE(plan->workspace_bytes(), most_workspace(problem, pass, plan->threads()))
                        << words << ", " << plan->method();
                }
}

}  // namespace
}  // namespace tconv::testing
