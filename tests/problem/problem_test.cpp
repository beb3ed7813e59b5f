// The value type and validate(): what is refused, with the sentence, and what is accepted.
#include "tconv/problem.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tconv {
namespace {

constexpr std::int64_t kBig = std::int64_t{1} << 62;

Problem small() {
    Problem problem;
    problem.coarse_channels = 4;
    problem.fine_channels = 6;
    problem.groups = 2;
    problem.axes = {Axis{}, Axis{4, 9, 3, 2, 1, 0, 0}, Axis{5, 11, 3, 2, 1, 1, 0}};
    return problem;
}

void expect_refused(const Problem& problem, const std::string& part) {
    auto ok = validate(problem);
    ASSERT_FALSE(ok.ok()) << part;
    EXPECT_EQ(ok.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(ok.error().message.find(part), std::string::npos) << ok.error().message;
    EXPECT_EQ(ok.error().message.find('\n'), std::string::npos);
}

TEST(Axis, SizesOfTheLessons) {
    const Axis axis{4, 10, 3, 2, 2, 1, 0};
    EXPECT_EQ(axis.kernel_extent(), 5);
    EXPECT_EQ(axis.full_size(), 11);
    EXPECT_EQ(axis.output_padding(), 0);
    EXPECT_EQ((Axis{4, 12, 3, 2, 2, 1, 0}).output_padding(), 2);
    EXPECT_EQ((Axis{4, 7, 3, 2, 2, 1, 0}).output_padding(), -3);
}

TEST(Problem, CountsElements) {
    Problem problem = small();
    problem.batch = 3;
    EXPECT_EQ(problem.coarse_positions(), 20);
    EXPECT_EQ(problem.fine_positions(), 99);
    EXPECT_EQ(problem.taps(), 9);
    EXPECT_EQ(problem.coarse_elements(), 3 * 4 * 20);
    EXPECT_EQ(problem.fine_elements(), 3 * 6 * 99);
    EXPECT_EQ(problem.weight_elements(), 4 * 3 * 9);
    EXPECT_EQ(problem.spatial().size(), 2u);
    EXPECT_EQ(problem.spatial()[0].coarse, 4);
}

TEST(Validate, AcceptsWhatCanBeComputed) {
    EXPECT_TRUE(validate(small()).ok());
    EXPECT_TRUE(validate(Problem{}).ok());
    for (std::int64_t Problem::* count : {&Problem::batch, &Problem::coarse_channels, &Problem::fine_channels}) {
        Problem problem = small();
        problem.*count = 0;
        EXPECT_TRUE(validate(problem).ok());
    }
    Problem problem = small();
    problem.axes[2] = {1, 1, 1, 1, 1, 50, 50};  // padding far beyond the canvas: nothing but the bias
    EXPECT_TRUE(validate(problem).ok());
}

TEST(Validate, RefusesRanks) {
    for (const int rank : {-1, 0, 4, 100}) {
        Problem problem = small();
        problem.rank = rank;
        expect_refused(problem, "rank " + std::to_string(rank));
    }
    Problem problem = small();
    problem.rank = 1;  // axes[1] is used, but not part of the rank
    expect_refused(problem, "axis beyond the rank");
}

TEST(Validate, RefusesEveryParameterBelowItsLeast) {
    const struct {
        std::int64_t Axis::* field;
        std::int64_t least;
        const char* name;
    } fields[] = {{&Axis::coarse, 1, "input (coarse) size"}, {&Axis::fine, 1, "output (fine) size"},
                  {&Axis::kernel, 1, "kernel size"},         {&Axis::stride, 1, "stride"},
                  {&Axis::dilation, 1, "dilation"},          {&Axis::padding_begin, 0, "padding"},
                  {&Axis::padding_end, 0, "padding"}};
    for (const auto& f : fields)
        for (const std::int64_t value :
             {f.least - 1, std::int64_t{-1}, -kBig, std::numeric_limits<std::int64_t>::min()}) {
            Problem problem = small();
            problem.axes[2].*f.field = value;
            expect_refused(problem, std::string(f.name) + " " + std::to_string(value));
        }
    const struct {
        std::int64_t Problem::* field;
        std::int64_t least;
        const char* name;
    } counts[] = {{&Problem::batch, 0, "batch"},
                  {&Problem::groups, 1, "groups"},
                  {&Problem::coarse_channels, 0, "channels"},
                  {&Problem::fine_channels, 0, "channels"}};
    for (const auto& c : counts)
        for (const std::int64_t value : {c.least - 1, -kBig, std::numeric_limits<std::int64_t>::min()}) {
            Problem problem = small();
            problem.*c.field = value;
            expect_refused(problem, std::string(c.name) + " " + std::to_string(value));
        }
}

TEST(Validate, RefusesSizesThatOverflow) {
    for (std::int64_t Axis::* field : {&Axis::coarse, &Axis::fine, &Axis::kernel, &Axis::stride, &Axis::dilation,
                                       &Axis::padding_begin, &Axis::padding_end})
        for (const std::int64_t value : {kBig, std::numeric_limits<std::int64_t>::max()}) {
            Problem problem = small();
            problem.axes[2].*field = value;
            expect_refused(problem, "overflow");
        }
    for (std::int64_t Problem::* field : {&Problem::batch, &Problem::coarse_channels, &Problem::fine_channels}) {
        Problem problem = small();
        problem.*field = kBig;
        expect_refused(problem, "2^62 bytes");
    }
    Problem problem = small();
    problem.groups = std::int64_t{1} << 40;
    expect_refused(problem, "divisible by groups 1099511627776; the largest common choice is groups");
}

// A size of zero does not excuse the others: an array of them is computed with the zero put right elsewhere.
TEST(Validate, ZeroDoesNotHideAnOverflow) {
    Problem problem;
    problem.rank = 1;
    problem.axes[2] = {kBig >> 2, 1, 1, 1, 1, 0, 0};
    problem.coarse_channels = 1 << 10;
    problem.batch = 0;
    expect_refused(problem, "2^62 bytes");
    problem.batch = 1;
    problem.coarse_channels = 0;
    problem.axes[2] = {1, 1, kBig >> 2, 1, 1, 0, 0};
    problem.fine_channels = 1 << 10;
    expect_refused(problem, "weights");
}

TEST(Validate, RefusesGroupsThatDoNotDivide) {
    Problem problem = small();
    problem.groups = 4;
    expect_refused(problem, "output (fine) channels 6 must be divisible by groups 4");
    problem.fine_channels = 8;
    problem.coarse_channels = 6;
    expect_refused(problem,
                   "input (coarse) channels 6 must be divisible by groups 4; the largest common choice is groups 2");
}

TEST(Validate, RefusesEpiloguesAndNames) {
    const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
    using Kind = Activation::Kind;
    for (const Activation& activation :
         {Activation{Kind::leaky, nan, 0}, Activation{Kind::leaky, inf, 0}, Activation{Kind::clamp, 1, 0},
          Activation{Kind::clamp, nan, 0}, Activation{Kind::clamp, 0, nan}, Activation{Kind::relu, 1, 0},
          Activation{Kind::none, 0, 1}}) {
        Problem problem = small();
        problem.activation = activation;
        EXPECT_FALSE(validate(problem).ok());
    }
    for (const char* name : {"a\"b", "a\nb", "\x7f", "\x1b[31m"}) {
        Problem problem = small();
        problem.name = name;
        expect_refused(problem, "name");
    }
}

}  // namespace
}  // namespace tconv
