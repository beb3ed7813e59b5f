// The row kernels (contract: kernel_set.h): sums of all phases of a row, or of two rows that read the same places,
// interleaved and stored from the registers. Included by instruction-set units only.
#pragma once

// Where the next elements of a call's lines go; null where a line is not wanted. By value, in registers: what is
// written as one pointer and read as two waits for all stores before it, and streamed ones take long.
template <class T, int kLines>
struct RowOutput {
    T* at[kLines];

    RowOutput from(std::int64_t element) const {
        RowOutput result;
        TCONV_UNROLL for (int l = 0; l < kLines; ++l) result.at[l] = at[l] == nullptr ? nullptr : at[l] + element;
        return result;
    }
};

// The steps of a run for lines [kBegin, kEnd): of all phases, or of the first. Returns where the stream goes on.
template <int kBegin, int kEnd, bool kOnlyFirst, int kFirst, class T, int kLines, int kPhases, int kVectors>
HWY_INLINE const T* add_steps(const RowRun& run, const T* HWY_RESTRICT stream, const T* HWY_RESTRICT vectors,
                              std::int64_t last, std::int64_t ahead,
                              hn::Vec<hn::ScalableTag<T>> (&sums)[kLines][kPhases][kVectors]) {
    const hn::ScalableTag<T> tag;
    using Vector = hn::Vec<decltype(tag)>;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    // Sums [kOf, kTo) in the order of a row, which may begin with another phase than the first.
    constexpr int kOf = kOnlyFirst ? (kPhases - kFirst) % kPhases : 0, kTo = kOnlyFirst ? kOf + 1 : kPhases;
    constexpr int kWeights = kTo - kOf, kAll = (kEnd - kBegin) * kWeights;
    // Those below kHere are this point's, the others the next one's. What is alone is loaded where it is.
    constexpr int kHere = kOnlyFirst ? kTo : kPhases - kFirst, kNext = kOnlyFirst && kFirst > 0 ? 1 : 0;
    // Two loads for each vector: where compilers load early, there are never registers enough.
    constexpr bool kFew = TCONV_FEW_REGISTERS > 1 || free_registers(kLines * kPhases, kVectors) < TCONV_FEW_REGISTERS;
    const std::int32_t* HWY_RESTRICT offsets = run.offsets;
    const std::int64_t steps = run.steps;
    const auto weight = [&](int line, int i) HWY_ATTR {
        return stream[(line - kBegin) * kWeights + (kOnlyFirst ? 0 : row_phase<kPhases, kFirst>(i))];
    };
    const auto place = [&](int v) { return v == kVectors - 1 ? last : v * kLanes; };
    for (std::int64_t k = 0; k < steps; ++k) {
        const T* HWY_RESTRICT from = vectors + offsets[k] + kNext;
        if (ahead != 0) ask_for<kVectors * kLanes* static_cast<std::int64_t>(sizeof(T))>(from, ahead);
        // The smaller side's operands are held, the others come one by one.
        if constexpr (kAll <= kVectors) {
            Vector weights[kEnd - kBegin][kPhases];
            TCONV_UNROLL for (int l = kBegin; l < kEnd; ++l) {
                TCONV_UNROLL for (int i = kOf; i < kTo; ++i) weights[l - kBegin][i] = hn::Set(tag, weight(l, i));
            }
            TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
                if constexpr (kFew) {
                    TCONV_FENCE;
                }
                Vector loaded = hn::LoadU(tag, from + place(v));
                TCONV_KEEP(loaded);
                TCONV_UNROLL for (int l = kBegin; l < kEnd; ++l) {
                    TCONV_UNROLL for (int i = kOf; i < kHere; ++i) sums[l][i][v] =
                        hn::MulAdd(weights[l - kBegin][i], loaded, sums[l][i][v]);
                }
                if constexpr (kHere < kTo) {
                    Vector next = hn::LoadU(tag, from + place(v) + 1);
                    TCONV_KEEP(next);
                    TCONV_UNROLL for (int l = kBegin; l < kEnd; ++l) {
                        TCONV_UNROLL for (int i = kHere; i < kTo; ++i) sums[l][i][v] =
                            hn::MulAdd(weights[l - kBegin][i], next, sums[l][i][v]);
                    }
                }
            }
        } else {
            // This point's, then the next one's.
            TCONV_UNROLL for (int point = 0; point < (kHere < kTo ? 2 : 1); ++point) {
                Vector loaded[kVectors];
                TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
                    loaded[v] = hn::LoadU(tag, from + place(v) + point);
                    TCONV_KEEP(loaded[v]);
                }
                TCONV_UNROLL for (int l = kBegin; l < kEnd; ++l) {
                    TCONV_UNROLL for (int i = kOf; i < kTo; ++i) {
                        if ((i < kHere) != (point == 0)) continue;
                        if constexpr (kFew) {
                            TCONV_FENCE;
                        }
                        const Vector one = hn::Set(tag, weight(l, i));
                        TCONV_UNROLL for (int v = 0; v < kVectors; ++v) sums[l][i][v] =
                            hn::MulAdd(one, loaded[v], sums[l][i][v]);
                    }
                }
            }
        }
        stream += kAll;
    }
    return stream;
}

