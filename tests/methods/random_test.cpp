// Random problems by every method, kernel unit and number of threads, against the definition.
#include "support.h"

namespace tconv::testing {
namespace {

constexpr int kShards = 4;  // so that ctest can run them side by side

class RandomProblems : public ::testing::TestWithParam<int> {};

TEST_P(RandomProblems, AreComputedAsDefinedByEveryMethod) {
    const int count = fewer_if_sanitized(1000);
    int accepted = 0, refused = 0;
    for (int i = 0; i < count; ++i) {
        const std::uint64_t seed = base_seed() + static_cast<std::uint64_t>(GetParam() * count + i);
        Draws draws(seed);
        const Problem problem = random_problem(draws, kMostProducts);
        ASSERT_TRUE(validate(problem).ok()) << to_text(problem);
        const Pass pass = kPasses[draws.between(0, 2)];
        const Trial trial{problem, pass, draws.one_in(2) ? Values::real : Values::whole, draws.word()};
        const Answer answer = answer_to(trial);
        for (const std::string& method : methods_of(pass)) {
            if (!is_comparable(method, trial)) continue;
            Setting setting = any_setting(draws, method, problem);
            if (pass != Pass::weight_grad && draws.one_in(3))
                setting.output_strides = random_slice(problem, pass, draws);
            const std::string words = describe(seed, trial, setting);
            const Doing doing(words);
            bool is_refused = false;
            EXPECT_EQ(what_is_wrong(trial, answer, setting, &is_refused), "") << words;
            // For many channels of f32 (split_test.cpp), and for some kernels (winograd_test.cpp).
            if ((method == "split_gemm" || method == "winograd" || method == "natural_add") && is_refused) continue;
            ++(is_refused ? refused : accepted);
            if (HasFailure()) return;
        }
    }
    RecordProperty("accepted", accepted);
    RecordProperty("refused", refused);
    EXPECT_GT(accepted, 4 * refused) << "the methods refuse so much that little is tested";
}

INSTANTIATE_TEST_SUITE_P(Shard, RandomProblems, ::testing::Range(0, kShards));

}  // namespace
}  // namespace tconv::testing
