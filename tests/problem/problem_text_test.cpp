// The text form of a problem: every token, the canonical form, round trips, and refusals that name their token.
#include "tconv/problem_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tconv {
namespace {

Problem parsed(const std::string& text) {
    auto problem = parse_problem(text);
    EXPECT_TRUE(problem.ok()) << text << ": " << (problem ? "" : problem.error().message);
    return problem ? *problem : Problem{};
}

// What parsing and printing make of a text.
std::string canonical(const std::string& text) {
    auto problem = parse_problem(text);
    return problem ? to_text(*problem) : "refused: " + problem.error().message;
}

// A sentence on one line of a length that a person reads.
void expect_sentence(const Error& error, const std::string& text) {
    EXPECT_EQ(error.code, ErrorCode::invalid_argument) << text;
    EXPECT_GE(error.message.size(), 15u) << text;
    EXPECT_LE(error.message.size(), 400u) << text;
    for (const char c : error.message)
        EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) << text << ": " << error.message;
}

void expect_refused(const std::string& text, const std::string& part) {
    auto problem = parse_problem(text);
    if (problem) {
        ADD_FAILURE() << "'" << text << "' is accepted as " << to_text(*problem);
        return;
    }
    expect_sentence(problem.error(), text);
    EXPECT_NE(problem.error().message.find(part), std::string::npos)
        << "'" << text << "' is refused without '" << part << "': " << problem.error().message;
}

TEST(ProblemText, EveryTokenSetsItsField) {
    const Problem p =
        parsed("n2 ic6 oc10 i8x9 k4x3 s2x3 p1x0:2x1 op1x2 d1x2 g2 f64 nhwc bias leaky:0.25 sum \"a layer's name, p9\"");
    EXPECT_EQ(p.batch, 2);
    EXPECT_EQ(p.coarse_channels, 6);
    EXPECT_EQ(p.fine_channels, 10);
    EXPECT_EQ(p.groups, 2);
    EXPECT_EQ(p.rank, 2);
    EXPECT_EQ(p.axes[0], Axis{});
    EXPECT_EQ(p.axes[1], (Axis{8, 7 * 2 + 4 - 1 - 2 + 1, 4, 2, 1, 1, 2}));
    EXPECT_EQ(p.axes[2], (Axis{9, 8 * 3 + 2 * 2 + 1 - 0 - 1 + 2, 3, 3, 2, 0, 1}));
    EXPECT_EQ(p.dtype, DType::f64);
    EXPECT_EQ(p.layout, Layout::channels_last);
    EXPECT_TRUE(p.has_bias);
    EXPECT_TRUE(p.has_sum);
    EXPECT_EQ(p.activation, (Activation{Activation::Kind::leaky, 0.25, 0}));
    EXPECT_EQ(p.name, "a layer's name, p9");
}

TEST(ProblemText, WhatIsLeftOutHasItsDefault) {
    Problem expected;
    expected.rank = 1;
    expected.axes[2] = {5, 8, 4, 1, 1, 0, 0};
    EXPECT_EQ(parsed("i5 k4"), expected);
    EXPECT_EQ(parsed("n1 ic1 oc1 i5 k4 s1 p0 op0 d1 g1 f32 nchw \"\""), expected);
}

TEST(ProblemText, TokensComeInAnyOrder) {
    std::vector<std::string> tokens = {"n2", "ic6", "oc4", "i8x9", "k4x3", "s2",         "p1:0", "op1",
                                       "d2", "g2",  "f64", "nhwc", "bias", "clamp:-1:6", "sum",  "\"x y\""};
    std::mt19937 random(1);
    std::string first;
    for (int round = 0; round < 200; ++round) {
        std::string text;
        for (const std::string& token : tokens) text += (text.empty() ? "" : " ") + token;
        const std::string now = canonical(text);
        if (round == 0) first = now;
        ASSERT_EQ(now, first) << text;
        std::shuffle(tokens.begin(), tokens.end(), random);
    }
    EXPECT_EQ(first, "n2 ic6 oc4 i8x9 k4x3 s2 p1:0 op1 d2 g2 f64 nhwc bias clamp:-1:6 sum \"x y\"");
}

