// What an instruction-set unit consists of. The unit defines TCONV_UNIT (its name in kernel_list.h), TCONV_UNIT_ROWS
// (of its tallest tile), TCONV_UNIT_REGISTERS (that tiles may fill) and TCONV_UNIT_LANES (the f32 lanes that its flags
// must give), then includes this file once. Everything has internal linkage but the two accessors at the end; standard
// functions that are inline are not used, since their copies could leave the unit with this unit's instructions in them
// (tests/house checks).
#if TCONV_UNIT_LANES == 1
#define HWY_COMPILE_ONLY_SCALAR 1
#else
#define HWY_COMPILE_ONLY_STATIC 1
#endif
#include <hwy/highway.h>
// Second, as they need the first.
#include <hwy/cache_control.h>
#include <hwy/contrib/math/math-inl.h>

#include "kernels/kernel_list.h"
#include "kernels/split_set.h"
#if defined(__wasm_simd128__) && !HWY_HAVE_FLOAT64 && TCONV_UNIT_LANES > 1
#include "kernels/wasm_doubles-inl.h"
#endif

#define TCONV_TEXT(x) TCONV_TEXT_(x)
#define TCONV_TEXT_(x) #x
#define TCONV_JOIN(a, b) TCONV_JOIN_(a, b)
#define TCONV_JOIN_(a, b) a##b
#if defined(__clang__)
#define TCONV_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define TCONV_UNROLL _Pragma("GCC unroll 32")
#else
#define TCONV_UNROLL
#endif

// Where a tile leaves fewer registers free than so many, clang on x86-64 and GCC on AArch64 would load the operands of
// later multiply-adds early and spill sums: no load crosses the fence.
#if defined(__clang__)
#define TCONV_FENCE asm volatile("" ::: "memory")
#define TCONV_FEW_REGISTERS 1
#elif defined(__GNUC__) && defined(__aarch64__) && TCONV_UNIT_LANES > 1
#define TCONV_FENCE asm volatile("" ::: "memory")
#define TCONV_FEW_REGISTERS 5
#else
#define TCONV_FENCE
#define TCONV_FEW_REGISTERS 0
#endif

// GCC would rather read a vector from memory for every multiply-add that uses it: keep it in a register.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && TCONV_UNIT_LANES > 1
#define TCONV_KEEP(vector) asm("" : "+v"((vector).raw))
#else
#define TCONV_KEEP(vector)
#endif

