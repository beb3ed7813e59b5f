// The channels kernel (contract: kernel_set.h): lanes are channels that have nothing to do with each other. Included by
// instruction-set units only.
#pragma once

template <class T>
struct ChannelRow {
    std::int64_t steps;
    const T* weights;
    const std::int64_t* weight_offsets;
    const std::int64_t* offsets;
    const T* bias;
    std::int64_t read_step, write_step;
};

// kPoints points, kVectors vectors of channels from `c` on; `channels`: of the last one, where it is not whole.
template <int kPoints, int kVectors, bool kIsWhole, class T>
HWY_INLINE void channel_block(const ChannelRow<T>& of, std::int64_t c, std::int64_t channels,
                              const T* HWY_RESTRICT input, T* HWY_RESTRICT output) {
    const hn::ScalableTag<T> tag;
    using Vector = hn::Vec<decltype(tag)>;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    const auto load = [&](const T* from) HWY_ATTR {
        if constexpr (kIsWhole)
            return hn::LoadU(tag, from);
        else
            return load_first(tag, from, channels);
    };
    Vector sums[kPoints][kVectors];
    TCONV_UNROLL for (int p = 0; p < kPoints; ++p) {
        TCONV_UNROLL for (int v = 0; v < kVectors; ++v) sums[p][v] = hn::Zero(tag);
    }
    for (std::int64_t k = 0; k < of.steps; ++k) {
        const T* HWY_RESTRICT from = input + of.offsets[k] + c;
        const T* HWY_RESTRICT weights = of.weights + of.weight_offsets[k] + c;
        TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
            Vector weight = load(weights + v * kLanes);
            TCONV_KEEP(weight);
            TCONV_UNROLL for (int p = 0; p < kPoints; ++p) {
                sums[p][v] = hn::MulAdd(weight, load(from + p * of.read_step + v * kLanes), sums[p][v]);
            }
        }
    }
    TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
        const Vector add = of.bias != nullptr ? load(of.bias + c + v * kLanes) : hn::Set(tag, T(-0.0));
        TCONV_UNROLL for (int p = 0; p < kPoints; ++p) {
            T* const to = output + p * of.write_step + c + v * kLanes;
            const Vector sum = hn::Add(sums[p][v], add);
            if constexpr (kIsWhole)
                hn::StoreU(sum, tag, to);
            else
                store_lanes(sum, tag, channels, to);
        }
    }
}

template <int kPoints, class T>
void channel_points(const ChannelRow<T>& of, std::int64_t channels, const T* input, T* output) {
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    if (channels < kLanes) return channel_block<kPoints, 1, false>(of, 0, channels, input, output);
    std::int64_t c = 0;
    for (; c + 2 * kLanes <= channels; c += 2 * kLanes) channel_block<kPoints, 2, true>(of, c, 0, input, output);
    for (; c + kLanes <= channels; c += kLanes) channel_block<kPoints, 1, true>(of, c, 0, input, output);
    // The last vector begins early enough to be whole, and stores some channels again.
    if (c < channels) channel_block<kPoints, 1, true>(of, channels - kLanes, 0, input, output);
}

template <class T>
void channels(std::int64_t steps, const T* weights, const std::int64_t* weight_offsets, const T* input,
              const std::int64_t* offsets, std::int64_t read_step, std::int64_t channel_count, std::int64_t count,
              const T* bias, T* output, std::int64_t write_step) {
    constexpr int kPoints = 4;
    const ChannelRow<T> of{steps, weights, weight_offsets, offsets, bias, read_step, write_step};
    std::int64_t q = 0;
    for (; q + kPoints <= count; q += kPoints)
        channel_points<kPoints>(of, channel_count, input + q * read_step, output + q * write_step);
    for (; q < count; ++q) channel_points<1>(of, channel_count, input + q * read_step, output + q * write_step);
}