TEST(ProblemText, CanonicalForm) {
    const struct {
        const char *text, *canonical;
    } cases[] = {
        {"n1 ic64 oc32 i8x8 k4x4 s2 p1 op0 d1 g1", "ic64 oc32 i8x8 k4 s2 p1"},  // CLI.md's example
        {"i8 k4x4x4", "i8x8x8 k4"},                                             // i carries the rank
        {"k3 s2x2 i4", "i4x4 k3 s2"},
        {"i4x4 k3 p1x1:1x1", "i4x4 k3 p1"},
        {"i4x4 k3 p0:0", "i4x4 k3"},
        {"i4x4 k3 p1x0", "i4x4 k3 p1x0"},
        {"i4x4 k3 p1:0", "i4x4 k3 p1:0"},
        {"i4x4 k3 p1x0:2x1", "i4x4 k3 p1x0:2x1"},
        {"i4 k3 d2 s3 op2", "i4 k3 s3 op2 d2"},
        {"i4x4 k3 s3 op2x2", "i4x4 k3 s3 op2"},
        {"i4x4 k3 s3 op0x2", "i4x4 k3 s3 op0x2"},
        {"i4 k3 d5 op4", "i4 k3 op4 d5"},  // op < max(s, d)
        {"i4 k3 s2 o9", "i4 k3 s2"},       // the natural size needs no token
        {"i4 k3 s2 o10", "i4 k3 s2 op1"},  // a usual output padding is printed as op
        {"i4 k3 s2 o11", "i4 o11 k3 s2"},  // beyond it, as o
        {"i4 k3 s2 o8", "i4 o8 k3 s2"},    // below 0 too
        {"i4x4 k3 s2 o11", "i4x4 o11 k3 s2"},
        {"i4x4 k3 s2 o9x11", "i4x4 o9x11 k3 s2"},  // one unusual axis makes all of them o
        {"o9 k3 s2", "i4 k3 s2"},                  // as a convolution is given
        {"o10 k3 s2", "i4 k3 s2 op1"},
        {"o16x16 k4 s2 p1", "i8x8 k4 s2 p1"},
        {"o5 k1 s3", "i2 k1 s3 op1"},
        {"i4 k3 relu", "i4 k3 relu"},
        {"i4 k3 leaky", "i4 k3 leaky:0.01"},
        {"i4 k3 leaky:2e-1", "i4 k3 leaky:0.2"},
        {"i4 k3 tanh", "i4 k3 tanh"},
        {"i4 k3 sigmoid", "i4 k3 sigmoid"},
        {"i4 k3 clamp:0:6.0", "i4 k3 clamp:0:6"},
        {"i4 k3 clamp:-inf:0.1", "i4 k3 clamp:-inf:0.1"},
        {"i4 k3 f32 nchw", "i4 k3"},
        {"  \t i4\r\n\nk3  ", "i4 k3"},
        {"i4\"x\"k3", "i4 k3 \"x\""},
        {"i004 k03", "i4 k3"},
        {"n0 i4 k3", "n0 i4 k3"},
        {"ic0 oc0 i4 k3", "ic0 oc0 i4 k3"},
        {"i4 k3 \"\xc3\xa9\xff\"", "i4 k3 \"\xc3\xa9\xff\""},  // any bytes but quotes and controls are a name
        {"i1152921504606846976 k1",
         "refused: the input (coarse side) would need more than 2^62 bytes; use smaller sizes"},
    };
    for (const auto& c : cases) EXPECT_EQ(canonical(c.text), c.canonical) << c.text;
}

// Every printed text parses to the same problem and prints the same again.
void expect_round_trip(const Problem& problem) {
    const std::string text = to_text(problem);
    auto again = parse_problem(text);
    ASSERT_TRUE(again.ok()) << text << ": " << again.error().message;
    ASSERT_EQ(*again, problem) << text;
    ASSERT_EQ(to_text(*again), text);
}

