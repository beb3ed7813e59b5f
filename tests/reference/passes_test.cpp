// The passes on tensors: the shapes that are accepted and made, the element types, the epilogue, and the refusals. The
// sums themselves are checked by small loops that follow the definition with nothing shared with src/.
#include "tconv/passes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "tconv/problem_text.h"

namespace tconv {
namespace {

Problem parsed(const std::string& text) {
    auto problem = parse_problem(text);
    EXPECT_TRUE(problem.ok()) << text << (problem ? "" : ": " + problem.error().message);
    return problem ? *problem : Problem{};
}

Tensor zeros(const Shape& shape, DType dtype) {
    auto tensor = Tensor::zeros(shape, dtype);
    EXPECT_TRUE(tensor.ok());
    return std::move(*tensor);
}

double get(const Tensor& tensor, std::int64_t at) {
    const auto index = static_cast<std::size_t>(at);
    return tensor.dtype() == DType::f32 ? static_cast<double>(tensor.as<float>()[index]) : tensor.as<double>()[index];
}

void set(Tensor& tensor, std::int64_t at, double value) {
    const auto index = static_cast<std::size_t>(at);
    if (tensor.dtype() == DType::f32)
        tensor.as<float>()[index] = static_cast<float>(value);
    else
        tensor.as<double>()[index] = value;
}

// Small whole numbers, so that every sum is exact in either type.
Tensor numbered(const Shape& shape, DType dtype, unsigned seed) {
    std::mt19937 random(seed);
    Tensor tensor = zeros(shape, dtype);
    for (std::int64_t at = 0; at < tensor.elements(); ++at) set(tensor, at, static_cast<int>(random() % 15) - 7);
    return tensor;
}

// The offset of sample n, channel c, position at (leading axes 0) in a side's array.
std::int64_t offset(const Problem& p, std::int64_t channels, std::int64_t Axis::* size, std::int64_t n, std::int64_t c,
                    const std::array<std::int64_t, 3>& at) {
    std::int64_t index = n;
    if (p.layout == Layout::channels_first) index = index * channels + c;
    for (std::size_t i = 0; i < 3; ++i) index = index * p.axes[i].*size + at[i];
    if (p.layout == Layout::channels_last) index = index * channels + c;
    return index;
}

// Calls visit(coarse offset, fine offset, weight offset) for every product of the problem.
template <class Visit>
void for_each_product(const Problem& p, Visit visit) {
    const std::int64_t coarse_each = p.coarse_channels / p.groups, fine_each = p.fine_channels / p.groups;
    for (std::int64_t n = 0; n < p.batch; ++n)
        for (std::int64_t c = 0; c < p.coarse_channels; ++c)
            for (std::int64_t f = 0; f < fine_each; ++f)
                for (std::int64_t i = 0; i < p.coarse_positions(); ++i)
                    for (std::int64_t j = 0; j < p.taps(); ++j) {
                        std::array<std::int64_t, 3> at{}, to{};
                        std::int64_t rest_i = i, rest_j = j;
                        bool inside = true;
                        for (std::size_t axis = 3; axis-- > 0;) {
                            const Axis& a = p.axes[axis];
                            at[axis] = rest_i % a.coarse;
                            to[axis] = at[axis] * a.stride + rest_j % a.kernel * a.dilation - a.padding_begin;
                            rest_i /= a.coarse;
                            rest_j /= a.kernel;
                            inside = inside && to[axis] >= 0 && to[axis] < a.fine;
                        }
                        if (inside)
                            visit(offset(p, p.coarse_channels, &Axis::coarse, n, c, at),
                                  offset(p, p.fine_channels, &Axis::fine, n, c / coarse_each * fine_each + f, to),
                                  (c * fine_each + f) * p.taps() + j);
                    }
}

// The channel of an element, for the bias.
std::int64_t channel_of(const Problem& p, std::int64_t at, std::int64_t channels, std::int64_t positions) {
    return p.layout == Layout::channels_first ? at / positions % channels : at % channels;
}

void expect_mismatch(const Result<Tensor>& result, const std::string& part) {
    ASSERT_FALSE(result.ok()) << "accepted, but should be refused for " << part;
    EXPECT_EQ(result.error().code, ErrorCode::array_mismatch);
    EXPECT_NE(result.error().message.find(part), std::string::npos) << result.error().message;
}

const char* const kProblems[] = {
    "i5 k3",
    "n2 ic2 oc3 i4 k3 s2 p1 op1 f64",
    "n2 ic4 oc6 i3x4 k3x2 s2x3 p1x0:0x1 d1x2 g2",
    "ic3 oc5 i3x3 k4 s2 p1 nhwc",
    "n3 ic4 oc2 i2x3 o9x4 k2 s3 g2 nhwc f64",  // o beyond the canvas: cells that no tap reaches
    "ic2 oc2 i2x3x2 k2x3x2 s2x1x3 p1 g2 f64",
    "n2 ic2 oc1 i2x2x2 k3 d2 p2 nhwc",
    "ic2 oc2 i2 o3 k1 p5",  // all of it is cropped
};

TEST(Passes, ShapesFollowTheLayout) {
    const Problem first = parsed("n2 ic4 oc6 i3x5 k3x2 s2 g2"), last = parsed("n2 ic4 oc6 i3x5 k3x2 s2 g2 nhwc");
    EXPECT_EQ(coarse_shape(first), (Shape{2, 4, 3, 5}));
    EXPECT_EQ(coarse_shape(last), (Shape{2, 3, 5, 4}));
    EXPECT_EQ(fine_shape(first), (Shape{2, 6, 7, 10}));
    EXPECT_EQ(fine_shape(last), (Shape{2, 7, 10, 6}));
    EXPECT_EQ(weight_shape(first), (Shape{4, 3, 3, 2}));
    EXPECT_EQ(weight_shape(last), (Shape{4, 3, 3, 2}));
    EXPECT_EQ(coarse_shape(parsed("i7 k3")), (Shape{1, 1, 7}));
    EXPECT_EQ(fine_shape(parsed("i2x3x4 k1")), (Shape{1, 1, 2, 3, 4}));
}

TEST(Passes, AllFourAgreeWithLoops) {
    for (const char* text : kProblems) {
        const Problem p = parsed(text);
        const Tensor x = numbered(coarse_shape(p), p.dtype, 1), y = numbered(fine_shape(p), p.dtype, 2),
                     w = numbered(weight_shape(p), p.dtype, 3);
        std::vector<double> fine(static_cast<std::size_t>(p.fine_elements()), 0),
            weights(static_cast<std::size_t>(p.weight_elements()), 0),
            coarse(static_cast<std::size_t>(p.coarse_elements()), 0);
        for_each_product(p, [&](std::int64_t i, std::int64_t o, std::int64_t j) {
            fine[static_cast<std::size_t>(o)] += get(x, i) * get(w, j);
            coarse[static_cast<std::size_t>(i)] += get(y, o) * get(w, j);
            weights[static_cast<std::size_t>(j)] += get(x, i) * get(y, o);
        });
        std::vector<double> fine_bias(static_cast<std::size_t>(p.fine_channels), 0),
            coarse_bias(static_cast<std::size_t>(p.coarse_channels), 0);
        for (std::int64_t at = 0; at < y.elements(); ++at)
            fine_bias[static_cast<std::size_t>(channel_of(p, at, p.fine_channels, p.fine_positions()))] += get(y, at);
        for (std::int64_t at = 0; at < x.elements(); ++at)
            coarse_bias[static_cast<std::size_t>(channel_of(p, at, p.coarse_channels, p.coarse_positions()))] +=
                get(x, at);

        const auto expect = [&](const Result<Tensor>& result, const Shape& shape, const std::vector<double>& values) {
            ASSERT_TRUE(result.ok()) << text << ": " << result.error().message;
            ASSERT_EQ(result->shape(), shape) << text;
            ASSERT_EQ(result->dtype(), p.dtype) << text;
            for (std::size_t at = 0; at < values.size(); ++at)
                ASSERT_EQ(get(*result, static_cast<std::int64_t>(at)), values[at]) << text << " at " << at;
        };
        expect(scatter(p, x, w), fine_shape(p), fine);
        expect(gather(p, y, w), coarse_shape(p), coarse);
        expect(weight_grad(p, x, y), weight_shape(p), weights);
        expect(bias_grad(p, Pass::scatter, y), {p.fine_channels}, fine_bias);
        expect(bias_grad(p, Pass::gather, x), {p.coarse_channels}, coarse_bias);
    }
}

TEST(Passes, BiasResidualAndActivation) {
    for (const char* text : {"n2 ic2 oc3 i4 o9 k1 s3 f64", "n2 ic2 oc3 i2x3 k2 s2 nhwc"})
        for (const char* activation : {"", "relu", "leaky:0.5", "tanh", "sigmoid", "clamp:-2:3"})
            for (const bool scatters : {true, false}) {
                const Problem plain = parsed(text);
                Problem full = plain;
                full.has_bias = full.has_sum = true;
                if (*activation) full.activation = *parse_activation(activation);
                const Shape in = scatters ? coarse_shape(plain) : fine_shape(plain),
                            out = scatters ? fine_shape(plain) : coarse_shape(plain);
                const std::int64_t channels = scatters ? plain.fine_channels : plain.coarse_channels,
                                   positions = scatters ? plain.fine_positions() : plain.coarse_positions();
                const Tensor x = numbered(in, plain.dtype, 4), w = numbered(weight_shape(plain), plain.dtype, 5),
                             bias = numbered({channels}, plain.dtype, 6), residual = numbered(out, plain.dtype, 7);
                auto sum = scatters ? scatter(plain, x, w) : gather(plain, x, w);
                auto y = scatters ? scatter(full, x, w, &bias, &residual) : gather(full, x, w, &bias, &residual);
                ASSERT_TRUE(sum.ok() && y.ok());
                for (std::int64_t at = 0; at < y->elements(); ++at) {
                    const double v =
                        get(*sum, at) + get(bias, channel_of(plain, at, channels, positions)) + get(residual, at);
                    const std::string kind = activation;
                    const double expected = kind == "relu"         ? std::max(v, 0.0)
                                            : kind == "leaky:0.5"  ? (v < 0 ? v / 2 : v)
                                            : kind == "tanh"       ? std::tanh(v)
                                            : kind == "sigmoid"    ? 1 / (1 + std::exp(-v))
                                            : kind == "clamp:-2:3" ? std::min(std::max(v, -2.0), 3.0)
                                                                   : v;
                    ASSERT_NEAR(get(*y, at), expected, plain.dtype == DType::f32 ? 1e-6 : 1e-15)
                        << text << " " << activation << " at " << at;
                }
            }
}

TEST(Passes, NanStaysAndInfinityStaysWhereItBelongs) {
    const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
    for (const char* activation : {"", " relu", " leaky:0.5", " tanh", " sigmoid", " clamp:0:6"}) {
        const Problem p = parsed(std::string("i3 k1 s2 f64") + activation);
        Tensor x = zeros(coarse_shape(p), DType::f64), w = zeros(weight_shape(p), DType::f64);
        set(x, 1, nan);
        set(w, 0, 1);
        auto y = scatter(p, x, w);
        ASSERT_TRUE(y.ok());
        for (std::int64_t at = 0; at < 5; ++at) EXPECT_EQ(std::isnan(get(*y, at)), at == 2) << activation << at;
    }
    // What is cropped away is nothing, not a number: the infinite tap meets no output.
    Tensor w = numbered({1, 1, 3}, DType::f64, 9);
    set(w, 0, inf);
    Tensor ones = zeros(coarse_shape(parsed("i1 k3 p1 f64")), DType::f64);
    set(ones, 0, 1);
    auto one = scatter(parsed("i1 k3 p1 f64"), ones, w);
    ASSERT_TRUE(one.ok());
    EXPECT_EQ(get(*one, 0), get(w, 1));
}

TEST(Passes, TheReferenceRoundsSinglePrecisionOnce) {
    // 1 + 2^-30 + ... cannot be added up in float; in double it can, and the sum is then rounded.
    const Problem p = parsed("ic4 i1 k1");
    Tensor x = zeros(coarse_shape(p), DType::f32), w = zeros(weight_shape(p), DType::f32);
    const double values[] = {1, std::ldexp(1.0, -24), std::ldexp(1.0, -25), -1};
    for (std::int64_t at = 0; at < 4; ++at) {
        set(x, at, values[at]);
        set(w, at, 1);
    }
    EXPECT_EQ(get(*scatter(p, x, w, nullptr, nullptr, {.method = "reference"}), 0), values[1] + values[2]);
}

TEST(Passes, UnbatchedIsAnsweredUnbatched) {
    for (const char* text : {"ic2 oc3 i4x5 k3 s2", "ic2 oc3 i4x5 k3 s2 nhwc f64", "ic2 oc3 i4 k3"}) {
        const Problem p = parsed(text);
        const auto drop = [](Shape shape) { return Shape(shape.begin() + 1, shape.end()); };
        Tensor x = numbered(coarse_shape(p), p.dtype, 1), y = numbered(fine_shape(p), p.dtype, 2);
        const Tensor w = numbered(weight_shape(p), p.dtype, 3);
        auto batched = scatter(p, x, w), gathered = gather(p, y, w), grad = weight_grad(p, x, y),
             bias = bias_grad(p, Pass::scatter, y);
        x = x.reshape(drop(coarse_shape(p)));
        y = y.reshape(drop(fine_shape(p)));
        auto u = scatter(p, x, w), v = gather(p, y, w), g = weight_grad(p, x, y), b = bias_grad(p, Pass::scatter, y);
        ASSERT_TRUE(u.ok() && v.ok() && g.ok() && b.ok()) << text;
        EXPECT_EQ(u->shape(), drop(fine_shape(p)));
        EXPECT_EQ(v->shape(), drop(coarse_shape(p)));
        const auto same = [](const Tensor& a, const Tensor& b_) {
            ASSERT_EQ(a.elements(), b_.elements());
            for (std::int64_t at = 0; at < a.elements(); ++at) ASSERT_EQ(get(a, at), get(b_, at));
        };
        same(*u, *batched);
        same(*v, *gathered);
        same(*g, *grad);
        same(*b, *bias);
        EXPECT_EQ(g->shape(), weight_shape(p));
    }
    // Only a batch of one can be left out.
    const Problem two = parsed("n2 ic1 oc1 i4 k3");
    expect_mismatch(scatter(two, zeros({1, 4}, DType::f32), zeros({1, 1, 3}, DType::f32)), "(1, 4)");
}

TEST(Passes, RefusesShapesThatAreNotTheProblems) {
    const Problem p = parsed("n2 ic2 oc3 i4x5 k3 s2");
    const Tensor x = zeros(coarse_shape(p), p.dtype), y = zeros(fine_shape(p), p.dtype),
                 w = zeros(weight_shape(p), p.dtype);
    for (const Shape& shape : {Shape{2, 2, 4, 4}, Shape{2, 2, 5, 4}, Shape{1, 2, 4, 5}, Shape{2, 3, 4, 5},
                               Shape{2, 4, 5}, Shape{2, 2, 4, 5, 1}, Shape{80}, Shape{}, Shape{0}}) {
        const Tensor other = zeros(shape, p.dtype);
        expect_mismatch(scatter(p, other, w), to_string(shape));
        expect_mismatch(gather(p, other, w), to_string(shape));
        expect_mismatch(weight_grad(p, other, y), to_string(shape));
        expect_mismatch(weight_grad(p, x, other), to_string(shape));
        expect_mismatch(bias_grad(p, Pass::scatter, other), to_string(shape));
    }
    for (const Shape& shape : {Shape{3, 2, 3, 3}, Shape{2, 3, 3}, Shape{2, 3, 9}, Shape{2, 3, 3, 3, 1}, Shape{}}) {
        expect_mismatch(scatter(p, x, zeros(shape, p.dtype)), "weights");
        expect_mismatch(gather(p, y, zeros(shape, p.dtype)), "weights");
    }
    // With groups 1 and batch 1 the weights' shape less its first axis is no weights' shape.
    const Problem one = parsed("ic1 oc1 i4 k3");
    expect_mismatch(scatter(one, zeros({1, 1, 4}, one.dtype), zeros({1, 3}, one.dtype)), "weights");
}

TEST(Passes, RefusesMixedTypes) {
    const Problem p = parsed("ic1 oc1 i4 k3 bias sum");
    const DType a = DType::f32, b = DType::f64;
    const Tensor x = zeros({1, 1, 4}, a), w = zeros({1, 1, 3}, a), bias = zeros({1}, a), residual = zeros({1, 1, 6}, a),
                 x64 = zeros({1, 1, 4}, b), w64 = zeros({1, 1, 3}, b), bias64 = zeros({1}, b),
                 residual64 = zeros({1, 1, 6}, b);
    ASSERT_TRUE(scatter(p, x, w, &bias, &residual).ok());
    expect_mismatch(scatter(p, x64, w, &bias, &residual), "f64");
    expect_mismatch(scatter(p, x, w64, &bias, &residual), "f64");
    expect_mismatch(scatter(p, x, w, &bias64, &residual), "f64");
    expect_mismatch(scatter(p, x, w, &bias, &residual64), "f64");
    expect_mismatch(scatter(p, x64, w64, &bias64, &residual64), "f32");  // the problem says f32
    expect_mismatch(weight_grad(p, x, residual64), "f64");
    expect_mismatch(bias_grad(p, Pass::scatter, residual64), "f64");
}

TEST(Passes, RefusesAnEpilogueThatTheProblemDoesNotSay) {
    const Problem plain = parsed("ic1 oc2 i4 k3"), full = parsed("ic1 oc2 i4 k3 bias sum");
    const Tensor x = zeros({1, 1, 4}, DType::f32), w = zeros({1, 2, 3}, DType::f32), bias = zeros({2}, DType::f32),
                 residual = zeros({1, 2, 6}, DType::f32);
    expect_mismatch(scatter(plain, x, w, &bias), "bias");
    expect_mismatch(scatter(plain, x, w, nullptr, &residual), "residual");
    expect_mismatch(scatter(full, x, w), "bias");
    expect_mismatch(scatter(full, x, w, &bias), "residual");
    for (const Shape& shape : {Shape{1}, Shape{3}, Shape{2, 1}, Shape{1, 2}, Shape{}}) {
        const Tensor other = zeros(shape, DType::f32);
        expect_mismatch(scatter(full, x, w, &other, &residual), "the bias");
    }
    for (const Shape& shape : {Shape{1, 2, 5}, Shape{2}, Shape{1, 6, 2}, Shape{2, 2, 6}}) {
        const Tensor other = zeros(shape, DType::f32);
        expect_mismatch(scatter(full, x, w, &bias, &other), "the residual");
    }
}

TEST(Passes, RefusesAnInvalidProblem) {
    Problem p = parsed("ic1 oc1 i4 k3");
    p.axes[2].stride = 0;
    const Tensor x = zeros({1, 1, 4}, DType::f32), w = zeros({1, 1, 3}, DType::f32), y = zeros({1, 1, 6}, DType::f32);
    for (const auto& result : {scatter(p, x, w).error(), gather(p, y, w).error(), weight_grad(p, x, y).error(),
                               bias_grad(p, Pass::scatter, y).error()})
        EXPECT_EQ(result.code, ErrorCode::invalid_argument);
}

TEST(Passes, NothingOfSomething) {
    // No samples: empty arrays. No input channels: the bias alone. No output channels: an empty output.
    const Problem no_batch = parsed("n0 ic2 oc3 i4 k3"), no_input = parsed("ic0 oc3 i4 k3 bias f64"),
                  no_output = parsed("ic2 oc0 i4 k3");
    const Tensor w = zeros({2, 3, 3}, DType::f32);
    auto y = scatter(no_batch, zeros({0, 2, 4}, DType::f32), w);
    ASSERT_TRUE(y.ok());
    EXPECT_EQ(y->shape(), (Shape{0, 3, 6}));
    auto grad = weight_grad(no_batch, zeros({0, 2, 4}, DType::f32), zeros({0, 3, 6}, DType::f32));
    ASSERT_TRUE(grad.ok());
    for (std::int64_t at = 0; at < grad->elements(); ++at) EXPECT_EQ(get(*grad, at), 0);

    const Tensor bias = numbered({3}, DType::f64, 1);
    y = scatter(no_input, zeros({1, 0, 4}, DType::f64), zeros({0, 3, 3}, DType::f64), &bias);
    ASSERT_TRUE(y.ok());
    ASSERT_EQ(y->shape(), (Shape{1, 3, 6}));
    for (std::int64_t at = 0; at < 18; ++at) EXPECT_EQ(get(*y, at), get(bias, at / 6));

    y = scatter(no_output, zeros({1, 2, 4}, DType::f32), zeros({2, 0, 3}, DType::f32));
    ASSERT_TRUE(y.ok());
    EXPECT_EQ(y->shape(), (Shape{1, 0, 6}));
    auto x = gather(no_output, *y, zeros({2, 0, 3}, DType::f32));
    ASSERT_TRUE(x.ok());
    for (std::int64_t at = 0; at < 8; ++at) EXPECT_EQ(get(*x, at), 0);
}

TEST(Passes, AnOutputThatNoMachineHolds) {
    const Problem p = parsed("i2 k1 s281474976710656 f64");  // 2^48 rows
    Tensor x = zeros({1, 1, 2}, DType::f64), w = zeros({1, 1, 1}, DType::f64);
    auto y = scatter(p, x, w);
    ASSERT_FALSE(y.ok());
    EXPECT_EQ(y.error().code, ErrorCode::out_of_memory) << y.error().message;
}

}  // namespace
}  // namespace tconv