// All runs of a block; those of a line alone that is not wanted are passed over.
template <int kFirst, class T, int kLines, int kPhases, int kVectors>
HWY_INLINE void row_sums(const RowTask<T>& of, const T* vectors, std::int64_t last, RowOutput<T, kLines> output,
                         hn::Vec<hn::ScalableTag<T>> (&sums)[kLines][kPhases][kVectors]) {
    const hn::ScalableTag<T> tag;
    TCONV_UNROLL for (int l = 0; l < kLines; ++l) {
        TCONV_UNROLL for (int i = 0; i < kPhases; ++i) {
            TCONV_UNROLL for (int v = 0; v < kVectors; ++v) sums[l][i][v] = hn::Zero(tag);
        }
    }
    const T* stream = of.stream;
    for (std::int64_t r = 0; r < of.run_count; ++r) {
        const RowRun& run = of.runs[r];
        if constexpr (kLines == 2) {
            if (run.lines == 1) {
                if (output.at[run.first_line == 0 ? 0 : kLines - 1] == nullptr)
                    stream += run.steps * (run.of_first_phase ? 1 : kPhases);
                else if (kPhases > 1 && run.of_first_phase)
                    stream = run.first_line == 0
                                 ? add_steps<0, 1, (kPhases > 1), kFirst>(run, stream, vectors, last, of.ahead, sums)
                                 : add_steps<1, 2, (kPhases > 1), kFirst>(run, stream, vectors, last, of.ahead, sums);
                else
                    stream = run.first_line == 0
                                 ? add_steps<0, 1, false, kFirst>(run, stream, vectors, last, of.ahead, sums)
                                 : add_steps<1, 2, false, kFirst>(run, stream, vectors, last, of.ahead, sums);
                continue;
            }
        }
        if (kPhases > 1 && run.of_first_phase)
            stream = add_steps<0, kLines, (kPhases > 1), kFirst>(run, stream, vectors, last, of.ahead, sums);
        else
            stream = add_steps<0, kLines, false, kFirst>(run, stream, vectors, last, of.ahead, sums);
    }
}

// The first `count` elements of `all`, kVectors vectors at most; so many may be read.
template <int kVectors, class T>
HWY_INLINE void store_first(const T* HWY_RESTRICT all, std::int64_t count, Stores stores, T* output) {
    const hn::ScalableTag<T> tag;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    // Not unrolled: it may end early.
    for (int v = 0; v < kVectors; ++v) {
        const std::int64_t here = count - v * kLanes;
        if (here <= 0) break;
        const auto vector = hn::LoadU(tag, all + v * kLanes);
        if (stores == Stores::streaming && kVectorBytes<T> == kLineBytes && here >= kLanes)
            hn::Stream(vector, tag, output + v * kLanes);
        else
            store_lanes(vector, tag, here < kLanes ? here : kLanes, output + v * kLanes);
    }
}

// What is not stored: elements at the begin of a block's first vector, or of its last.
struct Skipped {
    std::int64_t first, last;
};

