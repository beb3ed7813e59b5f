// The row kernels (contract: kernel_set.h): sums of all phases of a row, interleaved and stored from the registers.
// Included by instruction-set units only.
#pragma once

template <class T, int kPhases, int kFirst, int kVectors>
HWY_INLINE void row_sums(std::int64_t steps, const T* HWY_RESTRICT stream, const T* HWY_RESTRICT vectors,
                         const std::int32_t* HWY_RESTRICT offsets,
                         hn::Vec<hn::ScalableTag<T>> (&sums)[kPhases][kVectors]) {
    const hn::ScalableTag<T> tag;
    using Vector = hn::Vec<decltype(tag)>;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    TCONV_UNROLL for (int i = 0; i < kPhases; ++i) {
        TCONV_UNROLL for (int v = 0; v < kVectors; ++v) sums[i][v] = hn::Zero(tag);
    }
    for (std::int64_t k = 0; k < steps; ++k) {
        const T* HWY_RESTRICT from = vectors + offsets[k];
        Vector weights[kPhases];
        TCONV_UNROLL for (int i = 0; i < kPhases; ++i) weights[i] = hn::Set(tag, stream[row_phase<kPhases, kFirst>(i)]);
        TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
            Vector loaded = hn::LoadU(tag, from + v * kLanes);
            TCONV_KEEP(loaded);
            TCONV_UNROLL for (int i = 0; i < kPhases - kFirst; ++i) {
                sums[i][v] = hn::MulAdd(weights[i], loaded, sums[i][v]);
            }
            if constexpr (kFirst > 0) {
                Vector next = hn::LoadU(tag, from + v * kLanes + 1);
                TCONV_KEEP(next);
                TCONV_UNROLL for (int i = kPhases - kFirst; i < kPhases; ++i) {
                    sums[i][v] = hn::MulAdd(weights[i], next, sums[i][v]);
                }
            }
        }
        stream += kPhases;
    }
}

// kVectors whole vectors of points.
template <class T, int kPhases, int kFirst, int kVectors, Stores kStores>
void row_block(std::int64_t steps, const T* stream, const T* vectors, const std::int32_t* offsets, T bias, T* output) {
    using Vector = hn::Vec<hn::ScalableTag<T>>;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    Vector sums[kPhases][kVectors];
    row_sums<T, kPhases, kFirst, kVectors>(steps, stream, vectors, offsets, sums);
    const Vector add = hn::Set(hn::ScalableTag<T>(), bias);
    TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
        Vector rows[kPhases];
        TCONV_UNROLL for (int i = 0; i < kPhases; ++i) rows[i] = hn::Add(sums[i][v], add);
        store_row<kPhases, kStores>(hn::ScalableTag<T>(), rows, output + v * kLanes * kPhases);
    }
}

// As many whole vectors as `points` has, fewer than kVectors + 1; returns their points.
template <class T, int kPhases, int kFirst, int kVectors, Stores kStores>
HWY_INLINE std::int64_t row_rest(std::int64_t points, std::int64_t steps, const T* stream, const T* vectors,
                                 const std::int32_t* offsets, T bias, T* output) {
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    if constexpr (kVectors == 0) {
        return 0;
    } else {
        if (points < kVectors * kLanes)
            return row_rest<T, kPhases, kFirst, kVectors - 1, kStores>(points, steps, stream, vectors, offsets, bias,
                                                                       output);
        row_block<T, kPhases, kFirst, kVectors, kStores>(steps, stream, vectors, offsets, bias, output);
        return kVectors * kLanes;
    }
}

// The first `count` elements of `all`, which is kVectors vectors.
template <int kVectors, class T>
HWY_INLINE void store_first(const T* HWY_RESTRICT all, std::int64_t count, T* output) {
    const hn::ScalableTag<T> tag;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
        const std::int64_t here = count - v * kLanes;
        if (here <= 0) break;
        store_lanes(hn::Load(tag, all + v * kLanes), tag, here < kLanes ? here : kLanes, output + v * kLanes);
    }
}

template <class T, int kPhases, int kFirst, Stores kStores>
void row_from(std::int64_t steps, const T* stream, const T* vectors, const std::int32_t* offsets, std::int64_t count,
              T bias, T* output) {
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    constexpr int kVectors = widest(kPhases);
    const std::int64_t whole = count / kPhases;  // points of which all is stored
    std::int64_t q = 0;
    for (; q + kVectors * kLanes <= whole; q += kVectors * kLanes)
        row_block<T, kPhases, kFirst, kVectors, kStores>(steps, stream, vectors + q, offsets, bias,
                                                         output + q * kPhases);
    q += row_rest<T, kPhases, kFirst, kVectors - 1, kStores>(whole - q, steps, stream, vectors + q, offsets, bias,
                                                             output + q * kPhases);
    if (q * kPhases >= count) return;
    // The last vector of a long row begins early enough to be whole, and stores some elements again; not in streamed
    // lines, which would have to come back.
    if (kStores == Stores::cached && q > 0 && count == whole * kPhases) {
        q = whole - kLanes;
        return row_block<T, kPhases, kFirst, 1, Stores::cached>(steps, stream, vectors + q, offsets, bias,
                                                                output + q * kPhases);
    }
    HWY_ALIGN T all[kLanes * kPhases];
    row_block<T, kPhases, kFirst, 1, Stores::cached>(steps, stream, vectors + q, offsets, bias, all);
    store_first<kPhases>(all, count - q * kPhases, output + q * kPhases);
}

template <class T, int kPhases, Stores kStores>
void row_of(std::int64_t steps, const T* stream, const T* vectors, const std::int32_t* offsets, std::int64_t first,
            std::int64_t count, T bias, T* output) {
    if constexpr (kPhases > 3) {
        if (first == 3) return row_from<T, kPhases, 3, kStores>(steps, stream, vectors, offsets, count, bias, output);
    }
    if constexpr (kPhases > 2) {
        if (first == 2) return row_from<T, kPhases, 2, kStores>(steps, stream, vectors, offsets, count, bias, output);
    }
    if constexpr (kPhases > 1) {
        if (first == 1) return row_from<T, kPhases, 1, kStores>(steps, stream, vectors, offsets, count, bias, output);
    }
    row_from<T, kPhases, 0, kStores>(steps, stream, vectors, offsets, count, bias, output);
}

template <class T, int kPhases>
void row_kernel(std::int64_t steps, const T* stream, const T* vectors, const std::int32_t* offsets, std::int64_t first,
                std::int64_t count, T bias, T* output, Stores stores) {
    constexpr std::int64_t kBlock = hn::MaxLanes(hn::ScalableTag<T>()) * kPhases;
    const std::int64_t lead = elements_to_boundary(output);
    if (stores == Stores::cached || kPhases == 3 || count < lead + kBlock)
        return row_of<T, kPhases, Stores::cached>(steps, stream, vectors, offsets, first, count, bias, output);
    if (lead > 0) row_of<T, kPhases, Stores::cached>(steps, stream, vectors, offsets, first, lead, bias, output);
    first += lead;
    row_of<T, kPhases, Stores::streaming>(steps, stream, vectors + first / kPhases, offsets, first % kPhases,
                                          count - lead, bias, output + lead);
}
