#include "bench_values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace tconv::cli {
namespace {

// splitmix64 of Steele, Lea and Flood (OOPSLA 2014), as a function of the counter.
float value_at(std::uint64_t counter) noexcept {
    std::uint64_t z = counter + 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    // Signed, since x86-64 without AVX-512 converts nothing else in one instruction.
    return static_cast<float>(static_cast<std::int32_t>(z >> 40)) / static_cast<float>(1 << 24) - 0.5f;
}

template <class T>
void fill(T* array, const ArrayOrder& order, std::uint64_t counter) noexcept {
    if (!order.is_channels_last) {
        for (std::int64_t i = 0; i < order.elements(); ++i)
            array[i] = T(value_at(counter + static_cast<std::uint64_t>(i)));
        return;
    }
    const std::int64_t sample_elements = order.channels * order.positions;
    for (std::int64_t n = 0; n < order.samples; ++n)
        for (std::int64_t position = 0; position < order.positions; ++position)
            for (std::int64_t channel = 0; channel < order.channels; ++channel)
                *array++ = T(value_at(
                    counter + static_cast<std::uint64_t>(n * sample_elements + channel * order.positions + position)));
}

// Where the j-th element in channels-first order lies.
std::int64_t place_of(const ArrayOrder& order, std::int64_t j) noexcept {
    if (!order.is_channels_last) return j;
    const std::int64_t position = j % order.positions, channel = j / order.positions % order.channels;
    return j - j % (order.channels * order.positions) + position * order.channels + channel;
}

// cos(first + i) = cos(first) cos(i) - sin(first) sin(i): two cosines for a block instead of one for each element.
template <class T>
Checksum sum_up(const T* array, const ArrayOrder& order) noexcept {
    constexpr std::int64_t kBlock = 1024, kLanes = 4;  // lanes: sums that do not wait for each other
    std::array<double, kBlock> cosines{}, sines{}, values{};
    for (std::size_t i = 0; i < kBlock; ++i) {
        cosines[i] = std::cos(static_cast<double>(i));
        sines[i] = std::sin(static_cast<double>(i));
    }
    double sum = 0, squares = 0;
    for (std::int64_t first = 0; first < order.elements(); first += kBlock) {
        const std::int64_t count = std::min(kBlock, order.elements() - first);
        for (std::int64_t i = 0; i < kBlock; ++i)
            values[static_cast<std::size_t>(i)] = i < count ? double(array[place_of(order, first + i)]) : 0;
        std::array<double, kLanes> with_cosines{}, with_sines{}, with_itself{};
        for (std::size_t i = 0; i < kBlock; i += kLanes)
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                const double value = values[i + lane];
                with_cosines[lane] += value * cosines[i + lane];
                with_sines[lane] += value * sines[i + lane];
                with_itself[lane] += value * value;
            }
        const auto all = [](const std::array<double, kLanes>& lanes) {
            return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
        };
        const double angle = static_cast<double>(first);
        sum += std::cos(angle) * all(with_cosines) - std::sin(angle) * all(with_sines);
        squares += all(with_itself);
    }
    return {sum, std::sqrt(squares)};
}

}  // namespace

void fill_values(void* array, const ArrayOrder& order, std::uint64_t seed) noexcept {
    if (order.dtype == DType::f32)
        fill(static_cast<float*>(array), order, seed << 32);
    else
        fill(static_cast<double*>(array), order, seed << 32);
}

void fill_nan(void* array, const ArrayOrder& order) noexcept {
    if (order.dtype == DType::f32)
        std::fill_n(static_cast<float*>(array), order.elements(), std::numeric_limits<float>::quiet_NaN());
    else
        std::fill_n(static_cast<double*>(array), order.elements(), std::numeric_limits<double>::quiet_NaN());
}

Checksum checksum_of(const void* array, const ArrayOrder& order) noexcept {
    return order.dtype == DType::f32 ? sum_up(static_cast<const float*>(array), order)
                                     : sum_up(static_cast<const double*>(array), order);
}

}  // namespace tconv::cli
