// store, spread, deinterleave and transpose (contract: kernel_set.h). Included by instruction-set units only.
#pragma once

// Vectors of at most 16 bytes: the blocks of small transposes, and of the ends that a whole vector would overrun.
template <class T>
using BlockTag = hn::CappedTag<T, 16 / sizeof(T)>;
template <class T>
inline constexpr std::int64_t kBlock = hn::MaxLanes(BlockTag<T>());

// Points of one vector, from rows on, with the phases in the order of a row that begins with phase kFirst.
template <int kPhases, int kFirst, Stores kStores, class Tag, class T>
HWY_INLINE void store_points(Tag tag, const T* HWY_RESTRICT rows, std::int64_t pitch, hn::Vec<Tag> bias,
                             T* HWY_RESTRICT to) {
    hn::Vec<Tag> ordered[kPhases];
    TCONV_UNROLL for (int i = 0; i < kPhases; ++i) {
        const T* const row =
            rows + row_phase<kPhases, kFirst>(i) * pitch + (is_of_next_point<kPhases, kFirst>(i) ? 1 : 0);
        ordered[i] = hn::Add(hn::LoadU(tag, row), bias);
    }
    store_row<kPhases, kStores>(tag, ordered, to);
}

template <int kPhases, int kFirst, Stores kStores, class T>
void store_from(const T* rows, std::int64_t pitch, std::int64_t count, T bias, T* output) {
    const hn::ScalableTag<T> whole;
    const BlockTag<T> block;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    const auto add = hn::Set(whole, bias);
    const auto add_block = hn::Set(block, bias);
    const std::int64_t points = count / kPhases;
    std::int64_t q = 0;
    for (; q + kLanes <= points; q += kLanes)
        store_points<kPhases, kFirst, kStores>(whole, rows + q, pitch, add, output + q * kPhases);
    for (; q + kBlock<T> <= points; q += kBlock<T>)
        store_points<kPhases, kFirst, Stores::cached>(block, rows + q, pitch, add_block, output + q * kPhases);
    for (std::int64_t i = q * kPhases; i < count; ++i)
        output[i] = rows[(kFirst + i) % kPhases * pitch + (kFirst + i) / kPhases] + bias;
}

template <int kPhases, Stores kStores, class T>
void store_phases(const T* rows, std::int64_t pitch, std::int64_t first, std::int64_t count, T bias, T* output) {
    if constexpr (kPhases > 3) {
        if (first == 3) return store_from<kPhases, 3, kStores>(rows, pitch, count, bias, output);
    }
    if constexpr (kPhases > 2) {
        if (first == 2) return store_from<kPhases, 2, kStores>(rows, pitch, count, bias, output);
    }
    if constexpr (kPhases > 1) {
        if (first == 1) return store_from<kPhases, 1, kStores>(rows, pitch, count, bias, output);
    }
    store_from<kPhases, 0, kStores>(rows, pitch, count, bias, output);
}

// From a vector's boundary on: no store crosses a line.
template <int kPhases, class T>
void store_row_of(const T* rows, std::int64_t pitch, std::int64_t first, std::int64_t count, T bias, T* output,
                  Stores stores) {
    constexpr std::int64_t kElements = hn::MaxLanes(hn::ScalableTag<T>()) * kPhases;
    const bool streams = stores == Stores::streaming && kPhases != 3;
    const auto skip = [&](std::int64_t elements) {
        first += elements;
        rows += first / kPhases;
        first %= kPhases;
        count -= elements;
        output += elements;
    };
    const std::int64_t lead = streams ? elements_to<kLineBytes>(output) : elements_to<kVectorBytes<T>>(output);
    if (count >= kElements + lead) {
        store_phases<kPhases, Stores::cached>(rows, pitch, first, lead, bias, output);
        skip(lead);
        if (streams) {
            const std::int64_t lines = count / kLineElements<T> * kLineElements<T>;
            store_phases<kPhases, Stores::streaming>(rows, pitch, first, lines, bias, output);
            if (lines == count) return;
            skip(lines);
        }
    }
    store_phases<kPhases, Stores::cached>(rows, pitch, first, count, bias, output);
}

