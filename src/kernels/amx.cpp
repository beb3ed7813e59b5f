// The AMX unit: the AVX-512 unit's kernels, and split products (split_set.h) on tiles of 16x16 sums with 32 channels.
//
// A tile multiplication takes 16 cycles for 16x16x32 products, so six of them are worth 16 / 6 = 2.7 times what two
// AVX-512 multiply-adds a cycle give. Eight tile registers: four sums and four operands. Loads are what is scarce next:
// 14 for 24 multiplications of 2x2 tiles, each part of either side staying while the other side's change; 15 of 1x4 and
// 19 of 4x1, all three parts of the one tile staying. The order of the six products is the same in all of them.
#define HWY_COMPILE_ONLY_STATIC 1
#include <hwy/highway.h>
#include <immintrin.h>

#include <cstdint>

#include "kernels/kernel_list.h"
#include "kernels/split_set.h"

namespace tconv::kernels {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
#define TCONV_UNIT_LANES 16
static_assert(hn::MaxLanes(hn::ScalableTag<float>()) == TCONV_UNIT_LANES,
              "compiler flags and instruction set disagree");

#include "kernels/split-inl.h"

constexpr int kRows = 16, kLanes = 16, kDepth = 32;
constexpr std::int64_t kTileElements = kRows * kDepth, kStepElements = 3 * kTileElements;

struct alignas(64) TileConfig {
    std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
    std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t rows[16] = {kRows, kRows, kRows, kRows, kRows, kRows, kRows, kRows};
};

void begin() {
    static constexpr TileConfig kConfig{};
    _tile_loadconfig(&kConfig);
}

void end() { _tile_release(); }

// Tile registers are named by literals only.
#define TCONV_LOAD_W(tile, row_tile, part) \
    _tile_loadd(tile, w + (row_tile) * steps.row_tile_stride + (part) * kTileElements, 2 * kDepth)
#define TCONV_LOAD_X(tile, lane_tile, part) \
    _tile_loadd(tile, x + (part) * steps.part_stride + (lane_tile) * kLanes, 4 * steps.pair_stride)

// body(w, x) for every step.
template <class Body>
inline void for_each_step(const SplitSteps& steps, const std::uint16_t* w, const std::uint32_t* panel,
                          const Body& body) {
    for (std::int64_t g = 0; g < steps.groups; ++g, panel += steps.group_stride)
        for (std::int64_t t = 0; t < steps.taps; ++t, w += kStepElements) body(w, panel + steps.offsets[t]);
}

#define TCONV_BEGIN_SUM(tile_register, row_tile, lane_tile)                                                  \
    do {                                                                                                     \
        if (adds)                                                                                            \
            _tile_loadd(tile_register, tile + (row_tile) * kRows * pitch + (lane_tile) * kLanes, 4 * pitch); \
        else                                                                                                 \
            _tile_zero(tile_register);                                                                       \
    } while (false)
#define TCONV_END_SUM(tile_register, row_tile, lane_tile) \
    _tile_stored(tile_register, tile + (row_tile) * kRows * pitch + (lane_tile) * kLanes, 4 * pitch)

void tile_2x2(const SplitSteps& steps, const std::uint16_t* weights, const std::uint32_t* panel, float* tile,
              std::int64_t pitch, bool adds) {
    TCONV_BEGIN_SUM(0, 0, 0);
    TCONV_BEGIN_SUM(1, 0, 1);
    TCONV_BEGIN_SUM(2, 1, 0);
    TCONV_BEGIN_SUM(3, 1, 1);
    const auto multiply = [] {
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    };
    for_each_step(steps, weights, panel, [&](const std::uint16_t* w, const std::uint32_t* x) {
        const auto load_w = [&](int part) {
            TCONV_LOAD_W(4, 0, part);
            TCONV_LOAD_W(5, 1, part);
        };
        const auto load_x = [&](int part) {
            TCONV_LOAD_X(6, 0, part);
            TCONV_LOAD_X(7, 1, part);
        };
        load_w(0), load_x(2), multiply();
        load_x(1), multiply();
        load_w(1), multiply();
        load_x(0), multiply();
        load_w(2), multiply();
        load_w(0), multiply();
    });
    TCONV_END_SUM(0, 0, 0);
    TCONV_END_SUM(1, 0, 1);
    TCONV_END_SUM(2, 1, 0);
    TCONV_END_SUM(3, 1, 1);
}

// One row tile, all parts of which stay in tiles 5 to 7; lane tiles' parts pass through tile 4.
template <int kLaneTiles>
void tile_1xn(const SplitSteps& steps, const std::uint16_t* weights, const std::uint32_t* panel, float* tile,
              std::int64_t pitch, bool adds) {
    TCONV_BEGIN_SUM(0, 0, 0);
    if constexpr (kLaneTiles > 1) TCONV_BEGIN_SUM(1, 0, 1);
    if constexpr (kLaneTiles > 2) TCONV_BEGIN_SUM(2, 0, 2);
    if constexpr (kLaneTiles > 3) TCONV_BEGIN_SUM(3, 0, 3);
    for_each_step(steps, weights, panel, [&](const std::uint16_t* w, const std::uint32_t* x) {
        TCONV_LOAD_W(5, 0, 0);
        TCONV_LOAD_W(6, 0, 1);
        TCONV_LOAD_W(7, 0, 2);
#define TCONV_LANE_TILE(i)          \
    if constexpr (kLaneTiles > i) { \
        TCONV_LOAD_X(4, i, 2);      \
        _tile_dpbf16ps(i, 5, 4);    \
        TCONV_LOAD_X(4, i, 1);      \
        _tile_dpbf16ps(i, 5, 4);    \
        _tile_dpbf16ps(i, 6, 4);    \
        TCONV_LOAD_X(4, i, 0);      \
        _tile_dpbf16ps(i, 6, 4);    \
        _tile_dpbf16ps(i, 7, 4);    \
        _tile_dpbf16ps(i, 5, 4);    \
    }
        TCONV_LANE_TILE(0) TCONV_LANE_TILE(1) TCONV_LANE_TILE(2) TCONV_LANE_TILE(3)
#undef TCONV_LANE_TILE
    });
    TCONV_END_SUM(0, 0, 0);
    if constexpr (kLaneTiles > 1) TCONV_END_SUM(1, 0, 1);
    if constexpr (kLaneTiles > 2) TCONV_END_SUM(2, 0, 2);
    if constexpr (kLaneTiles > 3) TCONV_END_SUM(3, 0, 3);
}

// One lane tile, all parts of which stay; row tiles' parts pass through tile 4.
template <int kRowTiles>
void tile_nx1(const SplitSteps& steps, const std::uint16_t* weights, const std::uint32_t* panel, float* tile,
              std::int64_t pitch, bool adds) {
    TCONV_BEGIN_SUM(0, 0, 0);
    TCONV_BEGIN_SUM(1, 1, 0);
    if constexpr (kRowTiles > 2) TCONV_BEGIN_SUM(2, 2, 0);
    if constexpr (kRowTiles > 3) TCONV_BEGIN_SUM(3, 3, 0);
    for_each_step(steps, weights, panel, [&](const std::uint16_t* w, const std::uint32_t* x) {
        TCONV_LOAD_X(5, 0, 0);
        TCONV_LOAD_X(6, 0, 1);
        TCONV_LOAD_X(7, 0, 2);
#define TCONV_ROW_TILE(i)          \
    if constexpr (kRowTiles > i) { \
        TCONV_LOAD_W(4, i, 0);     \
        _tile_dpbf16ps(i, 4, 7);   \
        _tile_dpbf16ps(i, 4, 6);   \
        TCONV_LOAD_W(4, i, 1);     \
        _tile_dpbf16ps(i, 4, 6);   \
        _tile_dpbf16ps(i, 4, 5);   \
        TCONV_LOAD_W(4, i, 2);     \
        _tile_dpbf16ps(i, 4, 5);   \
        TCONV_LOAD_W(4, i, 0);     \
        _tile_dpbf16ps(i, 4, 5);   \
    }
        TCONV_ROW_TILE(0) TCONV_ROW_TILE(1) TCONV_ROW_TILE(2) TCONV_ROW_TILE(3)
#undef TCONV_ROW_TILE
    });
    TCONV_END_SUM(0, 0, 0);
    TCONV_END_SUM(1, 1, 0);
    if constexpr (kRowTiles > 2) TCONV_END_SUM(2, 2, 0);
    if constexpr (kRowTiles > 3) TCONV_END_SUM(3, 3, 0);
}

constexpr SplitSet kSplit{
    kRows,
    kLanes,
    kDepth,
    4,
    4,
    {{tile_1xn<1>, tile_1xn<2>, tile_1xn<3>, tile_1xn<4>}, {tile_nx1<2>, tile_2x2}, {tile_nx1<3>}, {tile_nx1<4>}},
    split,
    split_weights,
    begin,
    end};

}  // namespace

// The AVX-512 unit's, but for what is said above.
const KernelSet<float>& amx_f32() noexcept {
    static const KernelSet<float> set = [] {
        KernelSet<float> made = avx512_f32();
        made.name = "amx";
        made.split = &kSplit;
        return made;
    }();
    return set;
}

const KernelSet<double>& amx_f64() noexcept {
    static const KernelSet<double> set = [] {
        KernelSet<double> made = avx512_f64();
        made.name = "amx";
        return made;
    }();
    return set;
}

}  // namespace tconv::kernels