// kVectors whole vectors of points, one behind the other but for the last, which begins at point `last`.
template <int kLines, int kPhases, int kFirst, int kVectors, class T>
void row_block(const RowTask<T>& of, const T* vectors, std::int64_t last, Stores stores, Skipped skipped,
               RowOutput<T, kLines> output) {
    using Vector = hn::Vec<hn::ScalableTag<T>>;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    Vector sums[kLines][kPhases][kVectors];
    row_sums<kFirst>(of, vectors, last, output, sums);
    const Vector add = hn::Set(hn::ScalableTag<T>(), of.bias);
    TCONV_UNROLL for (int l = 0; l < kLines; ++l) {
        if (kLines > 1 && output.at[l] == nullptr) continue;
        TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
            Vector rows[kPhases];
            TCONV_UNROLL for (int i = 0; i < kPhases; ++i) rows[i] = hn::Add(sums[l][i][v], add);
            T* const to = output.at[l] + (v == kVectors - 1 ? last : v * kLanes) * kPhases;
            const std::int64_t begin = v == 0 && skipped.first > 0 ? skipped.first
                                       : v == kVectors - 1         ? skipped.last
                                                                   : 0;
            if (kPhases > 1 && begin > 0) {
                HWY_ALIGN T all[kLanes * (kPhases + 1)];
                store_row<kPhases, Stores::cached>(hn::ScalableTag<T>(), rows, all);
                store_first<kPhases>(all + begin, kLanes * kPhases - begin, stores, to + begin);
            } else if (kPhases != 3 && stores == Stores::streaming)
                store_row<kPhases, kPhases == 3 ? Stores::cached : Stores::streaming>(hn::ScalableTag<T>(), rows, to);
            else
                store_row<kPhases, Stores::cached>(hn::ScalableTag<T>(), rows, to);
        }
    }
}

// A block of `count` vectors, kVectors at most.
template <int kLines, int kPhases, int kFirst, int kVectors, class T>
HWY_INLINE void row_block_of(std::int64_t count, const RowTask<T>& of, const T* vectors, std::int64_t last,
                             Stores stores, Skipped skipped, RowOutput<T, kLines> output) {
    if constexpr (kVectors > 1) {
        if (count < kVectors)
            return row_block_of<kLines, kPhases, kFirst, kVectors - 1>(count, of, vectors, last, stores, skipped,
                                                                       output);
    }
    row_block<kLines, kPhases, kFirst, kVectors>(of, vectors, last, stores, skipped, output);
}

// Vectors of points whose elements are whole lines: streamed together.
template <class T, int kPhases>
inline constexpr std::int64_t kLineVectors = (kLineElements<T> + hn::MaxLanes(hn::ScalableTag<T>()) * kPhases - 1) /
                                             (hn::MaxLanes(hn::ScalableTag<T>()) * kPhases);

// Elements [skipped, count) of a line that begins with phase kFirst; none are skipped where they are streamed.
template <int kLines, int kPhases, int kFirst, class T>
void row_from(const RowTask<T>& of, const T* vectors, std::int64_t skipped, std::int64_t count, Stores stores,
              RowOutput<T, kLines> output) {
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    constexpr int kVectors = widest(kLines * kPhases);
    const std::int64_t whole = count / kPhases;  // points of which all is stored
    // The last vector of a row that ends with a point begins early enough to be whole, and stores some elements again;
    // but no streamed line, which would have to come back.
    const std::int64_t together = stores == Stores::cached ? 1 : kLineVectors<T, kPhases>;
    const std::int64_t repeated = (whole + kLanes - 1) / kLanes * kLanes - whole;  // points
    const bool may_overlap = stores == Stores::cached || (together == 1 && repeated * kPhases % kLineElements<T> == 0);
    const bool overlaps = may_overlap && whole >= kLanes && count == whole * kPhases;
    const std::int64_t not_again = overlaps && stores == Stores::streaming ? repeated * kPhases : 0;
    const std::int64_t needed = (overlaps ? whole + kLanes - 1 : whole) / kLanes / together;
    std::int64_t q = 0;
    if (needed > 0) {
        // Blocks as even as can be: sums in few registers would wait for each other.
        const std::int64_t most = together == 1 ? kVectors : kVectors / kLineVectors<T, kPhases>;
        const std::int64_t blocks = needed <= most ? 1 : (needed + most - 1) / most;
        const std::int64_t each = blocks == 1 ? needed : needed / blocks, longer = needed - blocks * each;
        for (std::int64_t b = 0; b + 1 < blocks; ++b) {
            const std::int64_t here = (each + (b < longer ? 1 : 0)) * together;
            row_block_of<kLines, kPhases, kFirst, kVectors>(here, of, vectors + q, (here - 1) * kLanes, stores,
                                                            {q == 0 ? skipped : 0, 0}, output.from(q * kPhases));
            q += here * kLanes;
        }
        const std::int64_t last = (overlaps ? whole : needed * together * kLanes) - kLanes - q;
        row_block_of<kLines, kPhases, kFirst, kVectors>(each * together, of, vectors + q, last, stores,
                                                        {q == 0 ? skipped : 0, not_again}, output.from(q * kPhases));
        q += each * together * kLanes;
    }
    for (; q * kPhases < count; q += kLanes) {
        HWY_ALIGN T all[kLines][kLanes * (kPhases + 1)];
        RowOutput<T, kLines> block;
        TCONV_UNROLL for (int l = 0; l < kLines; ++l) block.at[l] = output.at[l] == nullptr ? nullptr : all[l];
        row_block<kLines, kPhases, kFirst, 1>(of, vectors + q, 0, Stores::cached, {0, 0}, block);
        const std::int64_t end = count - q * kPhases < kLanes * kPhases ? count - q * kPhases : kLanes * kPhases;
        const std::int64_t begin = q == 0 ? skipped : 0;
        TCONV_UNROLL for (int l = 0; l < kLines; ++l) {
            if (output.at[l] != nullptr)
                store_first<kPhases>(all[l] + begin, end - begin, stores, output.at[l] + q * kPhases + begin);
        }
    }
}

