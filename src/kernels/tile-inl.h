// The tile kernels (contract: kernel_set.h), as one template over Highway's vectors. Included by instruction-set units
// only, inside their own namespace. All loops over rows and vectors have constant bounds and disappear; the
// accumulators live in registers (docs/performance.md tells how that is checked).
#pragma once

// Asks for kBytes that begin `ahead` elements behind `from`, inside of an array or not: no pointer is made of it.
template <std::int64_t kBytes, class T>
HWY_INLINE void ask_for(const T* from, std::int64_t ahead) {
    constexpr std::int64_t kLine = 64;
    const std::uintptr_t at = reinterpret_cast<std::uintptr_t>(from) + static_cast<std::uintptr_t>(ahead) * sizeof(T);
    TCONV_UNROLL for (std::int64_t i = 0; i < kBytes; i += kLine) {
        hwy::Prefetch(reinterpret_cast<const char*>(at + static_cast<std::uintptr_t>(i)));
    }
}

template <class T, int kRows, int kVectors>
void tile_kernel(std::int64_t steps, const T* HWY_RESTRICT stream, const T* HWY_RESTRICT vectors,
                 const std::int32_t* HWY_RESTRICT offsets, std::int64_t ahead, T* HWY_RESTRICT tile, std::int64_t pitch,
                 bool adds) {
    const hn::ScalableTag<T> tag;
    using Vector = hn::Vec<decltype(tag)>;
    constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    constexpr bool kFew = free_registers(kRows, kVectors) < TCONV_FEW_REGISTERS;
    Vector sums[kRows][kVectors];
    TCONV_UNROLL for (int r = 0; r < kRows; ++r) {
        TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
            sums[r][v] = adds ? hn::LoadU(tag, tile + r * pitch + v * kLanes) : hn::Zero(tag);
        }
    }
    for (std::int64_t k = 0; k < steps; ++k) {
        const T* HWY_RESTRICT from = vectors + offsets[k];
        if (ahead != 0) [[likely]]
            ask_for<kVectors * kLanes* static_cast<std::int64_t>(sizeof(T))>(from, ahead);
        // The smaller side's operands are held, the others come one by one.
        if constexpr (kRows < kVectors) {
            Vector weights[kRows];
            TCONV_UNROLL for (int r = 0; r < kRows; ++r) weights[r] = hn::Set(tag, stream[r]);
            TCONV_UNROLL for (int v = 0; v < kVectors; ++v) {
                if constexpr (kFew) {
                    TCONV_FENCE;
                }
                Vector loaded = hn::LoadU(tag, from + v * kLanes);
                TCONV_KEEP(loaded);
                TCONV_UNROLL for (int r = 0; r < kRows; ++r) sums[r][v] = hn::MulAdd(weights[r], loaded, sums[r][v]);
            }
        } else {
            Vector loaded[kVectors];
            TCONV_UNROLL for (int v = 0; v < kVectors; ++v) loaded[v] = hn::LoadU(tag, from + v * kLanes);
            TCONV_UNROLL for (int r = 0; r < kRows; ++r) {
                if constexpr (kFew) {
                    TCONV_FENCE;
                }
                const Vector weight = hn::Set(tag, stream[r]);
                TCONV_UNROLL for (int v = 0; v < kVectors; ++v) sums[r][v] = hn::MulAdd(weight, loaded[v], sums[r][v]);
            }
        }
        stream += kRows;
    }
    TCONV_UNROLL for (int r = 0; r < kRows; ++r) {
        TCONV_UNROLL for (int v = 0; v < kVectors; ++v) hn::StoreU(sums[r][v], tag, tile + r * pitch + v * kLanes);
    }
}
