// The interpolation kernels through the layer they are made for: sizes, phases, and what each kind reproduces.
#include "tconv/interpolation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tconv/passes.h"

namespace tconv {
namespace {

constexpr Interpolation kKinds[] = {Interpolation::nearest, Interpolation::bilinear, Interpolation::bicubic};

InterpolationTaps taps_of(Interpolation kind, std::int64_t factor) {
    auto taps = interpolation_taps(kind, factor);
    EXPECT_TRUE(taps.ok());
    return *taps;
}

/// A row of doubles through the layer.
std::vector<double> enlarge(Interpolation kind, std::int64_t factor, const std::vector<double>& row) {
    const InterpolationTaps taps = taps_of(kind, factor);
    Problem problem;
    problem.rank = 1;
    problem.dtype = DType::f64;
    Axis& axis = problem.spatial()[0];
    axis.coarse = std::ssize(row);
    axis.kernel = std::ssize(taps.taps);
    axis.stride = taps.stride;
    axis.padding_begin = axis.padding_end = taps.padding;
    axis.fine = axis.full_size() - 2 * taps.padding;
    Tensor x = *Tensor::zeros({1, 1, std::ssize(row)}, DType::f64);
    std::copy(row.begin(), row.end(), x.as<double>().begin());
    const Tensor y = *scatter(problem, x, *depthwise_weights(taps, 1, 1, DType::f64));
    return {y.as<double>().begin(), y.as<double>().end()};
}

TEST(Interpolation, OutputIsFactorTimesInput) {
    for (const Interpolation kind : kKinds)
        for (std::int64_t factor = 1; factor <= 9; ++factor)
            for (const std::size_t size : {1U, 2U, 7U})
                EXPECT_EQ(enlarge(kind, factor, std::vector<double>(size, 1)).size(), size * std::size_t(factor))
                    << "factor " << factor;
}

TEST(Interpolation, PhasesSumToOne) {
    for (const Interpolation kind : kKinds)
        for (std::int64_t factor = 1; factor <= 9; ++factor) {
            const std::vector<double> taps = taps_of(kind, factor).taps;
            for (std::size_t phase = 0; phase < std::size_t(factor); ++phase) {
                double sum = 0;
                for (std::size_t tap = phase; tap < taps.size(); tap += std::size_t(factor)) sum += taps[tap];
                EXPECT_NEAR(sum, 1, 1e-14) << "factor " << factor << ", phase " << phase;
            }
        }
}

TEST(Interpolation, KernelsAreSymmetric) {
    for (const Interpolation kind : kKinds)
        for (std::int64_t factor = 1; factor <= 9; ++factor) {
            const std::vector<double> taps = taps_of(kind, factor).taps;
            for (std::size_t tap = 0; tap < taps.size(); ++tap)
                EXPECT_NEAR(taps[tap], taps[taps.size() - 1 - tap], 1e-15) << "factor " << factor;
        }
}

TEST(Interpolation, BilinearIsTheInitialisationOfFcn) {
    const InterpolationTaps two = taps_of(Interpolation::bilinear, 2), three = taps_of(Interpolation::bilinear, 3);
    EXPECT_EQ(two.taps, (std::vector<double>{0.25, 0.75, 0.75, 0.25}));
    EXPECT_EQ(two.padding, 1);
    EXPECT_EQ(three.padding, 1);
    ASSERT_EQ(three.taps.size(), 5U);
    for (std::size_t tap = 0; tap < 5; ++tap) EXPECT_NEAR(three.taps[tap], 1 - std::abs(double(tap) - 2) / 3, 1e-15);
}

TEST(Interpolation, BicubicIsKeysCubicOfMinusAHalf) {
    // f at -7/4, -5/4, -3/4, -1/4: the weights that Pillow's and Catmull-Rom's bicubic have at a quarter pixel.
    const std::vector<double> expected{-0.0234375, -0.0703125, 0.2265625,  0.8671875,
                                       0.8671875,  0.2265625,  -0.0703125, -0.0234375};
    EXPECT_EQ(taps_of(Interpolation::bicubic, 2).taps, expected);
    EXPECT_EQ(taps_of(Interpolation::bicubic, 2).padding, 3);
}

TEST(Interpolation, NearestRepeats) {
    EXPECT_EQ(enlarge(Interpolation::nearest, 3, {1, -2, 5}), (std::vector<double>{1, 1, 1, -2, -2, -2, 5, 5, 5}));
}

TEST(Interpolation, PolynomialsAreReproducedInside) {
    for (std::int64_t factor = 1; factor <= 9; ++factor)
        for (const auto& [kind, degree, reach] :
             {std::tuple{Interpolation::nearest, 0, 0}, std::tuple{Interpolation::bilinear, 1, 1},
              std::tuple{Interpolation::bicubic, 2, 2}}) {
            const auto value = [&, power = degree](double u) {
                return 3 + (power > 0 ? 2 * u : 0) + (power > 1 ? u * u : 0);
            };
            std::vector<double> row(9);
            for (std::size_t i = 0; i < row.size(); ++i) row[i] = value(double(i));
            const std::vector<double> large = enlarge(kind, factor, row);
            for (std::int64_t y = reach * factor; y < std::ssize(large) - reach * factor; ++y)
                EXPECT_NEAR(large[std::size_t(y)], value((double(y) + 0.5) / double(factor) - 0.5), 1e-11)
                    << "degree " << degree << ", factor " << factor << ", output " << y;
        }
}

TEST(Interpolation, WeightsOfAPictureAreTheOuterProduct) {
    const InterpolationTaps taps = taps_of(Interpolation::bilinear, 2);
    const Tensor weights = *depthwise_weights(taps, 3, 2, DType::f32);
    EXPECT_EQ(weights.shape(), (Shape{3, 1, 4, 4}));
    for (std::size_t at = 0; at < 48; ++at)
        EXPECT_EQ(weights.as<float>()[at], float(taps.taps[at / 4 % 4] * taps.taps[at % 4]));
    EXPECT_EQ(depthwise_weights(taps, 2, 3, DType::f64)->shape(), (Shape{2, 1, 4, 4, 4}));
}

TEST(Interpolation, RefusesWhatItCannotDo) {
    for (const std::int64_t factor : {std::int64_t{-1}, std::int64_t{0}, kLargestInterpolationFactor + 1, INT64_MAX})
        EXPECT_EQ(interpolation_taps(Interpolation::bicubic, factor).error().code, ErrorCode::invalid_argument);
    const InterpolationTaps taps = taps_of(Interpolation::nearest, 2);
    for (const int rank : {-1, 0, 4})
        EXPECT_EQ(depthwise_weights(taps, 1, rank, DType::f32).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(depthwise_weights(taps, -1, 2, DType::f32).error().code, ErrorCode::invalid_argument);
    const InterpolationTaps large = taps_of(Interpolation::bicubic, kLargestInterpolationFactor);
    EXPECT_FALSE(depthwise_weights(large, std::int64_t{1} << 50, 3, DType::f64).ok());
}

}  // namespace
}  // namespace tconv
