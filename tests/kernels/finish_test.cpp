// finish of every unit against the definition's activations, its arrays between guard pages.
#include <algorithm>

#include "support.h"
#include "tconv/problem_text.h"
#include "tconv/reference.h"

namespace tconv::testing {
namespace {

using Kind = Activation::Kind;

// Constants that both types hold, so that the definition's are the kernels' own.
const std::vector<Activation>& all_activations() {
    static const std::vector<Activation> kAll{{Kind::none},           {Kind::relu},       {Kind::leaky, 0.25},
                                              {Kind::leaky, -1.5},    {Kind::tanh},       {Kind::sigmoid},
                                              {Kind::clamp, -0.5, 6}, {Kind::clamp, 0, 0}};
    return kAll;
}

bool is_transcendental(const Activation& activation) {
    return activation.kind == Kind::tanh || activation.kind == Kind::sigmoid;
}

/// Zeros, infinities, NaN, and numbers from the smallest to the largest.
template <class T>
std::vector<T> telling_values() {
    using Limits = std::numeric_limits<T>;
    std::vector<T> values{0, kInfinity<T>, Limits::max(), Limits::min(), Limits::denorm_min()};
    for (T x = Limits::min(); x < Limits::max() / 3; x *= T(2.9)) values.push_back(x);
    for (T x = T(0.01); x < 120; x += T(0.37)) values.push_back(x);
    for (std::size_t i = 0, count = values.size(); i < count; ++i) values.push_back(-values[i]);
    values.push_back(kNan<T>);
    return values;
}

/// Exact where the type can be; a few units in the last place for tanh and sigmoid, which need not tell numbers below
/// the normal ones from zero.
template <class T>
bool is_right(const Activation& activation, T given, double wanted) {
    constexpr double kUlps = 6;
    if (!is_transcendental(activation)) return is_same(given, static_cast<T>(wanted));
    if (std::isnan(wanted)) return std::isnan(given);
    const double unit = static_cast<double>(std::numeric_limits<T>::epsilon());
    return std::fabs(static_cast<double>(given) - wanted) <=
           kUlps * unit * std::fabs(wanted) + 2 * static_cast<double>(std::numeric_limits<T>::min());
}

TYPED_TEST(EachType, FinishComputesEveryActivation) {
    using T = TypeParam;
    const std::vector<T> values = telling_values<T>();
    for_each_set<T>([&](const auto& set) {
        for (const Activation& activation : all_activations()) {
            SCOPED_TRACE(to_text(activation));
            std::vector<T> output(values.size(), 99);
            set.finish(values.data(), nullptr, static_cast<std::int64_t>(values.size()), activation, output.data(),
                       kernels::Stores::cached);
            for (std::size_t i = 0; i < values.size(); ++i) {
                const double wanted = reference::activate(activation, static_cast<double>(values[i]));
                ASSERT_TRUE(is_right(activation, output[i], wanted))
                    << values[i] << " gives " << output[i] << ", not " << wanted;
            }
        }
    });
}

TYPED_TEST(EachType, FinishKeepsItsEdges) {
    using T = TypeParam;
    enum class Place { apart, on_values, on_residual };
    for_each_set<T>([&](const auto& set) {
        std::mt19937 random(1);
        const std::int64_t most = 4 * set.lanes + 3;
        GuardedArray<T> first(most), second(most), third(most);
        std::vector<T> sums, wanted(static_cast<std::size_t>(most));
        for (const Activation& activation : all_activations())
            for (const std::int64_t count : counts_around(2 * set.lanes))
                for (const bool has_residual : {false, true})
                    for (const Place place : {Place::apart, Place::on_values, Place::on_residual})
                        for (const Edge edge : kEdges) {
                            if (place == Place::on_residual && !has_residual) continue;
                            const auto values = first.place(count, edge, 0);
                            const auto residual = second.place(count, edge, 0);
                            fill_with_reals(values, random);
                            fill_with_reals(residual, random);
                            const auto output = place == Place::apart       ? third.place(count, edge, 99)
                                                : place == Place::on_values ? values
                                                                            : residual;
                            sums.assign(values.begin(), values.end());
                            for (std::size_t i = 0; has_residual && i < sums.size(); ++i) sums[i] += residual[i];
                            // An element's bits are those that it has on its own, wherever it stands.
                            for (std::size_t i = 0; i < sums.size(); ++i)
                                set.finish(&sums[i], nullptr, 1, activation, &wanted[i], kernels::Stores::cached);
                            set.finish(values.data(), has_residual ? residual.data() : nullptr, count, activation,
                                       output.data(),
                                       random() % 2 == 0 ? kernels::Stores::cached : kernels::Stores::streaming);
                            set.flush();
                            ASSERT_TRUE(std::equal(output.begin(), output.end(), wanted.begin(), is_same<T>))
                                << to_text(activation) << ", " << count << " elements"
                                << (has_residual ? ", residual" : "");
                        }
    });
}

}  // namespace
}  // namespace tconv::testing
