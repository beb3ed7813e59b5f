// Random layers, and what they have to compute according to the reference.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <type_traits>

#include "tconv/arithmetic.h"
#include "tconv/factories.h"
#include "tconv/nn.h"
#include "tconv/print.h"
#include "tconv/reference.h"

namespace tconv::testing {

/// The sentence of the BadResult that an action throws; empty where it throws nothing.
template <class Action>
std::string sentence_of(Action&& action) {
    try {
        action();
    } catch (const BadResult& refused) {
        return refused.what();
    }
    return {};
}

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    std::int64_t from_to(std::int64_t least, std::int64_t most) {
        return least + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(most - least + 1));
    }
    /// Small whole numbers: sums are exact, and results can be compared with ==.
    Tensor values(const Shape& shape, DType dtype = DType::f64) {
        const Tensor tensor = zeros({element_count(shape).value()}, dtype);
        for (std::int64_t i = 0; i < tensor.elements(); ++i) tensor(i) = static_cast<double>(from_to(-4, 4));
        return tensor.reshape(shape);
    }
    /// The same as a view whose elements do not lie one after the other.
    Tensor view_of_values(const Shape& shape) {
        Shape wider = shape;
        wider.back() += 2;
        Tensor view = values(wider).transpose();
        view = view(Slice(1, shape.back() + 1));
        return view.transpose();
    }

private:
    std::mt19937_64 engine_;
};

/// One layer drawn at random with the problem that its parameters mean, worked out by hand.
template <class Layer, int kRank>
struct RandomLayer {
    static constexpr bool kIsTransposed = std::is_same_v<Layer, nn::ConvTransposeNd<kRank>>;

    explicit RandomLayer(Random& random) {
        groups = random.from_to(1, 3);
        in_channels = groups * random.from_to(1, 2);
        out_channels = groups * random.from_to(1, 2);
        problem.rank = kRank;
        problem.dtype = DType::f64;
        problem.groups = groups;
        problem.batch = random.from_to(0, 2);
        is_batched = problem.batch != 1 || random.from_to(0, 1) == 0;
        problem.coarse_channels = kIsTransposed ? in_channels : out_channels;
        problem.fine_channels = kIsTransposed ? out_channels : in_channels;
        problem.has_bias = random.from_to(0, 1) == 0;
        for (Axis& axis : problem.spatial()) axis = random_axis(random);
        for (const Axis& axis : problem.spatial()) {
            kernel.push_back(axis.kernel);
            stride.push_back(axis.stride);
            padding.push_back(axis.padding_begin);
            output_padding.push_back(axis.output_padding());
            dilation.push_back(axis.dilation);
        }
    }

    static Axis random_axis(Random& random) {
        const std::int64_t most = kRank == 1 ? 7 : kRank == 2 ? 4 : 3;
        Axis axis;
        do {
            axis.coarse = random.from_to(1, most);
            axis.kernel = random.from_to(1, most);
            axis.stride = random.from_to(1, 4);
            axis.dilation = random.from_to(1, 3);
            axis.padding_begin = axis.padding_end = random.from_to(0, 2);
            // A convolution leaves fewer than `stride` rows over; a transposed one can add up to max(stride, dilation).
            const std::int64_t end = kIsTransposed ? std::max(axis.stride, axis.dilation) : axis.stride;
            axis.fine = axis.full_size() - 2 * axis.padding_begin + random.from_to(0, end - 1);
        } while (axis.fine < 1);
        return axis;
    }

    Layer make(Random& random) const {
        const auto list = [](const Sizes& sizes) {
            if constexpr (kRank == 1) return nn::PerAxis{sizes[0]};
            if constexpr (kRank == 2) return nn::PerAxis{sizes[0], sizes[1]};
            if constexpr (kRank == 3) return nn::PerAxis{sizes[0], sizes[1], sizes[2]};
        };
        const auto options = [&] {
            if constexpr (kIsTransposed)
                return nn::ConvTransposeOptions{.stride = list(stride),
                                                .padding = list(padding),
                                                .output_padding = list(output_padding),
                                                .dilation = list(dilation),
                                                .groups = groups,
                                                .bias = problem.has_bias};
            else
                return nn::ConvOptions{.stride = list(stride),
                                       .padding = list(padding),
                                       .dilation = list(dilation),
                                       .groups = groups,
                                       .bias = problem.has_bias};
        };
        Layer layer(in_channels, out_channels, list(kernel), options());
        for (nn::Parameter* parameter : layer.parameters()) parameter->data = random.values(parameter->data.shape());
        return layer;
    }

    Shape shape(std::int64_t channels, std::int64_t Axis::* size) const {
        Shape shape = is_batched ? Shape{problem.batch, channels} : Shape{channels};
        for (const Axis& axis : problem.spatial()) shape.push_back(axis.*size);
        return shape;
    }
    Shape input_shape() const { return shape(in_channels, kIsTransposed ? &Axis::coarse : &Axis::fine); }
    Shape output_shape() const { return shape(out_channels, kIsTransposed ? &Axis::fine : &Axis::coarse); }

    Problem problem;
    std::int64_t groups, in_channels, out_channels;
    bool is_batched;
    Sizes kernel, stride, padding, output_padding, dilation;
};

inline const double* doubles(const Tensor& tensor) { return tensor.as<double>().data(); }

}  // namespace tconv::testing
