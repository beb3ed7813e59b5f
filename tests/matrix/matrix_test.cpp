// W: the second seed document's 4 x 16 matrix, gather = W and scatter = W^T on problems of every kind, its limits, and
// its MatrixMarket text.
#include "tconv/matrix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>
#include <sstream>
#include <string>

#include "tconv/problem_text.h"
#include "tconv/reference.h"

namespace tconv::matrix {
namespace {

using Vector = std::vector<double>;

Problem parsed(const std::string& text) {
    auto problem = parse_problem(text);
    EXPECT_TRUE(problem.ok()) << text << (problem ? "" : ": " + problem.error().message);
    return problem ? *problem : Problem{};
}

std::string text_of(const Sparse& matrix) {
    const auto bytes = to_matrix_market(matrix);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Small whole numbers: every sum below is exact.
Vector numbers(std::size_t count, std::mt19937_64& random) {
    Vector vector(count);
    for (double& value : vector) value = static_cast<double>(static_cast<int>(random() % 19) - 9);
    return vector;
}

Problem random_problem(std::mt19937_64& random) {
    const auto pick = [&](std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
    };
    Problem problem;
    problem.rank = static_cast<int>(pick(1, 3));
    problem.groups = pick(1, 3);
    problem.coarse_channels = problem.groups * pick(problem.groups == 1 ? 0 : 1, 2);
    problem.fine_channels = problem.groups * pick(problem.groups == 1 ? 0 : 1, 2);
    problem.layout = pick(0, 1) ? Layout::channels_last : Layout::channels_first;
    for (Axis& axis : problem.spatial())
        axis = {pick(1, 4), pick(1, problem.rank == 3 ? 6 : 12), pick(1, 4), pick(1, 3), pick(1, 3), pick(0, 4),
                pick(0, 4)};
    return problem;
}

TEST(Matrix, TheSeedsFourBySixteen) {
    const Problem problem = parsed("i2x2 k3");
    auto w = dense(problem, numbered_weights(problem));
    ASSERT_TRUE(w.ok());
    const double expected[4][16] = {{1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0, 0},
                                    {0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0},
                                    {0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0},
                                    {0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9}};
    ASSERT_EQ(w->rows(), 4);
    ASSERT_EQ(w->cols(), 16);
    for (Eigen::Index row = 0; row < 4; ++row)
        for (Eigen::Index column = 0; column < 16; ++column)
            EXPECT_EQ((*w)(row, column), expected[row][column]) << row << ", " << column;
}

TEST(Matrix, RandomProblemsAgreeWithTheReference) {
    std::mt19937_64 random(416);
    int with_entries = 0;
    for (int round = 0; round < 600; ++round) {
        const Problem problem = random_problem(random);
        const std::string name = to_text(problem);
        const Vector weights = numbers(static_cast<std::size_t>(problem.weight_elements()), random);
        const Vector x = numbers(static_cast<std::size_t>(problem.coarse_elements()), random);
        const Vector y = numbers(static_cast<std::size_t>(problem.fine_elements()), random);
        auto w = dense(problem, weights);
        auto s = sparse(problem, weights);
        auto size = size_of_w(problem);
        ASSERT_TRUE(w.ok() && s.ok() && size.ok()) << name;

        ASSERT_EQ(w->rows(), size->rows) << name;
        ASSERT_EQ(w->cols(), size->columns) << name;
        ASSERT_EQ(s->nonZeros(), size->entries) << name;
        with_entries += size->entries > 0;
        ASSERT_TRUE(s->isCompressed()) << name;
        for (Eigen::Index row = 0; row < s->outerSize(); ++row) {
            Eigen::Index last = -1;
            for (Sparse::InnerIterator entry(*s, row); entry; ++entry) {
                ASSERT_GT(entry.col(), last) << name << ": columns rise within row " << row;
                last = entry.col();
            }
        }
        ASSERT_EQ(Dense(*s), *w) << name;

        Vector fine(y.size(), -99), coarse(x.size(), -99);
        reference::scatter(problem, x.data(), weights.data(), {}, fine.data());
        reference::gather(problem, y.data(), weights.data(), {}, coarse.data());
        const Eigen::Map<const Eigen::VectorXd> vx(x.data(), w->rows()), vy(y.data(), w->cols());
        const Eigen::VectorXd scattered = w->transpose() * vx, gathered = *s * vy;
        for (std::size_t i = 0; i < fine.size(); ++i)
            ASSERT_EQ(scattered[static_cast<Eigen::Index>(i)], fine[i]) << name << ": fine element " << i;
        for (std::size_t i = 0; i < coarse.size(); ++i)
            ASSERT_EQ(gathered[static_cast<Eigen::Index>(i)], coarse[i]) << name << ": coarse element " << i;
    }
    EXPECT_GT(with_entries, 300);
}

TEST(Matrix, ZeroWeightsStayStored) {
    for (const char* text : {"i2x2 k3", "ic2 oc2 i2x2 k3 nhwc"}) {
        const Problem problem = parsed(text);
        const Vector zeros(static_cast<std::size_t>(problem.weight_elements()), 0.0);
        auto w = sparse(problem, zeros);
        ASSERT_TRUE(w.ok());
        EXPECT_EQ(w->nonZeros(), size_of_w(problem)->entries) << text;
        EXPECT_EQ(w->nonZeros(), 36 * problem.coarse_channels * problem.fine_channels) << text;
    }
}

TEST(Matrix, TheBatchIsLeftOut) {
    const Problem one = parsed("i3 k2 s2"), three = parsed("n3 i3 k2 s2"), none = parsed("n0 i3 k2 s2");
    for (const Problem& problem : {three, none}) {
        EXPECT_EQ(size_of_w(problem)->rows, 3);
        EXPECT_EQ(size_of_w(problem)->columns, 6);
        EXPECT_EQ(*dense(problem, numbered_weights(problem)), *dense(one, numbered_weights(one)));
    }
}

TEST(Matrix, ZeroChannels) {
    const Problem no_input = parsed("ic0 oc2 i3 k2"), no_output = parsed("ic2 oc0 i3 k2");
    auto size = size_of_w(no_input);
    ASSERT_TRUE(size.ok());
    EXPECT_EQ(size->rows, 0);
    EXPECT_EQ(size->columns, 8);
    EXPECT_EQ(size->entries, 0);
    EXPECT_EQ(text_of(*sparse(no_input, {})), "%%MatrixMarket matrix coordinate real general\n0 8 0\n");
    EXPECT_EQ(dense(no_output, {})->rows(), 6);
    EXPECT_EQ(dense(no_output, {})->cols(), 0);
}

TEST(Matrix, SizesAreExactWithoutABuild) {
    auto size = size_of_w(parsed("ic2 oc3 i1048576 k1048576"));
    ASSERT_TRUE(size.ok());
    EXPECT_EQ(size->rows, 2 << 20);
    EXPECT_EQ(size->columns, 3 * ((2 << 20) - 1));
    EXPECT_EQ(size->entries, std::int64_t{6} << 40);
    // 2^64 entries: neither wrapped nor saturated, but refused.
    for (const char* text : {"i4294967296 k4294967296", "ic4 oc4 i1073741824 k1073741824"}) {
        auto refused = size_of_w(parsed(text));
        ASSERT_FALSE(refused.ok()) << text;
        EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
        EXPECT_NE(refused.error().message.find("2^62"), std::string::npos);
    }
}

TEST(Matrix, LimitsAreErrorsNotAllocations) {
    const Vector one{1.0};
    // 2^40 rows; 2^20 x 2^20 cells; 2^28 rows and a bit: all with the one weight they ask for.
    for (const char* text : {"i1099511627776 k1", "i268435457 k1"}) {
        auto w = sparse(parsed(text), one);
        ASSERT_FALSE(w.ok()) << text;
        EXPECT_EQ(w.error().code, ErrorCode::out_of_memory) << w.error().message;
    }
    for (const char* text : {"i1099511627776 k1", "i1048576 k1", "i11586 k1"}) {
        auto w = dense(parsed(text), one);
        ASSERT_FALSE(w.ok()) << text;
        EXPECT_EQ(w.error().code, ErrorCode::out_of_memory) << w.error().message;
    }
    EXPECT_TRUE(sparse(parsed("i1048576 k1"), one).ok());
}

TEST(Matrix, RefusesWeightsOfAnotherCount) {
    const Problem problem = parsed("ic2 oc2 i3 k2");
    for (const std::size_t count : {0u, 1u, 7u, 9u}) {
        const Vector weights(count, 1.0);
        for (const auto& error : {sparse(problem, weights).error(), dense(problem, weights).error()}) {
            EXPECT_EQ(error.code, ErrorCode::invalid_argument);
            EXPECT_NE(error.message.find("8 weights, but " + std::to_string(count)), std::string::npos)
                << error.message;
        }
    }
    Problem invalid = problem;
    invalid.axes[2].stride = 0;
    EXPECT_FALSE(size_of_w(invalid).ok());
    EXPECT_FALSE(sparse(invalid, Vector(8, 1.0)).ok());
    EXPECT_FALSE(dense(invalid, Vector(8, 1.0)).ok());
}

TEST(MatrixMarket, TheWholeText) {
    const Problem problem = parsed("i2 k2 s2 p1:0 op1");
    EXPECT_EQ(text_of(*sparse(problem, Vector{0.1, -2})),
              "%%MatrixMarket matrix coordinate real general\n"
              "2 4 3\n"
              "1 1 -2\n"
              "2 2 0.1\n"
              "2 3 -2\n");
}

TEST(MatrixMarket, ReadsBackTheSame) {
    std::mt19937_64 random(8);
    for (int round = 0; round < 50; ++round) {
        const Problem problem = random_problem(random);
        Vector weights(static_cast<std::size_t>(problem.weight_elements()));
        for (double& value : weights)
            value = std::ldexp(static_cast<double>(random() >> 11) - 4e15, static_cast<int>(random() % 2000) - 1000);
        auto w = sparse(problem, weights);
        ASSERT_TRUE(w.ok());
        std::istringstream text(text_of(*w));
        std::string header;
        std::getline(text, header);
        EXPECT_EQ(header, "%%MatrixMarket matrix coordinate real general");
        Eigen::Index rows = 0, columns = 0, entries = 0;
        text >> rows >> columns >> entries;
        EXPECT_EQ(rows, w->rows());
        EXPECT_EQ(columns, w->cols());
        EXPECT_EQ(entries, w->nonZeros());
        Dense read = Dense::Zero(rows, columns);
        for (Eigen::Index i = 0; i < entries; ++i) {
            Eigen::Index row = 0, column = 0;
            std::string value;
            ASSERT_TRUE(text >> row >> column >> value);
            read(row - 1, column - 1) = std::strtod(value.c_str(), nullptr);
        }
        EXPECT_FALSE(text >> header) << "nothing follows the last entry";
        EXPECT_EQ(read, Dense(*w));
    }
}

}  // namespace
}  // namespace tconv::matrix
