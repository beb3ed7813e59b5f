// Measures against brute force: gains by feeding constants, epsilon and rejection by the kernel's Fourier transform.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "checkerboard/support.h"
#include "tconv/checkerboard.h"
#include "tconv/interpolation.h"

namespace tconv::checkerboard {
namespace {

using test::Doubles;
using test::problem_of;
using test::random_values;

constexpr double kClose = 1e-9;

Problem one_to_one(int k, int s, int d) {
    return problem_of("i24x24 k" + std::to_string(k) + " s" + std::to_string(s) + " d" + std::to_string(d) + " f64");
}

// G_a of a layer with one channel on either side: what a constant 1 becomes, far from the borders.
Doubles gains_by_constant(const Problem& problem, const Doubles& weights) {
    const Doubles fine = test::scattered(problem, weights);
    const Axis& axis = problem.axes[1];
    Doubles gains;
    for (std::int64_t a = 0; a < axis.stride; ++a)
        for (std::int64_t b = 0; b < axis.stride; ++b)
            gains.push_back(fine[static_cast<std::size_t>((12 * axis.stride + a) * axis.fine + 12 * axis.stride + b)]);
    return gains;
}

double epsilon_of(const Doubles& gains) {
    double mean = 0, deviation = 0, energy = 0;
    for (const double gain : gains) mean += gain / static_cast<double>(gains.size());
    for (const double gain : gains) {
        deviation += (gain - mean) * (gain - mean);
        energy += gain * gain;
    }
    return std::sqrt(deviation / energy);
}

// |H|^2 at (2 pi a / s, 2 pi b / s), tap by tap.
double spectrum(const Problem& problem, const Doubles& weights, std::int64_t a, std::int64_t b) {
    const Axis& axis = problem.axes[1];
    std::complex<double> sum = 0;
    for (std::int64_t i = 0; i < axis.kernel; ++i)
        for (std::int64_t j = 0; j < axis.kernel; ++j) {
            const double turn = static_cast<double>(axis.dilation * (i * a + j * b)) / static_cast<double>(axis.stride);
            sum +=
                weights[static_cast<std::size_t>(i * axis.kernel + j)] * std::polar(1.0, -2 * std::numbers::pi * turn);
        }
    return std::norm(sum);
}

TEST(Measures, EqualBruteForce) {
    for (int s = 2; s <= 4; ++s)
        for (int k = 1; k <= 9; ++k)
            for (int d = 1; d <= 3; ++d) {
                const Problem problem = one_to_one(k, s, d);
                SCOPED_TRACE(to_text(problem));
                const Doubles weights = random_values(problem.weight_elements(), static_cast<unsigned>(k * 10 + s));
                const Measures found = measure(problem, weights).value();
                const Doubles gains = gains_by_constant(problem, weights);
                const double epsilon = epsilon_of(gains), phases = s * s;
                EXPECT_NEAR(found.epsilon, epsilon, kClose);
                EXPECT_NEAR(found.epsilon_ratio, epsilon / std::sqrt(1 - 1 / phases), kClose);
                EXPECT_NEAR(found.channel_epsilon.at(0), epsilon, kClose);
                EXPECT_EQ(found.phases, s * s);

                double images = 0;
                for (int a = 0; a < s; ++a)
                    for (int b = 0; b < s; ++b)
                        if (a + b > 0) images += spectrum(problem, weights, a, b);
                const double rejection = 10 * std::log10(spectrum(problem, weights, 0, 0) / images);
                EXPECT_NEAR(found.image_rejection_db, rejection, 1e-6);

                Doubles listed(gains.size(), 0.0);
                for (const PhaseGain& gain : found.gains)
                    listed.at(static_cast<std::size_t>(gain.phase[0] * s + gain.phase[1])) = gain.norm;
                for (std::size_t a = 0; a < gains.size(); ++a) EXPECT_NEAR(listed[a], std::fabs(gains[a]), kClose);
            }
}

// All channels together: the sums run over every pair that a group joins.
TEST(Measures, ChannelsAndGroups) {
    const Problem problem = problem_of("ic4 oc6 i9 k5 s3 g2 f64");
    const Doubles weights = random_values(problem.weight_elements());
    double deviation = 0, energy = 0;
    Doubles of_channel_deviation(6), of_channel_energy(6);
    for (std::size_t c = 0; c < 4; ++c)
        for (std::size_t f = 0; f < 3; ++f) {
            Doubles gains(3);
            for (std::size_t tap = 0; tap < 5; ++tap) gains[tap % 3] += weights[(c * 3 + f) * 5 + tap];
            const double mean = (gains[0] + gains[1] + gains[2]) / 3;
            for (const double gain : gains) {
                deviation += (gain - mean) * (gain - mean);
                energy += gain * gain;
                of_channel_deviation[c / 2 * 3 + f] += (gain - mean) * (gain - mean);
                of_channel_energy[c / 2 * 3 + f] += gain * gain;
            }
        }
    const Measures found = measure(problem, weights).value();
    EXPECT_NEAR(found.epsilon, std::sqrt(deviation / energy), kClose);
    ASSERT_EQ(found.channel_epsilon.size(), 6U);
    for (std::size_t f = 0; f < 6; ++f)
        EXPECT_NEAR(found.channel_epsilon[f], std::sqrt(of_channel_deviation[f] / of_channel_energy[f]), kClose);
}

TEST(Measures, InterpolationIsCleanToItsOrder) {
    // Bilinear by 2 is (1 + z)^3: a zero of order 3 at its one image frequency.
    const std::pair<Interpolation, int> kinds[] = {{Interpolation::nearest, 1}, {Interpolation::bilinear, 2}};
    for (const auto& [kind, order] : kinds)
        for (int s = 2; s <= 5; ++s) {
            const InterpolationTaps axis = interpolation_taps(kind, s).value();
            const auto count = static_cast<std::int64_t>(axis.taps.size());
            const Problem problem = problem_of("i8x8 k" + std::to_string(count) + " s" + std::to_string(s) + " f64");
            Doubles weights;
            for (const double a : axis.taps)
                for (const double b : axis.taps) weights.push_back(a * b);
            const Measures found = measure(problem, weights).value();
            EXPECT_LT(found.epsilon, 1e-12) << s;
            EXPECT_EQ(found.order, order + (kind == Interpolation::bilinear && s == 2)) << s;
            for (const PhaseGain& gain : found.gains) EXPECT_NEAR(gain.share, 1, 1e-12);
        }
    // Keys' cubics reproduce quadratics.
    const InterpolationTaps cubic = interpolation_taps(Interpolation::bicubic, 2).value();
    EXPECT_EQ(measure(problem_of("i8 k8 s2 f64"), cubic.taps).value().order, 3);
}

TEST(Measures, IndependentWeightsGiveTheRootWhateverTheKernel) {
    for (const char* text : {"ic64 oc64 i8x8 k4 s2 f64", "ic64 oc64 i8x8 k3 s2 f64", "ic64 oc64 i8x8 k6 s3 f64",
                             "ic64 oc64 i8x8 k1 s2 f64"}) {
        const Problem problem = problem_of(text);
        const Measures found = measure(problem, random_values(problem.weight_elements())).value();
        EXPECT_NEAR(found.epsilon_ratio, 1, 0.01) << text;
        EXPECT_EQ(found.order, 0) << text;
    }
}

TEST(Measures, WithoutPhasesThereIsNoPattern) {
    const Problem problem = problem_of("ic2 oc3 i8x8 k3 p1");
    const Measures found = measure(problem, random_values(problem.weight_elements())).value();
    EXPECT_EQ(found.epsilon, 0);
    EXPECT_EQ(found.epsilon_ratio, 0);
    EXPECT_EQ(found.order, std::nullopt);
    EXPECT_EQ(found.image_rejection_db, HUGE_VAL);
    const Measures zero = measure(problem_of("i8 k4 s2"), Doubles(4, 0.0)).value();
    EXPECT_EQ(zero.epsilon, 0);
    const Measures alternating = measure(problem_of("i8 k2 s2"), Doubles{1, -1}).value();
    EXPECT_EQ(alternating.epsilon, 1);
    EXPECT_EQ(alternating.image_rejection_db, -HUGE_VAL);
}

TEST(Measures, HolesCountAsPhasesWithoutGain) {
    const Measures found = measure(problem_of("i8 k2 s2 d2"), Doubles{1, 1}).value();  // gains 2 and nothing
    EXPECT_NEAR(found.epsilon, std::sqrt(0.5), kClose);
    EXPECT_EQ(found.gains.size(), 1U);
    EXPECT_EQ(found.phases, 2);
}

TEST(Measures, RefuseWhatHasNoSums) {
    const Problem problem = problem_of("i8 k4 s2");
    EXPECT_EQ(measure(problem, Doubles(3, 1.0)).error().code, ErrorCode::array_mismatch);
    EXPECT_EQ(measure(problem, Doubles{1, 2, std::nan(""), 4}).error().code, ErrorCode::array_mismatch);
    EXPECT_EQ(measure(problem, Doubles{1, 2, HUGE_VAL, 4}).error().code, ErrorCode::array_mismatch);
    EXPECT_EQ(measure(problem_of("i1 k1 s1099511627777"), Doubles{1}).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace tconv::checkerboard
