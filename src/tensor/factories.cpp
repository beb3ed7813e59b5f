#include "tconv/factories.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "tensor/strided.h"

namespace tconv {
namespace {

Shape shape_of(const NestedList& list) {
    Shape shape;
    for (const NestedList* level = &list; level->is_list(); level = &level->children().front()) {
        shape.push_back(static_cast<std::int64_t>(level->children().size()));
        if (level->children().empty()) break;
    }
    return shape;
}

void flatten(const NestedList& list, const Shape& shape, std::size_t depth, std::vector<double>& values) {
    const bool should_be_list = depth < shape.size();
    if (list.is_list() != should_be_list ||
        (should_be_list && static_cast<std::int64_t>(list.children().size()) != shape[depth]))
        strided::fail("a nested list whose rows differ in length or depth is no tensor; the first ones make shape " +
                      to_string(shape) + ", which the others must have");
    if (!should_be_list) values.push_back(list.value());
    for (const NestedList& child : list.children()) flatten(child, shape, depth + 1, values);
}

Tensor from_values(const Shape& shape, const std::vector<double>& values, DType dtype) {
    Tensor tensor = zeros(shape, dtype);
    for (std::size_t i = 0; i < values.size(); ++i) strided::store(tensor, static_cast<std::int64_t>(i), values[i]);
    return tensor;
}

// Calls next() for every element, in order.
template <class Next>
Tensor generate(const Shape& shape, DType dtype, Next next) {
    Tensor tensor = zeros(shape, dtype);
    for (std::int64_t i = 0; i < tensor.elements(); ++i) strided::store(tensor, i, next());
    return tensor;
}

// 53 random bits as a number in [0, 1). The standard's distributions differ between libraries; this does not.
double unit(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

}  // namespace

Tensor tensor(const NestedList& values, DType dtype) {
    const Shape shape = shape_of(values);
    std::vector<double> flat;
    flatten(values, shape, 0, flat);
    return from_values(shape, flat, dtype);
}

Tensor zeros(const Shape& shape, DType dtype) { return Tensor::zeros(shape, dtype).value(); }

Tensor ones(const Shape& shape, DType dtype) { return full(shape, 1, dtype); }

Tensor full(const Shape& shape, double value, DType dtype) {
    const Tensor tensor = zeros(shape, dtype);
    tensor.fill(value);
    return tensor;
}

Tensor arange(double begin, double end, double step, DType dtype) {
    const double steps = (end - begin) / step;
    if (!std::isfinite(begin) || !std::isfinite(step) || step == 0 || !(steps < 0x1p62))
        strided::fail("arange needs a step other than 0 and a finite number of elements");
    // A step that is too large for the quotient still leaves `begin`.
    const double count = steps == 0 && !std::signbit(steps) && begin != end ? 1 : std::ceil(std::max(steps, 0.0));
    std::int64_t i = 0;
    return generate({static_cast<std::int64_t>(count)}, dtype, [&] { return begin + static_cast<double>(i++) * step; });
}

Tensor arange(double end) { return arange(0, end); }

Tensor uniform(const Shape& shape, std::uint64_t seed, double low, double high, DType dtype) {
    if (!(low <= high) || !std::isfinite(high - low))
        strided::fail("uniform needs finite bounds, the lower one first; got " + std::to_string(low) + " and " +
                      std::to_string(high));
    std::mt19937_64 random(seed);
    // Rounding up must not reach `high`, neither in double nor in float.
    const double below = dtype == DType::f64
                             ? std::nextafter(high, low)
                             : static_cast<double>(std::nextafter(static_cast<float>(high), static_cast<float>(low)));
    return generate(shape, dtype, [&] { return std::min(low + (high - low) * unit(random), below); });
}

Tensor normal(const Shape& shape, std::uint64_t seed, double mean, double deviation, DType dtype) {
    if (!(deviation >= 0) || !std::isfinite(deviation) || !std::isfinite(mean))
        strided::fail("normal needs a finite mean and a deviation of 0 or more; got " + std::to_string(mean) + " and " +
                      std::to_string(deviation));
    std::mt19937_64 random(seed);
    return generate(shape, dtype, [&] {
        const double radius = std::sqrt(-2 * std::log(1 - unit(random)));
        return mean + deviation * radius * std::cos(2 * std::numbers::pi * unit(random));
    });
}

}  // namespace tconv
