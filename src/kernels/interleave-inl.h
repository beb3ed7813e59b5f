// Interleaving two vectors: a0 b0 a1 b1 ... Highway 1.0.3 takes six shuffles for the two results where AVX-512 has one
// instruction for each (8x48 tiles of k2 s2, 128 channels: store falls from 9 % of a layer's time to 6 %). Included by
// instruction-set units only.
#pragma once

#if HWY_TARGET <= HWY_AVX3
template <class Vector>
struct Pair {
    Vector low, high;
};

HWY_INLINE Pair<hn::Vec512<float>> interleaved(hn::Vec512<float> a, hn::Vec512<float> b) {
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    return {hn::Vec512<float>{_mm512_permutex2var_ps(a.raw, low, b.raw)},
            hn::Vec512<float>{_mm512_permutex2var_ps(a.raw, high, b.raw)}};
}

HWY_INLINE Pair<hn::Vec512<double>> interleaved(hn::Vec512<double> a, hn::Vec512<double> b) {
    const __m512i low = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
    const __m512i high = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
    return {hn::Vec512<double>{_mm512_permutex2var_pd(a.raw, low, b.raw)},
            hn::Vec512<double>{_mm512_permutex2var_pd(a.raw, high, b.raw)}};
}

template <class Tag>
inline constexpr bool kHasInterleave = hn::MaxLanes(Tag()) * sizeof(hn::TFromD<Tag>) == 64;
#else
template <class Tag>
inline constexpr bool kHasInterleave = false;
#endif

// to[2 i] = a[i], to[2 i + 1] = b[i].
template <class Tag, class Vector, class T>
HWY_INLINE void store_interleaved2(Tag tag, Vector a, Vector b, T* to) {
    if constexpr (kHasInterleave<Tag>) {
        constexpr std::int64_t kLanes = hn::MaxLanes(Tag());
        const auto ab = interleaved(a, b);
        hn::StoreU(ab.low, tag, to);
        hn::StoreU(ab.high, tag, to + kLanes);
    } else {
        hn::StoreInterleaved2(a, b, tag, to);
    }
}

// to[4 i + r] = the r-th vector's i.
template <class Tag, class Vector, class T>
HWY_INLINE void store_interleaved4(Tag tag, Vector a, Vector b, Vector c, Vector d, T* to) {
    if constexpr (kHasInterleave<Tag>) {
        constexpr std::int64_t kLanes = hn::MaxLanes(Tag());
        const auto ac = interleaved(a, c), bd = interleaved(b, d);
        store_interleaved2(tag, ac.low, bd.low, to);
        store_interleaved2(tag, ac.high, bd.high, to + 2 * kLanes);
    } else {
        hn::StoreInterleaved4(a, b, c, d, tag, to);
    }
}
