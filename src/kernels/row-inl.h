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

template <class T, int kPhases>
void row_kernel(std::int64_t steps, const T* stream, const T* vectors, const std::int32_t* offsets, std::int64_t count,
                T bias, T* output) {
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    constexpr int kVectors = widest(kPhases);
    std::int64_t q = 0;
    for (; q + kVectors * kLanes <= count; q += kVectors * kLanes)
        row_block<T, kPhases, kVectors>(steps, stream, vectors + q, offsets, bias, output + q * kPhases);
    q += row_rest<T, kPhases, kVectors - 1>(count - q, steps, stream, vectors + q, offsets, bias, output + q * kPhases);
    if (q == count) return;
    HWY_ALIGN T last[kLanes * kPhases];
    row_block<T, kPhases, 1>(steps, stream, vectors + q, offsets, bias, last);
    for (std::int64_t i = 0; i < (count - q) * kPhases; ++i) output[q * kPhases + i] = last[i];
}
