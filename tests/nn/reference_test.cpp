// Layers of every rank against the reference, and their gradients against differences, over random problems. The seed
// is part of every message; LAYERS_SEED repeats it.
#include <algorithm>
#include <cstdlib>

#include "support.h"
#include "tconv/problem_text.h"

namespace tconv::testing {
namespace {

constexpr int kCases = 150;

std::uint64_t first_seed() {
    const char* const given = std::getenv("LAYERS_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

template <class Layer, int kRank>
struct Case {
    using layer = Layer;
    static constexpr int rank = kRank;
};

template <class C>
class LayerOf : public ::testing::Test {
protected:
    // Calls check(drawn, layer, random) for every case.
    template <class Check>
    void for_random_layers(int cases, Check check) {
        const std::uint64_t seed = first_seed();
        for (int i = 0; i < cases && !this->HasFailure(); ++i) {
            Random random(seed + static_cast<std::uint64_t>(i));
            const RandomLayer<typename C::layer, C::rank> drawn(random);
            SCOPED_TRACE("LAYERS_SEED=" + std::to_string(seed + static_cast<std::uint64_t>(i)) + " " +
                         to_text(drawn.problem));
            auto layer = drawn.make(random);
            check(drawn, layer, random);
        }
    }
};

using AllLayers =
    ::testing::Types<Case<nn::Conv1d, 1>, Case<nn::Conv2d, 2>, Case<nn::Conv3d, 3>, Case<nn::ConvTranspose1d, 1>,
                     Case<nn::ConvTranspose2d, 2>, Case<nn::ConvTranspose3d, 3>>;
TYPED_TEST_SUITE(LayerOf, AllLayers);

TYPED_TEST(LayerOf, ItsProblemIsWhatItsParametersMean) {
    this->for_random_layers(kCases, [](const auto& drawn, auto& layer, Random&) {
        EXPECT_EQ(layer.problem(drawn.input_shape()), drawn.problem);
    });
}

TYPED_TEST(LayerOf, ItsOutputIsTheReferences) {
    this->for_random_layers(kCases, [](const auto& drawn, auto& layer, Random& random) {
        const Tensor x = random.values(drawn.input_shape()), expected = zeros(drawn.output_shape(), DType::f64);
        const auto pass = drawn.kIsTransposed ? reference::scatter : reference::gather;
        Tensor into = expected;
        pass(drawn.problem, doubles(x), doubles(layer.weight.data),
             {.bias = layer.bias ? doubles(layer.bias->data) : nullptr}, into.as<double>().data());
        const Tensor y = layer(x);
        EXPECT_EQ(y.dtype(), DType::f64);
        EXPECT_TRUE(array_equal(y, expected)) << y << "\nis not\n" << expected;
    });
}

TYPED_TEST(LayerOf, ItTakesViews) {
    this->for_random_layers(kCases / 3, [](const auto& drawn, auto& layer, Random& random) {
        const Tensor x = random.view_of_values(drawn.input_shape());
        const Tensor dy = random.view_of_values(drawn.output_shape());
        const Tensor copy = x.clone();
        layer.weight.data = random.view_of_values(layer.weight.data.shape());
        auto plain = layer;
        plain.weight.data = layer.weight.data.clone();
        EXPECT_TRUE(array_equal(layer(x), plain(copy)));
        const nn::Gradients of_views = layer.backward(x, dy), of_copies = plain.backward(copy, dy.clone());
        EXPECT_TRUE(array_equal(of_views.input_grad, of_copies.input_grad));
        EXPECT_TRUE(array_equal(*of_views.weight_grad, *of_copies.weight_grad));
        EXPECT_EQ(of_views.bias_grad.has_value(), of_copies.bias_grad.has_value());
        if (of_views.bias_grad) {
            EXPECT_TRUE(array_equal(*of_views.bias_grad, *of_copies.bias_grad));
        }
    });
}

// (L(x + h e) - L(x - h e)) / 2h for L = <layer(x), output_grad>. L is linear in each argument, so with whole numbers
// the quotient is exact.
template <class Layer>
Tensor difference_quotients(const Tensor& at, const Layer& layer, const Tensor& x, const Tensor& output_grad) {
    const Tensor grad = zeros({at.elements()}, DType::f64), elements = at.reshape({-1});
    const auto loss = [&] { return sum(layer(x) * output_grad).item(); };
    for (std::int64_t i = 0; i < at.elements(); ++i) {
        const double value = elements(i).item();
        elements(i) = value + 0.5;
        const double above = loss();
        elements(i) = value - 0.5;
        grad(i) = above - loss();
        elements(i) = value;
    }
    return grad.reshape(at.shape());
}

TYPED_TEST(LayerOf, ItsGradientsAreDifferenceQuotients) {
    this->for_random_layers(kCases / 3, [](const auto& drawn, auto& layer, Random& random) {
        const Tensor x = random.values(drawn.input_shape()), dy = random.values(drawn.output_shape());
        const nn::Gradients found = layer.backward(x, dy);
        const auto expect_equal = [](const Tensor& grad, const Tensor& expected) {
            EXPECT_TRUE(array_equal(grad, expected)) << grad << "\nis not\n" << expected;
        };
        expect_equal(found.input_grad, difference_quotients(x, layer, x, dy));
        expect_equal(found.weight_grad.value(), difference_quotients(layer.weight.data, layer, x, dy));
        ASSERT_EQ(found.bias_grad.has_value(), drawn.problem.has_bias);
        if (layer.bias) expect_equal(*found.bias_grad, difference_quotients(layer.bias->data, layer, x, dy));
    });
}

// A random one of the output sizes that the layer can be asked for, put into the problem; false where there is none.
bool ask_for_a_size(Problem& problem, Random& random) {
    for (Axis& axis : problem.spatial()) {
        const std::int64_t least = axis.fine - axis.output_padding();
        if (least + axis.stride - 1 < 1) return false;
        axis.fine = random.from_to(std::max<std::int64_t>(least, 1), least + axis.stride - 1);
    }
    return true;
}

TYPED_TEST(LayerOf, OutputSizeTakesThePlaceOfOutputPadding) {
    if constexpr (std::is_invocable_v<typename TypeParam::layer&, Tensor, Sizes>) {
        this->for_random_layers(kCases / 3, [](const auto& drawn, auto& layer, Random& random) {
            auto asked = drawn;
            if (!ask_for_a_size(asked.problem, random)) return;
            const Shape wanted = asked.output_shape();
            const Sizes sizes(wanted.end() - asked.problem.rank, wanted.end());
            const Tensor x = random.values(drawn.input_shape()), dy = random.values(wanted);
            EXPECT_EQ(layer.problem(x.shape(), sizes), asked.problem);
            const Tensor y = layer(x, sizes);
            EXPECT_EQ(y.shape(), wanted);
            EXPECT_TRUE(array_equal(y, layer(x, wanted)));
            // <dy, y> = <dx, x> + <db, b>: the gradients are those of the size that was asked for.
            const nn::Gradients found = layer.backward(x, dy);
            const double of_bias = layer.bias ? sum(*found.bias_grad * layer.bias->data).item() : 0;
            EXPECT_EQ(sum(dy * y).item(), sum(found.input_grad * x).item() + of_bias);
            EXPECT_EQ(sum(dy * y).item(), sum(*found.weight_grad * layer.weight.data).item() + of_bias);
        });
    }
}

TYPED_TEST(LayerOf, ALazyOneComputesWhatTheOtherDoes) {
    this->for_random_layers(kCases / 3, [](const auto& drawn, auto&, Random& random) {
        using Layer = typename TypeParam::layer;
        Layer known(drawn.in_channels, drawn.out_channels, 2, {.groups = drawn.groups});
        Layer lazy(nn::kLazy, drawn.out_channels, 2, {.groups = drawn.groups});
        Shape shape{drawn.in_channels};
        shape.insert(shape.end(), static_cast<std::size_t>(drawn.problem.rank), 3);
        const Tensor x = random.values(shape, DType::f32);
        nn::manual_seed(5);
        known.initialize();
        nn::manual_seed(5);
        lazy.initialize();
        EXPECT_EQ(lazy.problem(shape), known.problem(shape));
        EXPECT_TRUE(lazy.is_lazy());
        EXPECT_TRUE(array_equal(lazy(x), known(x)));
        EXPECT_FALSE(lazy.is_lazy());
        EXPECT_EQ(lazy.in_channels(), drawn.in_channels);
        EXPECT_TRUE(array_equal(lazy.weight.data, known.weight.data));
        EXPECT_TRUE(array_equal(lazy.bias->data, known.bias->data));
    });
}

}  // namespace
}  // namespace tconv::testing
