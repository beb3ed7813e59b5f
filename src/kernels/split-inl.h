// Splitting, and split tiles in plain C++ (contract: split_set.h). Included by units only, inside their own namespace.
#pragma once

inline std::uint32_t bits_of(float value) {
    std::uint32_t bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    return bits;
}

inline float float_of(std::uint32_t bits) {
    float value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

constexpr std::uint32_t kMagnitude = 0x7fffffffu, kInfinityBits = 0x7f800000u, kHighHalf = 0xffff0000u;

// The nearest bfloat16, as the high half of a word; of two equally near ones that which is further from zero.
inline std::uint32_t nearest_part(std::uint32_t bits) {
    if ((bits & kMagnitude) > kInfinityBits) return (bits | 0x00400000u) & kHighHalf;
    const std::uint32_t rounded = (bits + 0x8000u) & kHighHalf;
    return (rounded & kMagnitude) == kInfinityBits ? bits & kHighHalf : rounded;
}

struct Parts {
    std::uint32_t high, middle, low;  // in the high halves
};

inline Parts parts_of(float value) {
    Parts parts{nearest_part(bits_of(value)), 0, 0};
    if ((parts.high & kMagnitude) >= kInfinityBits) return parts;
    const float rest = value - float_of(parts.high);
    parts.middle = nearest_part(bits_of(rest));
    parts.low = bits_of(rest - float_of(parts.middle)) & kHighHalf;  // all of it, but below the least normal number
    return parts;
}

inline std::uint32_t greater(std::uint32_t greatest, float value) {
    const std::uint32_t magnitude = bits_of(value) & kMagnitude;
    return magnitude > greatest ? magnitude : greatest;
}

inline void split_pair(float even, float odd, std::uint32_t* high, std::uint32_t* middle, std::uint32_t* low) {
    const Parts a = parts_of(even), b = parts_of(odd);
    *high = a.high >> 16 | b.high;
    *middle = a.middle >> 16 | b.middle;
    *low = a.low >> 16 | b.low;
}

inline void split_one(float value, std::uint16_t* high, std::uint16_t* middle, std::uint16_t* low) {
    const Parts parts = parts_of(value);
    *high = static_cast<std::uint16_t>(parts.high >> 16);
    *middle = static_cast<std::uint16_t>(parts.middle >> 16);
    *low = static_cast<std::uint16_t>(parts.low >> 16);
}

#if TCONV_UNIT_LANES > 1
// Of vectors, in the high halves.
template <class Vector>
struct VectorParts {
    Vector high, middle, low;
};

template <class Tag>
struct Splitter {
    using Words = hn::RebindToUnsigned<Tag>;
    using Word = hn::Vec<Words>;
    const Tag tag{};
    const Words words{};
    Word greatest = hn::Zero(words);

    Word nearest(hn::Vec<Tag> value) const {
        return hn::And(hn::Add(hn::BitCast(words, value), hn::Set(words, 0x8000u)), hn::Set(words, kHighHalf));
    }
    /// Whether all of them may be split here.
    bool take(hn::Vec<Tag> value) {
        const Word magnitude = hn::And(hn::BitCast(words, value), hn::Set(words, kMagnitude));
        greatest = hn::Max(greatest, magnitude);
        return hn::AllTrue(words, hn::Lt(magnitude, hn::Set(words, kInfinityBits - 0x8000u)));
    }
    VectorParts<Word> parts(hn::Vec<Tag> value) const {
        const Word high = nearest(value);
        const auto rest = hn::Sub(value, hn::BitCast(tag, high));
        const Word middle = nearest(rest);
        const auto last = hn::Sub(rest, hn::BitCast(tag, middle));
        return {high, middle, hn::And(hn::BitCast(words, last), hn::Set(words, kHighHalf))};
    }
    Word pair(Word even, Word odd) const { return hn::Or(hn::ShiftRight<16>(even), odd); }
};
#endif

inline std::uint32_t split(const float* even, const float* odd, std::int64_t count, std::uint32_t* high,
                           std::uint32_t* middle, std::uint32_t* low) {
    std::uint32_t greatest = 0;
    std::int64_t i = 0;
#if TCONV_UNIT_LANES > 1
    const hn::ScalableTag<float> tag;
    Splitter<decltype(tag)> splitter;
    for (; i + TCONV_UNIT_LANES <= count; i += TCONV_UNIT_LANES) {
        const auto a = hn::LoadU(tag, even + i), b = hn::LoadU(tag, odd + i);
        const bool may_split_a = splitter.take(a), may_split_b = splitter.take(b);
        if (!(may_split_a && may_split_b)) {
            for (std::int64_t k = i; k < i + TCONV_UNIT_LANES; ++k)
                split_pair(even[k], odd[k], high + k, middle + k, low + k);
            continue;
        }
        const auto of_a = splitter.parts(a), of_b = splitter.parts(b);
        hn::StoreU(splitter.pair(of_a.high, of_b.high), splitter.words, high + i);
        hn::StoreU(splitter.pair(of_a.middle, of_b.middle), splitter.words, middle + i);
        hn::StoreU(splitter.pair(of_a.low, of_b.low), splitter.words, low + i);
    }
    greatest = hn::GetLane(hn::MaxOfLanes(splitter.words, splitter.greatest));
#endif
    for (; i < count; ++i) {
        split_pair(even[i], odd[i], high + i, middle + i, low + i);
        greatest = greater(greater(greatest, even[i]), odd[i]);
    }
    return greatest;
}

inline void split_weights(const float* values, std::int64_t count, std::uint16_t* high, std::uint16_t* middle,
                          std::uint16_t* low) {
    std::int64_t i = 0;
#if TCONV_UNIT_LANES > 1
    const hn::ScalableTag<float> tag;
    const hn::Rebind<std::uint16_t, decltype(tag)> halves;
    Splitter<decltype(tag)> splitter;
    const auto put = [&](auto words, std::uint16_t* to) {
        hn::StoreU(hn::TruncateTo(halves, hn::ShiftRight<16>(words)), halves, to);
    };
    for (; i + TCONV_UNIT_LANES <= count; i += TCONV_UNIT_LANES) {
        const auto value = hn::LoadU(tag, values + i);
        if (!splitter.take(value)) {
            for (std::int64_t k = i; k < i + TCONV_UNIT_LANES; ++k) split_one(values[k], high + k, middle + k, low + k);
            continue;
        }
        const auto parts = splitter.parts(value);
        put(parts.high, high + i);
        put(parts.middle, middle + i);
        put(parts.low, low + i);
    }
#endif
    for (; i < count; ++i) split_one(values[i], high + i, middle + i, low + i);
}

#if defined(TCONV_UNIT_SPLIT_ROWS)
template <int kRowTiles, int kLaneTiles>
void split_tile(const SplitSteps& steps, const std::uint16_t* weights, const std::uint32_t* panel, float* tile,
                std::int64_t pitch, bool adds) {
    constexpr int kRows = TCONV_UNIT_SPLIT_ROWS, kLanes = TCONV_UNIT_SPLIT_LANES, kDepth = TCONV_UNIT_SPLIT_DEPTH;
    constexpr int kPairs[6][2] = {{0, 2}, {0, 1}, {1, 1}, {1, 0}, {2, 0}, {0, 0}};  // parts of W and X
    for (int row = 0; row < kRowTiles * kRows; ++row)
        for (int lane = 0; lane < kLaneTiles * kLanes; ++lane) {
            float sum = adds ? tile[row * pitch + lane] : 0.0f;
            const std::uint16_t* w = weights + row / kRows * steps.row_tile_stride + row % kRows * kDepth;
            for (std::int64_t g = 0; g < steps.groups; ++g)
                for (std::int64_t t = 0; t < steps.taps; ++t, w += 3 * kRows * kDepth) {
                    const std::uint32_t* const x = panel + steps.offsets[t] + g * steps.group_stride + lane;
                    for (const auto& part : kPairs)
                        for (int c = 0; c < kDepth; ++c) {
                            const std::uint32_t pair = x[part[1] * steps.part_stride + c / 2 * steps.pair_stride];
                            const std::uint32_t weight = w[part[0] * kRows * kDepth + c];
                            sum += float_of(weight << 16) * float_of(c % 2 == 0 ? pair << 16 : pair & kHighHalf);
                        }
                }
            tile[row * pitch + lane] = sum;
        }
}
#endif