TEST(ProblemText, RoundTripOfEverySmallAxis) {
    Problem problem;
    problem.rank = 1;
    int tried = 0;
    for (std::int64_t coarse = 1; coarse <= 3; ++coarse)
        for (std::int64_t kernel = 1; kernel <= 3; ++kernel)
            for (std::int64_t stride = 1; stride <= 3; ++stride)
                for (std::int64_t dilation = 1; dilation <= 3; ++dilation)
                    for (std::int64_t begin = 0; begin <= 3; ++begin)
                        for (std::int64_t end = 0; end <= 3; ++end)
                            for (std::int64_t fine = 1; fine <= 14; ++fine, ++tried) {
                                problem.axes[2] = {coarse, fine, kernel, stride, dilation, begin, end};
                                expect_round_trip(problem);
                                if (::testing::Test::HasFatalFailure()) return;
                            }
    EXPECT_EQ(tried, 81 * 16 * 14);
}

TEST(ProblemText, RoundTripOfRandomProblems) {
    std::mt19937_64 random(20261122);
    const auto pick = [&](std::int64_t low, std::int64_t high) {
        return std::uniform_int_distribution<std::int64_t>(low, high)(random);
    };
    const std::string names[] = {"", "plain", "two words", "i4 k3 op9", "p1x0:2x1", "\xc3\xa9 \xff", "'x'"};
    for (int round = 0; round < 20000; ++round) {
        Problem problem;
        problem.rank = static_cast<int>(pick(1, 3));
        problem.batch = pick(0, 3);
        problem.groups = pick(1, 4);
        problem.coarse_channels = problem.groups * pick(0, 4);
        problem.fine_channels = problem.groups * pick(0, 4);
        const bool alike = pick(0, 1) == 0;
        for (std::size_t i = 0; i < problem.spatial().size(); ++i)
            problem.spatial()[i] =
                alike && i > 0 ? problem.spatial()[0] : Axis{pick(1, 70), pick(1, 90), pick(1, 5), pick(1, 5),
                                                             pick(1, 4),  pick(0, 4),  pick(0, 4)};
        problem.dtype = pick(0, 1) ? DType::f64 : DType::f32;
        problem.layout = pick(0, 1) ? Layout::channels_last : Layout::channels_first;
        problem.has_bias = pick(0, 1) == 1;
        problem.has_sum = pick(0, 1) == 1;
        const double low = static_cast<double>(pick(-1000, 1000)) / 7;
        const Activation activations[] = {{},
                                          {Activation::Kind::relu, 0, 0},
                                          {Activation::Kind::leaky, low, 0},
                                          {Activation::Kind::tanh, 0, 0},
                                          {Activation::Kind::sigmoid, 0, 0},
                                          {Activation::Kind::clamp, low, low + 1.0 / 3}};
        problem.activation = activations[pick(0, 5)];
        problem.name = names[pick(0, 6)];
        expect_round_trip(problem);
        if (::testing::Test::HasFatalFailure()) return;
    }
}

TEST(ProblemText, ConvolutionStyleSize) {
    // i = floor((o + p_b + p_e - d(k-1) - 1) / s) + 1, compared with counting the windows that fit.
    for (std::int64_t o = 1; o <= 9; ++o)
        for (std::int64_t k = 1; k <= 3; ++k)
            for (std::int64_t s = 1; s <= 3; ++s)
                for (std::int64_t d = 1; d <= 3; ++d)
                    for (std::int64_t p = 0; p <= 2; ++p) {
                        std::int64_t windows = 0;
                        for (std::int64_t at = 0; at + d * (k - 1) < o + 2 * p + 1; at += s) ++windows;
                        const auto n = [](std::int64_t v) { return std::to_string(v); };
                        const std::string text =
                            "o" + n(o) + " k" + n(k) + " s" + n(s) + " d" + n(d) + " p" + n(p) + ":" + n(p + 1);
                        if (windows == 0) {
                            expect_refused(text, "larger than the padded size");
                            continue;
                        }
                        const Problem problem = parsed(text);
                        EXPECT_EQ(problem.axes[2].coarse, windows) << text;
                        EXPECT_EQ(problem.axes[2].fine, o) << text;
                    }
}