// A square block of 16-byte rows, transposed: to[c * to_pitch + r] = from[r * pitch + c] + bias.
template <class T>
void transpose_block(const T* from, std::int64_t pitch, T bias, T* to, std::int64_t to_pitch) {
#if HWY_TARGET == HWY_SCALAR
    (void)pitch, (void)to_pitch;
    to[0] = from[0] + bias;
#else
    const BlockTag<T> tag;
    const auto add = hn::Set(tag, bias);
    const auto row = [&](std::int64_t r) { return hn::Add(hn::LoadU(tag, from + r * pitch), add); };
    if constexpr (kBlock<T> == 4) {
        const auto a = row(0), b = row(1), c = row(2), d = row(3);
        const auto ac_low = hn::InterleaveLower(tag, a, c), ac_high = hn::InterleaveUpper(tag, a, c);
        const auto bd_low = hn::InterleaveLower(tag, b, d), bd_high = hn::InterleaveUpper(tag, b, d);
        hn::StoreU(hn::InterleaveLower(tag, ac_low, bd_low), tag, to);
        hn::StoreU(hn::InterleaveUpper(tag, ac_low, bd_low), tag, to + to_pitch);
        hn::StoreU(hn::InterleaveLower(tag, ac_high, bd_high), tag, to + 2 * to_pitch);
        hn::StoreU(hn::InterleaveUpper(tag, ac_high, bd_high), tag, to + 3 * to_pitch);
    } else if constexpr (kBlock<T> == 2) {
        const auto a = row(0), b = row(1);
        hn::StoreU(hn::InterleaveLower(tag, a, b), tag, to);
        hn::StoreU(hn::InterleaveUpper(tag, a, b), tag, to + to_pitch);
    }
#endif
}

#if HWY_TARGET <= HWY_AVX3
// Squares of 16 rows, or halves of 8, of 16 columns: whole lines are written, or halves. Pairs of rows, then of pairs,
// then 16-byte blocks of four rows. Of the columns, the first `columns` are read and written.
template <int kRows>
HWY_INLINE void transpose_blocks(const float* from, std::int64_t pitch, float bias, std::int64_t columns,
                                 __m512 (&a)[kRows]) {
    const __m512 add = _mm512_set1_ps(bias);
    const __mmask16 mask = static_cast<__mmask16>((1u << columns) - 1);
    __m512 b[kRows];
    TCONV_UNROLL for (int i = 0; i < kRows; ++i) a[i] =
        _mm512_add_ps(_mm512_maskz_loadu_ps(mask, from + i * pitch), add);
    TCONV_UNROLL for (int i = 0; i < kRows; i += 2) {
        b[i] = _mm512_unpacklo_ps(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_ps(a[i], a[i + 1]);
    }
    const auto pairs = [](__m512 x, __m512 y, bool upper) HWY_ATTR {
        const __m512d p = _mm512_castps_pd(x), q = _mm512_castps_pd(y);
        return _mm512_castpd_ps(upper ? _mm512_unpackhi_pd(p, q) : _mm512_unpacklo_pd(p, q));
    };
    TCONV_UNROLL for (int i = 0; i < kRows; i += 4) {
        a[i] = pairs(b[i], b[i + 2], false);
        a[i + 1] = pairs(b[i], b[i + 2], true);
        a[i + 2] = pairs(b[i + 1], b[i + 3], false);
        a[i + 3] = pairs(b[i + 1], b[i + 3], true);
    }
}

template <Stores kStores>
HWY_INLINE void transpose_square(const float* from, std::int64_t pitch, float bias, std::int64_t columns, float* to,
                                 std::int64_t to_pitch) {
    const hn::Full512<float> tag;
    __m512 a[16];
    transpose_blocks(from, pitch, bias, columns, a);
    TCONV_UNROLL for (int c = 0; c < 4; ++c) {
        const __m512 low = _mm512_shuffle_f32x4(a[c], a[4 + c], 0x44),
                     high = _mm512_shuffle_f32x4(a[c], a[4 + c], 0xee);
        const __m512 more_low = _mm512_shuffle_f32x4(a[8 + c], a[12 + c], 0x44);
        const __m512 more_high = _mm512_shuffle_f32x4(a[8 + c], a[12 + c], 0xee);
        const auto put = [&](int column, __m512 row) HWY_ATTR {
            if (column < columns) store_vector<kStores>(hn::Vec512<float>{row}, tag, to + column * to_pitch);
        };
        put(c, _mm512_shuffle_f32x4(low, more_low, 0x88));
        put(4 + c, _mm512_shuffle_f32x4(low, more_low, 0xdd));
        put(8 + c, _mm512_shuffle_f32x4(high, more_high, 0x88));
        put(12 + c, _mm512_shuffle_f32x4(high, more_high, 0xdd));
    }
}

// Two columns of one line are streamed together.
template <Stores kStores>
HWY_INLINE void transpose_half(const float* from, std::int64_t pitch, float bias, std::int64_t columns, float* to,
                               std::int64_t to_pitch) {
    __m512 a[8];
    transpose_blocks(from, pitch, bias, columns, a);
    // Columns c and 4 + c, and 8 + c and 12 + c.
    const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11),
                  second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    const auto blocks = [](__m512 x, __m512i order, __m512 y) HWY_ATTR {
        return _mm512_castpd_ps(_mm512_permutex2var_pd(_mm512_castps_pd(x), order, _mm512_castps_pd(y)));
    };
    __m512 low[4], high[4];
    TCONV_UNROLL for (int c = 0; c < 4; ++c) {
        low[c] = blocks(a[c], first, a[4 + c]);
        high[c] = blocks(a[c], second, a[4 + c]);
    }
    if constexpr (kStores == Stores::streaming) {
        const hn::Full512<float> tag;
        TCONV_UNROLL for (int c = 0; c < 4; c += 2) {
            const auto put = [&](int column, __m512 row) HWY_ATTR {
                if (column < columns) hn::Stream(hn::Vec512<float>{row}, tag, to + column * to_pitch);
            };
            put(c, _mm512_shuffle_f32x4(low[c], low[c + 1], 0x44));
            put(4 + c, _mm512_shuffle_f32x4(low[c], low[c + 1], 0xee));
            put(8 + c, _mm512_shuffle_f32x4(high[c], high[c + 1], 0x44));
            put(12 + c, _mm512_shuffle_f32x4(high[c], high[c + 1], 0xee));
        }
        return;
    }
    TCONV_UNROLL for (int c = 0; c < 4; ++c) {
        const auto put = [&](int column, __m512 row) HWY_ATTR {
            if (column < columns) _mm256_storeu_ps(to + column * to_pitch, _mm512_castps512_ps256(row));
            if (column + 4 < columns)
                _mm256_storeu_ps(to + (column + 4) * to_pitch,
                                 _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(row), 1)));
        };
        put(c, low[c]);
        put(8 + c, high[c]);
    }
}
#endif