template <int kLines, int kPhases, class T>
void row_of(const RowTask<T>& of, const T* vectors, std::int64_t first, std::int64_t count, Stores stores,
            RowOutput<T, kLines> output) {
    vectors += first / kPhases;
    first %= kPhases;
    // Where there is much to sum, a line begins with its first point, of which some elements are not stored: to begin
    // with another phase takes two vectors where one is enough. But then all stores cross lines, which costs more where
    // there is little to sum (ic256 oc256 i64x64 k4 s2 p1 g256, not streamed: 0.95 ms, or 1.18; Zen 5, 2026-12).
    if (kPhases == 3 || (stores == Stores::cached && of.has_many_steps))
        return row_from<kLines, kPhases, 0>(of, vectors, first, first + count, stores, output.from(-first));
    if constexpr (kPhases == 4) {
        if (first == 3) return row_from<kLines, kPhases, 3>(of, vectors, 0, count, stores, output);
        if (first == 2) return row_from<kLines, kPhases, 2>(of, vectors, 0, count, stores, output);
    }
    if constexpr (kPhases == 2 || kPhases == 4) {
        if (first == 1) return row_from<kLines, kPhases, 1>(of, vectors, 0, count, stores, output);
    }
    row_from<kLines, kPhases, 0>(of, vectors, 0, count, stores, output);
}

template <int kLines, int kPhases, class T>
HWY_INLINE void row_at(const RowTask<T>& of, const T* vectors, RowOutput<T, kLines> output) {
    // Three phases are never streamed, nor are lines of more vectors than a block has.
    if constexpr (kPhases != 3 && kLineVectors<T, kPhases> <= widest(kLines * kPhases)) {
        constexpr std::int64_t kBlock = kLineVectors<T, kPhases> * hn::MaxLanes(hn::ScalableTag<T>()) * kPhases;
        const T* const any = kLines == 2 && output.at[0] == nullptr ? output.at[kLines - 1] : output.at[0];
        const std::int64_t lead = elements_to<kLineBytes>(any);
        if (of.stores == Stores::streaming && of.count >= lead + kBlock) {
            if (lead > 0) row_of<kLines, kPhases>(of, vectors, of.first, lead, Stores::cached, output);
            return row_of<kLines, kPhases>(of, vectors, of.first + lead, of.count - lead, Stores::streaming,
                                           output.from(lead));
        }
    }
    row_of<kLines, kPhases>(of, vectors, of.first, of.count, Stores::cached, output);
}

template <class T, int kLines, int kPhases>
void row_kernel(const RowTask<T>& of, T* first, T* second) {
    RowOutput<T, kLines> output;
    output.at[0] = first;
    if constexpr (kLines == 2) output.at[1] = second;
    const T* vectors = of.vectors;
    for (std::int64_t n = 0; n < of.repeats; ++n) {
        row_at<kLines, kPhases>(of, vectors, output);
        vectors += of.vector_step;
        output = output.from(of.output_step);
    }
}