namespace tconv::kernels {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

// Highway falls back silently where a flag is missing.
static_assert(hn::MaxLanes(hn::ScalableTag<float>()) == TCONV_UNIT_LANES,
              "compiler flags and instruction set disagree");
static_assert(TCONV_UNIT_ROWS >= kMostRowPhases && TCONV_UNIT_ROWS <= kMostRows, "out of KernelSet's bounds");

// A tile's sums, the smaller side's operands and one of the other's are in registers, or they spill.
constexpr int free_registers(int rows, int vectors) {
    return TCONV_UNIT_REGISTERS - (rows * vectors + (rows < vectors ? rows : vectors) + 1);
}

constexpr int widest(int rows) {
    int vectors = 1;
    for (int v = 2; v <= kMostVectors; ++v)
        if (free_registers(rows, v) >= 0) vectors = v;
    return vectors;
}

#include "kernels/combine-inl.h"
#include "kernels/interleave-inl.h"
// After that, which they build on.
#include "kernels/finish-inl.h"
#include "kernels/points-inl.h"
#include "kernels/store-inl.h"
#include "kernels/tile-inl.h"
// After that, which they build on.
#include "kernels/pad-inl.h"
// After those that they build on.
#include "kernels/channels-inl.h"
#include "kernels/row-inl.h"
#if defined(TCONV_UNIT_SPLIT_ROWS)
#include "kernels/split-inl.h"
constexpr SplitSet kSplit{TCONV_UNIT_SPLIT_ROWS,
                          TCONV_UNIT_SPLIT_LANES,
                          TCONV_UNIT_SPLIT_DEPTH,
                          2,
                          2,
                          {{split_tile<1, 1>, split_tile<1, 2>}, {split_tile<2, 1>, split_tile<2, 2>}},
                          split,
                          split_weights,
                          [] {},
                          [] {}};
#endif

template <class T>
double multiply_adds(std::int64_t iterations) {
    const hn::ScalableTag<T> tag;
    constexpr int kSums = 12;
    hn::Vec<decltype(tag)> sums[kSums];
    TCONV_UNROLL for (int i = 0; i < kSums; ++i) sums[i] = hn::Set(tag, T(i));
    // Converges to 2, so neither infinities nor denormals slow it down.
    const auto half = hn::Set(tag, T(0.5)), one = hn::Set(tag, T(1));
    for (std::int64_t k = 0; k < iterations; ++k) {
        // NOLINTNEXTLINE(modernize-loop-convert): GCC 12 unrolls no range-based loop
        TCONV_UNROLL for (int i = 0; i < kSums; ++i) sums[i] = hn::MulAdd(sums[i], half, one);
    }
    auto all = sums[0];
    TCONV_UNROLL for (int i = 1; i < kSums; ++i) all = hn::Add(all, sums[i]);
    // The sums are looked at, so that they cannot be left out.
    volatile T seen = hn::GetLane(all);
    (void)seen;
    return 2.0 * kSums * static_cast<double>(hn::MaxLanes(tag)) * static_cast<double>(iterations);
}

template <class T, int kRows, int kVectors>
constexpr void fill(KernelSet<T>& set) {
    set.tile[kRows - 1][kVectors - 1] = tile_kernel<T, kRows, kVectors>;
    set.widest[kRows - 1] = widest(kRows);
    if constexpr (kVectors > 1)
        fill<T, kRows, kVectors - 1>(set);
    else if constexpr (kRows > 1)
        fill<T, kRows - 1, widest(kRows - 1)>(set);
}

template <class T, int kLines>
constexpr void fill_rows(KernelSet<T>& set) {
    set.row[kLines - 1][0] = row_kernel<T, kLines, 1>;
    set.row[kLines - 1][1] = row_kernel<T, kLines, 2>;
    set.row[kLines - 1][2] = row_kernel<T, kLines, 3>;
    set.row[kLines - 1][3] = row_kernel<T, kLines, 4>;
}

template <class T>
constexpr KernelSet<T> make_set() {
    KernelSet<T> set{};
    set.name = TCONV_TEXT(TCONV_UNIT);
    set.lanes = static_cast<int>(hn::MaxLanes(hn::ScalableTag<T>()));
    set.rows = TCONV_UNIT_ROWS;
    set.vectors = widest(TCONV_UNIT_ROWS);
    fill<T, TCONV_UNIT_ROWS, widest(TCONV_UNIT_ROWS)>(set);
    fill_rows<T, 1>(set);
    fill_rows<T, 2>(set);
    set.points = points<T>;
    set.channels = channels<T>;
    set.store = store<T>;
    set.spread = spread<T>;
    set.spreads_lines = kSpreadsLines<T>;
    set.pad = pad<T>;
    set.copy = copy<T>;
    set.combine = combine<T>;
    set.flush = [] { hwy::FlushStream(); };
    set.finish = finish<T>;
    set.deinterleave = deinterleave<T>;
    set.transpose = transpose<T>;
    set.multiply_adds = multiply_adds<T>;
#if defined(TCONV_UNIT_SPLIT_ROWS)
    if constexpr (sizeof(T) == sizeof(float)) set.split = &kSplit;
#endif
    return set;
}

constexpr KernelSet<float> kFloatSet = make_set<float>();
constexpr KernelSet<double> kDoubleSet = make_set<double>();
}  // namespace

// One definition each: a unit includes this file once, under a name of its own.
// NOLINTBEGIN(misc-definitions-in-headers)
const KernelSet<float>& TCONV_JOIN(TCONV_UNIT, _f32)() noexcept { return kFloatSet; }
const KernelSet<double>& TCONV_JOIN(TCONV_UNIT, _f64)() noexcept { return kDoubleSet; }
// NOLINTEND(misc-definitions-in-headers)

}  // namespace tconv::kernels