TEST(ProblemText, RefusalsNameTheToken) {
    const struct {
        const char *text, *part;
    } cases[] = {
        {"", "kernel"},
        {"   ", "kernel"},
        {"k3", "size is missing"},
        {"i4", "kernel size is missing"},
        {"i4 k3 z9", "'z9'"},
        {"i4 k3 K3", "'K3'"},
        {"i4 k3 \xc3\xa9", "\xc3\xa9"},
        {"i4 k3 f16", "'f16'"},
        {"i4 k3 nchw8", "'nchw8'"},
        {"i4 k3 none", "'none'"},
        {"i4 k3 biased", "'biased'"},
        {"i4,4 k3", "'i4,4'"},
        {"i4 k", "'k'"},
        {"i4 kx", "'kx'"},
        {"i4 k3x", "'k3x'"},
        {"i4 kx3", "'kx3'"},
        {"i4 k3xx3", "'k3xx3'"},
        {"i4 k3.5", "'k3.5'"},
        {"i4 k+3", "'k+3'"},
        {"i4 k0x3", "kernel size 0"},
        {"i4 k1e2", "'k1e2'"},
        {"i4 k3 p", "'p'"},
        {"i4 k3 p:", "'p:'"},
        {"i4 k3 p1:", "'p1:'"},
        {"i4 k3 p:1", "'p:1'"},
        {"i4 k3 p1:2:3", "'p1:2:3'"},
        {"i4 k3 n1x2", "'n1x2'"},
        {"i4 k3 g", "'g'"},
        {"i4x4x4x4 k3", "'i4x4x4x4'"},
        {"i4 k3x3x3x3x3", "'k3x3x3x3x3'"},
        {"i4x4 k3x3x3", "'i'"},
        {"i4x4x4 k3 s2x2", "'s'"},
        {"i4x4 k3 p1x1:1x1x1", "'p'"},
        {"i4 i4 k3", "'i4'"},
        {"i4 k3 k3", "'k3'"},
        {"i4 k3 s1 s2", "'s2'"},
        {"i4 k3 p0 p0:1", "'p0:1'"},
        {"i4 k3 op0 op0", "'op0'"},
        {"i4 k3 d1 d1", "'d1'"},
        {"i4 k3 g1 g1", "'g1'"},
        {"n1 n1 i4 k3", "'n1'"},
        {"ic1 ic1 i4 k3", "'ic1'"},
        {"oc1 oc1 i4 k3", "'oc1'"},
        {"o6 o6 k3", "'o6'"},
        {"i4 k3 f32 f64", "'f64'"},
        {"i4 k3 nchw nchw", "'nchw'"},
        {"i4 k3 bias bias", "'bias'"},
        {"i4 k3 sum sum", "'sum'"},
        {"i4 k3 relu tanh", "'tanh'"},
        {"i4 k3 \"a\" \"b\"", "\"b\""},
        {"i4 k3 \"\" \"\"", "twice"},
        {"i4 k3 \"a", "double quote"},
        {"i4 k3 \"a\nb\"", "control character"},
        {"i4 o6 op0 k3", "o and op"},
        {"o6 op0 k3", "o and op"},
        {"k3 op0", "size is missing"},
        {"i4 k3 relu:1", "'relu:1'"},
        {"i4 k3 leaky:", "leaky:"},
        {"i4 k3 leaky:x", "'x'"},
        {"i4 k3 leaky:1:2", "'leaky:1:2'"},
        {"i4 k3 leaky:nan", "'nan'"},
        {"i4 k3 leaky:inf", "leaky"},
        {"i4 k3 leaky:1e999", "'1e999'"},
        {"i4 k3 clamp", "'clamp'"},
        {"i4 k3 clamp:0", "'clamp:0'"},
        {"i4 k3 clamp:6:0", "clamp"},
        {"i4 k3 clamp:nan:0", "'nan'"},
        {"i4 k3 clamp:0:1:2", "'clamp:0:1:2'"},
        {"i0 k3", "input (coarse) size 0"},
        {"i-1 k3", "input (coarse) size -1"},
        {"i4x0 k3", "input (coarse) size 0"},
        {"i4 k0", "kernel size 0"},
        {"i4 k-3", "kernel size -3"},
        {"i4 k3 s0", "stride 0"},
        {"i4 k3 s-1", "stride -1"},
        {"i4 k3 d0", "dilation 0"},
        {"i4 k3 d-1", "dilation -1"},
        {"i4 k3 p-1", "padding -1"},
        {"i4 k3 p0:-1", "padding -1"},
        {"i4 k3 s2 op-1", "output_padding -1"},
        {"i4 k3 s2 op2", "output_padding 2 must be smaller than max(stride 2, dilation 1) = 2"},
        {"i4 k3 op1", "output_padding 1"},
        {"i4 k3 d3 op3", "output_padding 3"},
        {"i4x4 k3 s2 op0x2", "output_padding 2"},
        {"i4 k3 p3", "output (fine) size 0 must be at least 1"},
        {"i4 k3 o0", "output (fine) size 0 must be at least 1"},
        {"o0 k3", "output (fine) size 0 must be at least 1"},
        {"o-4 k3", "output (fine) size -4"},
        {"o2 k3", "kernel's extent 3 is larger than the padded size 2"},
        {"n-1 i4 k3", "batch -1"},
        {"i4 k3 g0", "groups 0"},
        {"i4 k3 g-1", "groups -1"},
        {"ic-2 i4 k3", "channels -2"},
        {"oc-2 i4 k3", "channels -2"},
        {"ic4 oc4 i4 k3 g3", "divisible by groups 3"},
        {"ic4 oc3 i4 k3 g2", "output (fine) channels 3"},
        {"ic3 oc4 i4 k3 g2", "input (coarse) channels 3"},
    };
    for (const auto& c : cases) expect_refused(c.text, c.part);
}

