// WeightBlocks: one block of pixels, packed and multiplied for one task of weight_gemm (tasks, blocks and planes are
// those of weight_tiling.h).
//
// No product is padded, so infinities travel only where the definition says: each tap gets the pixels whose fine
// partner exists, and no others. To have them in few stretches, a block's pixels are packed in the order
//
//     [column group][row group][outer row][sample][row of the group][column of the group]
//
// where a *group* is a run of neighbouring rows (columns) that the same taps reach inside the frame. A tap's pixels are
// then whole groups but for outer rows, and mostly one stretch in all. Where taps share a tile, a column group that
// some of them reach and some do not is multiplied on the side, and only the lanes of the former are added.
//
//     k4 s2 p1, 8 columns:   groups {0} {1...6} {7};   tap 0 takes the last two, taps 1 and 2 all, tap 3 the first two
#pragma once

#include <array>
#include <cstdint>

#include "kernels/kernel_set.h"
#include "methods/weight/weight_tiling.h"
#include "tconv/strides.h"

namespace tconv::methods {

struct WeightTask {
    std::int64_t super_group = 0;
    Range channels{}, planes{};  // within the merged groups
    std::array<Range, 3> taps{};
};

struct WeightBlock {
    Range samples{};
    std::array<Range, 3> pixels{};
};

// Neighbouring pixels of an axis and the task's taps that reach them, counted from the block's and the task's first.
struct PixelGroup {
    std::int32_t begin = 0, end = 0, tap_begin = 0, tap_end = 0;
};

// Packed pixels [begin, begin + count) whose products belong to the lanes [lane_begin, lane_end) of a tile.
struct PixelStretch {
    std::int64_t begin = 0, count = 0, lane_begin = 0, lane_end = 0;
};

inline constexpr std::int64_t kMostStretches = 128;

// What a worker needs.
template <class T>
struct WeightMemory {
    T* panel = nullptr;
    T* stream = nullptr;
    T* lines = nullptr;    // of a sample's channels, on their way into the stream
    T* scratch = nullptr;  // a tile
    std::int32_t* offsets = nullptr;
    std::array<PixelGroup*, 3> groups{};  // of axes 1 and 2
    PixelStretch* stretches = nullptr;
    T* accumulator = nullptr;

    // Cuts a worker's memory up; with a null pointer, tells only how many bytes it takes.
    static std::int64_t lay_out(const Problem& problem, const WeightTiling& tiling, std::byte* bytes,
                                WeightMemory& memory) noexcept;
};

template <class T>
class WeightBlocks {
public:
    WeightBlocks(const Problem& problem, const WeightTiling& tiling, const kernels::KernelSet<T>& set) noexcept
        : problem_(problem),
          tiling_(tiling),
          set_(set),
          coarse_strides_(coarse_strides(problem)),
          fine_strides_(fine_strides(problem)) {}

    const kernels::KernelSet<T>& set() const noexcept { return set_; }

    // accumulator += the block's share of the task.
    void add(const WeightTask& task, const WeightBlock& block, const T* coarse, const T* fine,
             const WeightMemory<T>& memory, T* accumulator) const noexcept;

private:
    struct Frame;

    void pack_offsets(const Frame& frame, const WeightMemory<T>& memory) const noexcept;
    void pack_stream(const Frame& frame, const T* coarse, const WeightMemory<T>& memory) const noexcept;
    void pack_rows(const Frame& frame, const T* from, std::int64_t rows, const WeightMemory<T>& memory,
                   T* to) const noexcept;
    void pack_plane(const Frame& frame, std::int64_t plane, const T* fine, T* to) const noexcept;
    void pack_dense_line(const Frame& frame, const T* from, std::int64_t count, T* to) const noexcept;
    void pack_apart_line(const Frame& frame, const T* from, std::int64_t count, T* to) const noexcept;
    void multiply_plane(const Frame& frame, const T* plane, const WeightMemory<T>& memory,
                        T* accumulator) const noexcept;
    void multiply_tile(const Frame& frame, const T* vectors, std::int64_t vector_count, const PixelStretch* end,
                       const WeightMemory<T>& memory, T* accumulator) const noexcept;

    const Problem& problem_;
    const WeightTiling& tiling_;
    const kernels::KernelSet<T>& set_;
    SideStrides coarse_strides_, fine_strides_;
};

}  // namespace tconv::methods
