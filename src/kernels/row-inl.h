// The row kernels (contract: kernel_set.h): sums of all phases of a row, interleaved and stored from the registers.
// Included by instruction-set units only.
#pragma once

// What is summed: the steps of all phases, and those of the first of two phases alone.
template <class T>
struct RowSteps {
    std::int64_t steps, more;
    const T* stream;
    const std::int32_t *offsets, *more_offsets;
};

template <class T, int kPhases, int kFirst, int kVectors>
HWY_INLINE void row_sums(const RowSteps<T>& of, const T* HWY_RESTRICT vectors, std::int64_t last,
                         hn::Vec<hn::ScalableTag<T>> (&sums)[kPhases][kVectors]) {
    const hn::ScalableTag<T> tag;
    const T* HWY_RESTRICT stream = of.stream;
    const std::int32_t* HWY_RESTRICT offsets = of.offsets;
    const std::int64_t steps = of.steps;
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
            const std::int64_t at = v == kVectors - 1 ? last : v * kLanes;
            Vector loaded = hn::LoadU(tag, from + at);
            TCONV_KEEP(loaded);
            TCONV_UNROLL for (int i = 0; i < kPhases - kFirst; ++i) {
                sums[i][v] = hn::MulAdd(weights[i], loaded, sums[i][v]);
            }
            if constexpr (kFirst > 0) {
                Vector next = hn::LoadU(tag, from + at + 1);
                TCONV_KEEP(next);
                TCONV_UNROLL for (int i = kPhases - kFirst; i < kPhases; ++i) {
                    sums[i][v] = hn::MulAdd(weights[i], next, sums[i][v]);
                }
            }
        }
        stream += kPhases;
    }
    if constexpr (kPhases == 2) {
        constexpr int kTheFirst = kFirst == 0 ? 0 : 1;  // of the next point where the row begins with the second
        const std::int32_t* HWY_RESTRICT more_offsets = of.more_offsets;
        const std::int64_t more = of.more;
        for (std::int64_t k = 0; k < more; ++k) {
            const T* HWY_RESTRICT from = vectors + more_offsets[k] + kTheFirst;
            const Vector weight = hn::Set(tag, stream[k]);
            TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
                const std::int64_t at = v == kVectors - 1 ? last : v * kLanes;
                sums[kTheFirst][v] = hn::MulAdd(weight, hn::LoadU(tag, from + at), sums[kTheFirst][v]);
            }
        }
    }
}

// kVectors whole vectors of points, one behind the other but for the last, which begins at point `last`.
template <class T, int kPhases, int kFirst, int kVectors, Stores kStores>
void row_block(const RowSteps<T>& of, const T* vectors, std::int64_t last, T bias, T* output) {
    using Vector = hn::Vec<hn::ScalableTag<T>>;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    Vector sums[kPhases][kVectors];
    row_sums<T, kPhases, kFirst, kVectors>(of, vectors, last, sums);
    const Vector add = hn::Set(hn::ScalableTag<T>(), bias);
    TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
        Vector rows[kPhases];
        TCONV_UNROLL for (int i = 0; i < kPhases; ++i) rows[i] = hn::Add(sums[i][v], add);
        store_row<kPhases, kStores>(hn::ScalableTag<T>(), rows,
                                    output + (v == kVectors - 1 ? last : v * kLanes) * kPhases);
    }
}

// A block of `count` vectors, kVectors at most.
template <class T, int kPhases, int kFirst, int kVectors, Stores kStores>
HWY_INLINE void row_block_of(std::int64_t count, const RowSteps<T>& of, const T* vectors, std::int64_t last, T bias,
                             T* output) {
    if constexpr (kVectors > 1) {
        if (count < kVectors)
            return row_block_of<T, kPhases, kFirst, kVectors - 1, kStores>(count, of, vectors, last, bias, output);
    }
    row_block<T, kPhases, kFirst, kVectors, kStores>(of, vectors, last, bias, output);
}

// The first `count` elements of `all`, which is kVectors vectors.
template <int kVectors, Stores kStores, class T>
HWY_INLINE void store_first(const T* HWY_RESTRICT all, std::int64_t count, T* output) {
    const hn::ScalableTag<T> tag;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
        const std::int64_t here = count - v * kLanes;
        if (here <= 0) break;
        const auto vector = hn::Load(tag, all + v * kLanes);
        if (kStores == Stores::streaming && kVectorBytes<T> == kLineBytes && here >= kLanes)
            hn::Stream(vector, tag, output + v * kLanes);
        else
            store_lanes(vector, tag, here < kLanes ? here : kLanes, output + v * kLanes);
    }
}