TEST(ProblemText, SentencesStayShortAndOnOneLine) {
    const std::string long_token(100000, 'z');
    for (const std::string& text :
         {long_token, "i4 k" + std::string(100000, '3'), "i4 k3 leaky:" + long_token,
          "i4 k3 \"" + long_token + "\" \"" + long_token + "\"", "i4 k3 " + long_token + "\x1b[31m",
          std::string("i4 k3 z\0z", 9), std::string("i4 k3 \x1b[2J"), std::string("i4 k3 \x0b\x0c"),
          std::string("i4 k3 \"\" \"a\nb\""), std::string("i4 k3 leaky:\x01")}) {
        auto problem = parse_problem(text);
        ASSERT_FALSE(problem.ok());
        expect_sentence(problem.error(), text.substr(0, 60));
    }
}

// The tokens of `text` without those that would clash with one of `key`.
std::string without(const std::string& text, const std::string& key) {
    std::string kept;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string token = text.substr(at, end - at), its = token.substr(0, token.find_first_of("0123456789"));
        if (its != key && !(key == "o" && its == "op") && !(key == "op" && its == "o")) kept += " " + token;
        at = end + 1;
    }
    return kept;
}

// Every parameter at sizes that overflow: refused, or exact; never a wrapped number.
TEST(ProblemText, HugeNumbers) {
    const std::string numbers[] = {
        "2147483648",          "4294967296",           "4611686018427387903",  "4611686018427387904",
        "9223372036854775807", "9223372036854775808",  "18446744073709551616", "1000000000000000000000000000000",
        "-2147483649",         "-4611686018427387904", "-9223372036854775808", "-9223372036854775809"};
    const auto check = [](const std::string& text) {
        auto problem = parse_problem(text);
        if (!problem) return expect_sentence(problem.error(), text);
        EXPECT_EQ(canonical(to_text(*problem)), to_text(*problem)) << text;
        for (const Axis& axis : problem->spatial()) {
            EXPECT_GE(std::min({axis.coarse, axis.fine, axis.full_size()}), 1) << text;
            EXPECT_EQ(axis.fine, axis.full_size() - axis.padding_begin - axis.padding_end + axis.output_padding());
        }
        EXPECT_GE(std::min({problem->fine_elements(), problem->coarse_elements(), problem->weight_elements()}), 0);
    };
    for (const std::string rest : {"i4 k3 s2 p1 op0", "i4 k3 s2 p1 o9", "o9 k3 s2 p1"})
        for (const std::string& number : numbers) {
            for (const std::string key : {"n", "ic", "oc", "g"}) check(key + number + without(rest, key));
            for (const std::string key : {"i", "o", "k", "s", "p", "p0:", "op", "d"})
                for (const char* tail : {"", "x2", "x2x3"})
                    check(key + number + tail + without(rest, key == "p0:" ? "p" : key));
        }
}

