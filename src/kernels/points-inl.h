// The points kernel (contract: kernel_set.h): lanes are the phases of one point, so that what neighbouring phases write
// is stored as it is summed, without interleaving. Included by instruction-set units only.
#pragma once

// The first `rows` lanes of a vector; memory beyond them is not touched.
template <class Tag, class T>
HWY_INLINE hn::Vec<Tag> load_first(Tag tag, const T* from, std::int64_t rows) {
#if HWY_TARGET <= HWY_AVX2
    return hn::MaskedLoad(hn::FirstN(tag, static_cast<std::size_t>(rows)), tag, from);
#else
    HWY_ALIGN T all[hn::MaxLanes(tag)] = {};
    for (std::int64_t r = 0; r < rows; ++r) all[r] = from[r];
    return hn::Load(tag, all);
#endif
}

template <class Tag, class T>
HWY_INLINE void store_lanes(hn::Vec<Tag> vector, Tag tag, std::int64_t rows, T* to) {
#if HWY_TARGET <= HWY_AVX2
    hn::BlendedStore(vector, hn::FirstN(tag, static_cast<std::size_t>(rows)), tag, to);
#else
    HWY_ALIGN T all[hn::MaxLanes(tag)];
    hn::Store(vector, tag, all);
    for (std::int64_t r = 0; r < rows; ++r) to[r] = all[r];
#endif
}

template <class T>
struct PointRows {
    std::int64_t steps, pitch, rows;  // of the stream from one step to the next; that are summed
    const T* stream;
    const std::int32_t* offsets;
    T bias;
    std::int64_t step;  // of the output from one point to the next
};

// kPoints points; with kIsWhole, rows fill the vector.
template <int kPoints, bool kIsWhole, class Tag, class T>
void point_block(Tag tag, const PointRows<T>& of, const T* HWY_RESTRICT vectors, T* HWY_RESTRICT output) {
    const T* HWY_RESTRICT stream = of.stream;
    using Vector = hn::Vec<Tag>;
    Vector sums[kPoints];
    TCONV_UNROLL for (int i = 0; i < kPoints; ++i) sums[i] = hn::Zero(tag);
    for (std::int64_t k = 0; k < of.steps; ++k) {
        const T* HWY_RESTRICT from = vectors + of.offsets[k];
        Vector weights = kIsWhole ? hn::LoadU(tag, stream) : load_first(tag, stream, of.rows);
        TCONV_KEEP(weights);
        TCONV_UNROLL for (int i = 0; i < kPoints; ++i) {
            sums[i] = hn::MulAdd(weights, hn::Set(tag, from[i]), sums[i]);
        }
        stream += of.pitch;
    }
    const Vector add = hn::Set(tag, of.bias);
    TCONV_UNROLL for (int i = 0; i < kPoints; ++i) {
        const Vector sum = hn::Add(sums[i], add);
        if constexpr (kIsWhole)
            hn::StoreU(sum, tag, output + i * of.step);
        else
            store_lanes(sum, tag, of.rows, output + i * of.step);
    }
}

template <bool kIsWhole, class Tag, class T>
void points_in(Tag tag, const PointRows<T>& of, const T* vectors, std::int64_t count, T* output) {
    constexpr int kPoints = 8;
    std::int64_t q = 0;
    for (; q + kPoints <= count; q += kPoints)
        point_block<kPoints, kIsWhole>(tag, of, vectors + q, output + q * of.step);
    if (q == count) return;
    // The last block begins early enough to be whole, and stores some points again.
    if (q > 0)
        return point_block<kPoints, kIsWhole>(tag, of, vectors + count - kPoints, output + (count - kPoints) * of.step);
    for (; q < count; ++q) point_block<1, kIsWhole>(tag, of, vectors + q, output + q * of.step);
}

// In the shortest vectors that hold the rows.
template <class T, std::size_t kLanes>
void points_of(const PointRows<T>& of, const T* vectors, std::int64_t count, T* output) {
    if constexpr (kLanes > 1) {
        if (of.rows <= static_cast<std::int64_t>(kLanes / 2))
            return points_of<T, kLanes / 2>(of, vectors, count, output);
    }
    const hn::CappedTag<T, kLanes> tag;
    if (of.rows == static_cast<std::int64_t>(kLanes))
        points_in<true>(tag, of, vectors, count, output);
    else
        points_in<false>(tag, of, vectors, count, output);
}

template <class T>
void points(std::int64_t steps, std::int64_t rows, const T* stream, const T* vectors, const std::int32_t* offsets,
            std::int64_t count, T bias, T* output, std::int64_t step) {
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    for (std::int64_t r = 0; r < rows; r += kLanes) {
        const PointRows<T> of{steps, rows, rows - r < kLanes ? rows - r : kLanes, stream + r, offsets, bias, step};
        points_of<T, hn::MaxLanes(hn::ScalableTag<T>())>(of, vectors, count, output + r);
    }
}