template <class T>
inline constexpr bool kSpreadsLines = HWY_TARGET <= HWY_AVX3 && sizeof(T) == 4;

// output[c * output_pitch + r] = input[r * pitch + c] + bias, in small squares and scalar ends.
template <class T>
void transpose_in_blocks(const T* input, std::int64_t pitch, std::int64_t rows, std::int64_t columns, T bias, T* output,
                         std::int64_t output_pitch) {
    constexpr std::int64_t kSide = kBlock<T>;
    const auto rest = [&](std::int64_t r, std::int64_t c, std::int64_t some_rows, std::int64_t some_columns) {
        for (std::int64_t i = r; i < r + some_rows; ++i)
            for (std::int64_t k = c; k < c + some_columns; ++k)
                output[k * output_pitch + i] = input[i * pitch + k] + bias;
    };
    const std::int64_t whole_rows = rows / kSide * kSide, whole_columns = columns / kSide * kSide;
    for (std::int64_t r = 0; r < whole_rows; r += kSide) {
        for (std::int64_t c = 0; c < whole_columns; c += kSide)
            transpose_block(input + r * pitch + c, pitch, bias, output + c * output_pitch + r, output_pitch);
        rest(r, whole_columns, kSide, columns - whole_columns);
    }
    rest(whole_rows, 0, rows - whole_rows, columns);
}

