// Interleaving two vectors, a0 b0 a1 b1 ..., into two vectors, which may be streamed. Highway 1.0.3 takes six shuffles
// where AVX-512 has one instruction for each (8x48 tiles of k2 s2, 128 channels: store falls from 9 % of a layer's time
// to 6 %). Included by instruction-set units only.
#pragma once

template <class Vector>
struct Pair {
    Vector low, high;
};

#if HWY_TARGET <= HWY_AVX3
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
#endif

#if HWY_TARGET <= HWY_AVX2
template <class T>
HWY_INLINE Pair<hn::Vec256<T>> interleaved(hn::Vec256<T> a, hn::Vec256<T> b) {
    const hn::Full256<T> tag;
    const auto lower = hn::InterleaveLower(tag, a, b), upper = hn::InterleaveUpper(tag, a, b);
    return {hn::ConcatLowerLower(tag, upper, lower), hn::ConcatUpperUpper(tag, upper, lower)};
}
#endif

#if HWY_TARGET != HWY_SCALAR
template <class T>
HWY_INLINE Pair<hn::Vec128<T>> interleaved(hn::Vec128<T> a, hn::Vec128<T> b) {
    const hn::Full128<T> tag;
    return {hn::InterleaveLower(tag, a, b), hn::InterleaveUpper(tag, a, b)};
}
#endif

// Streaming needs `to` to be on a vector's boundary.
template <Stores kStores, class Tag, class Vector, class T>
HWY_INLINE void store_vector(Vector vector, Tag tag, T* to) {
    if constexpr (kStores == Stores::streaming)
        hn::Stream(vector, tag, to);
    else
        hn::StoreU(vector, tag, to);
}

// to[2 i] = a[i], to[2 i + 1] = b[i].
template <Stores kStores, class Tag, class Vector, class T>
HWY_INLINE void store_interleaved2(Tag tag, Vector a, Vector b, T* to) {
    if constexpr (hn::MaxLanes(Tag()) > 1) {
        constexpr std::int64_t kLanes = hn::MaxLanes(Tag());
        const auto ab = interleaved(a, b);
        store_vector<kStores>(ab.low, tag, to);
        store_vector<kStores>(ab.high, tag, to + kLanes);
    } else {
        hn::StoreInterleaved2(a, b, tag, to);
    }
}

// to[4 i + r] = the r-th vector's i.
template <Stores kStores, class Tag, class Vector, class T>
HWY_INLINE void store_interleaved4(Tag tag, Vector a, Vector b, Vector c, Vector d, T* to) {
    if constexpr (hn::MaxLanes(Tag()) > 1) {
        constexpr std::int64_t kLanes = hn::MaxLanes(Tag());
        const auto ac = interleaved(a, c), bd = interleaved(b, d);
        store_interleaved2<kStores>(tag, ac.low, bd.low, to);
        store_interleaved2<kStores>(tag, ac.high, bd.high, to + 2 * kLanes);
    } else {
        hn::StoreInterleaved4(a, b, c, d, tag, to);
    }
}

// The first vectors of `kPhases` rows, interleaved; three rows are never streamed.
template <int kPhases, Stores kStores, class Tag, class Vector, class T>
HWY_INLINE void store_row(Tag tag, const Vector* HWY_RESTRICT rows, T* HWY_RESTRICT to) {
    if constexpr (kPhases == 1) store_vector<kStores>(rows[0], tag, to);
    if constexpr (kPhases == 2) store_interleaved2<kStores>(tag, rows[0], rows[1], to);
    if constexpr (kPhases == 3) hn::StoreInterleaved3(rows[0], rows[1], rows[2], tag, to);
    if constexpr (kPhases == 4) store_interleaved4<kStores>(tag, rows[0], rows[1], rows[2], rows[3], to);
}

// The i-th phase in the order of a row that begins within a point is phase (kFirst + i) % kPhases, of this point or of
// the next.
template <int kPhases, int kFirst>
constexpr int row_phase(int i) {
    return (kFirst + i) % kPhases;
}
template <int kPhases, int kFirst>
constexpr bool is_of_next_point(int i) {
    return kFirst + i >= kPhases;
}

// Elements before the first that is on a boundary of kBytes.
template <std::size_t kBytes, class T>
HWY_INLINE std::int64_t elements_to(const T* to) {
    return static_cast<std::int64_t>((~reinterpret_cast<std::uintptr_t>(to) + 1) % kBytes / sizeof(T));
}
template <class T>
inline constexpr std::size_t kVectorBytes = hn::MaxLanes(hn::ScalableTag<T>()) * sizeof(T);

// Lines are streamed whole or not at all: a part of one waits for the rest in a buffer of the CPU's, which has few, and
// is written by itself when that has to make room. (AVX2, ic16 oc64 i112x112 k3 s2: 22 ms with parts, 3.8 without.)
inline constexpr std::size_t kLineBytes = 64;
template <class T>
inline constexpr std::int64_t kLineElements = kLineBytes / sizeof(T);
