// The row kernels (contract: kernel_set.h): sums of all phases of a row, interleaved and stored from the registers.
// Included by instruction-set units only.
#pragma once

template <class T, int kPhases, int kVectors>
HWY_INLINE void row_sums(std::int64_t steps, const T* HWY_RESTRICT stream, const T* HWY_RESTRICT vectors,
                         const std::int32_t* HWY_RESTRICT offsets,
                         hn::Vec<hn::ScalableTag<T>> (&sums)[kPhases][kVectors]) {
    const hn::ScalableTag<T> tag;
    using Vector = hn::Vec<decltype(tag)>;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    TCONV_UNROLL for (int r = 0; r < kPhases; ++r) {
        TCONV_UNROLL for (int v = 0; v < kVectors; ++v) sums[r][v] = hn::Zero(tag);
    }
    for (std::int64_t k = 0; k < steps; ++k) {
        const T* HWY_RESTRICT from = vectors + offsets[k];
        Vector weights[kPhases];
        TCONV_UNROLL for (int r = 0; r < kPhases; ++r) weights[r] = hn::Set(tag, stream[r]);
        TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
            Vector loaded = hn::LoadU(tag, from + v * kLanes);
            TCONV_KEEP(loaded);
            TCONV_UNROLL for (int r = 0; r < kPhases; ++r) sums[r][v] = hn::MulAdd(weights[r], loaded, sums[r][v]);
        }
        stream += kPhases;
    }
}

template <int kPhases, class T, class Vector>
HWY_INLINE void store_row(const Vector* HWY_RESTRICT rows, T* HWY_RESTRICT to) {
    const hn::ScalableTag<T> tag;
    if constexpr (kPhases == 1) hn::StoreU(rows[0], tag, to);
    if constexpr (kPhases == 2) store_interleaved2(tag, rows[0], rows[1], to);
    if constexpr (kPhases == 3) hn::StoreInterleaved3(rows[0], rows[1], rows[2], tag, to);
    if constexpr (kPhases == 4) store_interleaved4(tag, rows[0], rows[1], rows[2], rows[3], to);
}

// kVectors whole vectors of points.
template <class T, int kPhases, int kVectors>
void row_block(std::int64_t steps, const T* stream, const T* vectors, const std::int32_t* offsets, T bias, T* output) {
    using Vector = hn::Vec<hn::ScalableTag<T>>;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    Vector sums[kPhases][kVectors];
    row_sums<T, kPhases, kVectors>(steps, stream, vectors, offsets, sums);
    const Vector add = hn::Set(hn::ScalableTag<T>(), bias);
    TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
        Vector rows[kPhases];
        TCONV_UNROLL for (int r = 0; r < kPhases; ++r) rows[r] = hn::Add(sums[r][v], add);
        store_row<kPhases>(rows, output + v * kLanes * kPhases);
    }
}

// As many whole vectors as `count` points have, fewer than kVectors + 1.
template <class T, int kPhases, int kVectors>
std::int64_t row_rest(std::int64_t count, std::int64_t steps, const T* stream, const T* vectors,
                      const std::int32_t* offsets, T bias, T* output) {
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    if constexpr (kVectors == 0) {
        return 0;
    } else {
        if (count < kVectors * kLanes)
            return row_rest<T, kPhases, kVectors - 1>(count, steps, stream, vectors, offsets, bias, output);
        row_block<T, kPhases, kVectors>(steps, stream, vectors, offsets, bias, output);
        return kVectors * kLanes;
    }
}

// Elements [begin, end) of `all` to the same places of `output`; both count from 0, `all` is kVectors vectors.
template <int kVectors, class T>
HWY_INLINE void store_between(const T* HWY_RESTRICT all, std::int64_t begin, std::int64_t end, T* output) {
#if HWY_TARGET <= HWY_AVX2
    // Masked stores of these touch nothing else.
    const hn::ScalableTag<T> tag;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
        const std::int64_t first = begin - v * kLanes, last = end - v * kLanes;
        if (last <= 0 || first >= kLanes) continue;
        const auto before = hn::FirstN(tag, static_cast<std::size_t>(first < 0 ? 0 : first));
        const auto upto = hn::FirstN(tag, static_cast<std::size_t>(last < kLanes ? last : kLanes));
        hn::BlendedStore(hn::Load(tag, all + v * kLanes), hn::AndNot(before, upto), tag, output + v * kLanes);
    }
#else
    for (std::int64_t i = begin; i < end; ++i) output[i] = all[i];
#endif
}

// One vector of points, of which only elements [begin, end) are stored.
template <class T, int kPhases>
HWY_INLINE void row_end(std::int64_t steps, const T* stream, const T* vectors, const std::int32_t* offsets, T bias,
                        std::int64_t begin, std::int64_t end, T* output) {
    HWY_ALIGN T all[hn::MaxLanes(hn::ScalableTag<T>()) * kPhases];
    row_block<T, kPhases, 1>(steps, stream, vectors, offsets, bias, all);
    store_between<kPhases>(all, begin, end, output);
}

template <class T, int kPhases>
void row_kernel(std::int64_t steps, const T* stream, const T* vectors, const std::int32_t* offsets, std::int64_t begin,
                std::int64_t end, T bias, T* output) {
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>()), kVector = kLanes * kPhases;
    constexpr int kVectors = widest(kPhases);
    if (begin >= end) return;
    std::int64_t q = 0;
    if (begin > 0) {
        row_end<T, kPhases>(steps, stream, vectors, offsets, bias, begin, end < kVector ? end : kVector, output);
        q = kLanes;
    }
    const std::int64_t whole = end / kPhases;  // points of which all is stored
    for (; q + kVectors * kLanes <= whole; q += kVectors * kLanes)
        row_block<T, kPhases, kVectors>(steps, stream, vectors + q, offsets, bias, output + q * kPhases);
    q += row_rest<T, kPhases, kVectors - 1>(whole - q, steps, stream, vectors + q, offsets, bias, output + q * kPhases);
    if (q * kPhases < end)
        row_end<T, kPhases>(steps, stream, vectors + q, offsets, bias, 0, end - q * kPhases, output + q * kPhases);
}