// Vectors of points whose elements are whole lines: streamed together.
template <class T, int kPhases>
inline constexpr std::int64_t kLineVectors = (kLineElements<T> + hn::MaxLanes(hn::ScalableTag<T>()) * kPhases - 1) /
                                             (hn::MaxLanes(hn::ScalableTag<T>()) * kPhases);

template <class T, int kPhases, int kFirst, Stores kStores>
void row_from(const RowSteps<T>& of, const T* vectors, std::int64_t count, T bias, T* output) {
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    constexpr int kVectors = widest(kPhases);
    const std::int64_t whole = count / kPhases;  // points of which all is stored
    // The last vector of a row that ends with a point begins early enough to be whole, and stores some elements again;
    // not in streamed lines, which would have to come back.
    const bool overlaps = kStores == Stores::cached && whole >= kLanes && count == whole * kPhases;
    constexpr std::int64_t kTogether = kStores == Stores::cached ? 1 : kLineVectors<T, kPhases>;
    const std::int64_t needed = (overlaps ? whole + kLanes - 1 : whole) / kLanes / kTogether;
    std::int64_t q = 0;
    if (needed > 0) {
        // Blocks as even as can be: sums in few registers would wait for each other.
        constexpr std::int64_t kMost = kVectors / kTogether;
        const std::int64_t blocks = needed <= kMost ? 1 : (needed + kMost - 1) / kMost;
        const std::int64_t each = blocks == 1 ? needed : needed / blocks, longer = needed - blocks * each;
        for (std::int64_t b = 0; b + 1 < blocks; ++b) {
            const std::int64_t here = (each + (b < longer ? 1 : 0)) * kTogether;
            row_block_of<T, kPhases, kFirst, kVectors, kStores>(here, of, vectors + q, (here - 1) * kLanes, bias,
                                                                output + q * kPhases);
            q += here * kLanes;
        }
        const std::int64_t last = (overlaps ? whole : needed * kTogether * kLanes) - kLanes - q;
        row_block_of<T, kPhases, kFirst, kVectors, kStores>(each * kTogether, of, vectors + q, last, bias,
                                                            output + q * kPhases);
        q += each * kTogether * kLanes;
    }
    for (; q * kPhases < count; q += kLanes) {
        HWY_ALIGN T all[kLanes * kPhases];
        row_block<T, kPhases, kFirst, 1, Stores::cached>(of, vectors + q, 0, bias, all);
        const std::int64_t here = count - q * kPhases < kLanes * kPhases ? count - q * kPhases : kLanes * kPhases;
        store_first<kPhases, kStores>(all, here, output + q * kPhases);
    }
}

template <class T, int kPhases, Stores kStores>
void row_of(const RowSteps<T>& of, const T* vectors, std::int64_t first, std::int64_t count, T bias, T* output) {
    if constexpr (kPhases > 3) {
        if (first == 3) return row_from<T, kPhases, 3, kStores>(of, vectors, count, bias, output);
    }
    if constexpr (kPhases > 2) {
        if (first == 2) return row_from<T, kPhases, 2, kStores>(of, vectors, count, bias, output);
    }
    if constexpr (kPhases > 1) {
        if (first == 1) return row_from<T, kPhases, 1, kStores>(of, vectors, count, bias, output);
    }
    row_from<T, kPhases, 0, kStores>(of, vectors, count, bias, output);
}

template <class T, int kPhases>
void row_kernel(std::int64_t steps, const T* stream, const T* vectors, const std::int32_t* offsets, std::int64_t more,
                const std::int32_t* more_offsets, std::int64_t first, std::int64_t count, T bias, T* output,
                Stores stores) {
    const RowSteps<T> of{steps, more, stream, offsets, more_offsets};
    // Three phases are never streamed, nor are lines of more vectors than a block has.
    if constexpr (kPhases != 3 && kLineVectors<T, kPhases> <= widest(kPhases)) {
        constexpr std::int64_t kBlock = kLineVectors<T, kPhases> * hn::MaxLanes(hn::ScalableTag<T>()) * kPhases;
        const std::int64_t lead = elements_to<kLineBytes>(output);
        if (stores == Stores::streaming && count >= lead + kBlock) {
            if (lead > 0) row_of<T, kPhases, Stores::cached>(of, vectors, first, lead, bias, output);
            first += lead;
            return row_of<T, kPhases, Stores::streaming>(of, vectors + first / kPhases, first % kPhases, count - lead,
                                                         bias, output + lead);
        }
    }
    row_of<T, kPhases, Stores::cached>(of, vectors, first, count, bias, output);
}