TEST(ProblemText, HugeNumbersThatFit) {
    EXPECT_EQ(canonical("i1 k1 s4611686018427387000"), "i1 k1 s4611686018427387000");
    EXPECT_EQ(parsed("i1 k2 d1099511627776").axes[2].fine, 1099511627777);
    EXPECT_EQ(parsed("i2 k1 s1099511627776").axes[2].fine, 1099511627777);
    EXPECT_EQ(parsed("o1099511627777 k1 s1099511627776").axes[2].coarse, 2);
    EXPECT_EQ(parsed("n1099511627776 i4 k3").batch, 1099511627776);
}

TEST(ProblemText, RanksBeyondThreeAndZero) {
    EXPECT_EQ(parsed("i4 k3").rank, 1);
    EXPECT_EQ(parsed("i4x4 k3").rank, 2);
    EXPECT_EQ(parsed("i4 k3 p0x0x0").rank, 3);
    EXPECT_EQ(parsed("i4 k3 p0:0x0x0").rank, 3);
    expect_refused("i4x4x4x4 k3", "more than 3 axes");
    expect_refused("i k3", "'i'");
}

TEST(ProblemTokens, WhatIsAbsentStaysEmpty) {
    auto tokens = parse_tokens("s2 p1:0 g3");
    ASSERT_TRUE(tokens.ok());
    EXPECT_FALSE(tokens->coarse || tokens->fine || tokens->kernel || tokens->dilation || tokens->output_padding);
    EXPECT_FALSE(tokens->batch || tokens->coarse_channels || tokens->fine_channels || tokens->dtype || tokens->layout);
    EXPECT_EQ(tokens->stride, ProblemTokens::List{2});
    EXPECT_EQ(tokens->padding_begin, ProblemTokens::List{1});
    EXPECT_EQ(tokens->padding_end, ProblemTokens::List{0});
    EXPECT_EQ(tokens->groups, 3);
    EXPECT_TRUE(parse_tokens("").ok());
}

TEST(ProblemText, Activations) {
    for (const char* text : {"relu", "leaky:0.2", "tanh", "sigmoid", "clamp:0:6", "clamp:-1.5:inf", "leaky:-3"}) {
        auto activation = parse_activation(text);
        ASSERT_TRUE(activation.ok()) << text;
        EXPECT_EQ(to_text(*activation), text);
    }
    EXPECT_EQ(*parse_activation("none"), Activation{});
    EXPECT_EQ(to_text(Activation{}), "");
    EXPECT_EQ(parse_activation("leaky")->alpha, 0.01);
    for (const char* text : {"", "Relu", "relu ", "clamp::", "clamp:1", "leaky:0x1", "clamp:2:1", ":"}) {
        auto activation = parse_activation(text);
        ASSERT_FALSE(activation.ok()) << text;
        expect_sentence(activation.error(), text);
    }
}

}  // namespace
}  // namespace tconv