template <class T>
void transpose_with_bias(const T* input, std::int64_t pitch, std::int64_t rows, std::int64_t columns, T bias, T* output,
                         std::int64_t output_pitch, Stores stores) {
#if HWY_TARGET <= HWY_AVX3
    if constexpr (sizeof(T) == 4) {
        // Streamed are whole lines.
        const bool on_boundaries = stores == Stores::streaming && elements_to<kLineBytes>(output) == 0;
        const bool streams = on_boundaries && output_pitch % 16 == 0;
        const bool streams_pairs = on_boundaries && output_pitch == 8 && rows == 8;
        std::int64_t r = 0;
        const auto in_columns = [&](const auto& square) HWY_ATTR {
            for (std::int64_t c = 0; c < columns; c += 16)
                square(input + r * pitch + c, columns - c < 16 ? columns - c : 16, output + c * output_pitch + r);
        };
        for (; r + 16 <= rows; r += 16)
            in_columns([&](const float* from, std::int64_t count, float* to) HWY_ATTR {
                if (streams)
                    transpose_square<Stores::streaming>(from, pitch, bias, count, to, output_pitch);
                else
                    transpose_square<Stores::cached>(from, pitch, bias, count, to, output_pitch);
            });
        if (r + 8 <= rows) {
            in_columns([&](const float* from, std::int64_t count, float* to) HWY_ATTR {
                if (streams_pairs && count % 2 == 0)
                    transpose_half<Stores::streaming>(from, pitch, bias, count, to, output_pitch);
                else
                    transpose_half<Stores::cached>(from, pitch, bias, count, to, output_pitch);
            });
            r += 8;
        }
        input += r * pitch;
        output += r;
        rows -= r;
    }
#endif
    (void)stores;
    transpose_in_blocks(input, pitch, rows, columns, bias, output, output_pitch);
}

template <class T>
void store(const T* rows, std::int64_t row_pitch, std::int64_t phases, std::int64_t first, std::int64_t count, T bias,
           T* output, Stores stores) {
    switch (phases) {
        case 1:
            return store_row_of<1>(rows, row_pitch, first, count, bias, output, stores);
        case 2:
            return store_row_of<2>(rows, row_pitch, first, count, bias, output, stores);
        case 3:
            return store_row_of<3>(rows, row_pitch, first, count, bias, output, stores);
        case 4:
            return store_row_of<4>(rows, row_pitch, first, count, bias, output, stores);
        default:
            return;
    }
}

template <class T>
void spread(const T* rows, std::int64_t row_pitch, std::int64_t phases, std::int64_t count, T bias, T* output,
            std::int64_t step, Stores stores) {
    transpose_with_bias(rows, row_pitch, phases, count, bias, output, step, stores);
}

template <class T>
void transpose(const T* input, std::int64_t input_pitch, std::int64_t rows, std::int64_t columns, T* output,
               std::int64_t output_pitch) {
    // Minus zero is the number that changes nothing when it is added.
    transpose_with_bias(input, input_pitch, rows, columns, T(-0.0), output, output_pitch, Stores::cached);
}

template <int kPhases, class Tag, class T>
void deinterleave_dense(Tag tag, const T* input, T* rows, std::int64_t pitch) {
    hn::Vec<Tag> a, b, c, d;
    if constexpr (kPhases == 2) hn::LoadInterleaved2(tag, input, a, b);
    if constexpr (kPhases == 3) hn::LoadInterleaved3(tag, input, a, b, c);
    if constexpr (kPhases == 4) hn::LoadInterleaved4(tag, input, a, b, c, d);
    hn::StoreU(a, tag, rows);
    hn::StoreU(b, tag, rows + pitch);
    if constexpr (kPhases >= 3) hn::StoreU(c, tag, rows + 2 * pitch);
    if constexpr (kPhases >= 4) hn::StoreU(d, tag, rows + 3 * pitch);
}

template <int kPhases, class T>
void deinterleave_phases(const T* input, std::int64_t count, T* rows, std::int64_t pitch) {
    const hn::ScalableTag<T> whole;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    std::int64_t q = 0;
    for (; q + kLanes <= count; q += kLanes) deinterleave_dense<kPhases>(whole, input + q * kPhases, rows + q, pitch);
    for (; q < count; ++q)
        for (std::int64_t r = 0; r < kPhases; ++r) rows[r * pitch + q] = input[q * kPhases + r];
}

template <class T>
void deinterleave(const T* input, std::int64_t step, std::int64_t phases, std::int64_t count, T* rows,
                  std::int64_t row_pitch) {
    if (step == phases) {
        switch (phases) {
            case 2:
                return deinterleave_phases<2>(input, count, rows, row_pitch);
            case 3:
                return deinterleave_phases<3>(input, count, rows, row_pitch);
            case 4:
                return deinterleave_phases<4>(input, count, rows, row_pitch);
            default:
                break;
        }
    }
    if (phases == 1) {
        for (std::int64_t q = 0; q < count; ++q) rows[q] = input[q * step];
        return;
    }
    transpose(input, step, count, phases, rows, row_pitch);
}
