// KernelSet: the micro-kernels of one instruction set, and the contract that every one of them keeps.
//
// 1. A *tile kernel* (one for each tile of so many rows and vectors as fit the registers) computes
//
//        tile[r * pitch + l]  =  sum over k < steps of   stream[k * rows + r] * vectors[offsets[k] + l]
//
//    for r < rows and l < nv * lanes, summed in the order of k, so an element's bits do not depend on the tile it lies
//    in. With `adds`, the sum begins with what the tile holds: a long sum in parts has the bits of the whole. This one
//    product of a packed *stream* (broadcast) and *vectors* (reached through a table of element offsets) carries every
//    method: taps, phases, dilation, padding and rank exist only in the table and the packing, and no kernel knows of
//    them.
//      steps    >= 0; zero steps write zeros (or leave the tile alone with `adds`)
//      stream   steps * rows elements, one after the other; any alignment
//      vectors  every vectors + offsets[k] has nv * lanes readable elements; any alignment. The caller pads: there are
//               no edges in here
//      ahead    if not 0: each step asks the first-level cache for what lies so many elements behind its vectors, for
//               callers whose vectors lie too far apart to be foreseen. Nothing is read: it may lie anywhere
//      tile     rows at a distance of `pitch` elements; every one has nv * lanes writable elements; overlaps no input
//
//    A *row kernel* (one for each number of phases up to kMostRowPhases, and of lines up to kMostLines) is a tile
//    kernel whose rows are the phases of one written line, or of two that read the same places, stored at once:
//
//        output[l][i]  =  (sum over the steps k of   weight[k][l][r] * vectors[offsets[k] + q])  +  bias
//
//    for i < count, where q * phases + r = first + i: a line may begin within a point, and end within one. The steps
//    come in *runs* (RowRun), summed one run after the other. A run is of all lines, or of one; and of all phases, or
//    of the first (r = 0) alone. The stream has each step's weights, those that its run is of, [line][phase].
//    Two lines differ by the steps that runs of one line have. A line whose output is null is not wanted, and its own
//    runs are not read. vectors are readable at first / phases up to the next whole vector behind the last point, and
//    one element more if first is within a point, and one vector more if lines are streamed; the pointer itself may lie
//    anywhere. No other element of output is touched. `ahead` is a tile kernel's. Two lines that are streamed lie alike
//    in their cache lines of 64 bytes. All of this is done `repeats` times, with vectors moved on by vector_step and
//    outputs by output_step each time.
//
//    The *points* kernel does the same for any rows of more phases, point by point, the lanes being rows:
//
//        output[q * step + r]  =  (sum over k < steps of   stream[k * rows + r] * vectors[offsets[k] + q])  +  bias
//
//    for q < count, r < rows <= step. It reads and writes nothing else.
//
//    The *channels* kernel multiplies elements with elements: lanes are channels of their own, in neighbouring places,
//
//        output[q * write_step + c]  =  (sum over k < steps of   weights[weight_offsets[k] + c] *
//                                                                input[offsets[k] + q * read_step + c])  +  bias[c]
//
//    for q < count, c < channels. bias may be null. It reads and writes nothing else; output overlaps no input.
//
// 2. *store* puts tile rows of up to kMostRowPhases neighbouring phases into a row of the output, interleaved:
//
//        output[i]  =  rows[r * row_pitch + q] + bias          i < count, q * phases + r = first + i, first < phases
//
//    *spread* does so for any number of phases, and leaves gaps: output[q * step + r] = rows[r * row_pitch + q] + bias,
//    q < count, r < phases <= step.
//
// 3. *finish* is the epilogue's other half, on contiguous elements: output[i] = activation(values[i] + residual[i]).
//    residual may be null; values and residual may each be the output.
//
// 4. *deinterleave* is the reverse of spread without bias: rows[r * row_pitch + q] = input[q * step + r].
//
// 5. *transpose* turns [rows][columns] into [columns][rows]: output[c * output_pitch + r] = input[r * input_pitch + c].
//
//    *pad* copies rows, `pitch` apart, one behind the other, each with zeros before and after it:
//    output[r * (left + count + right) + left + i] = input[r * pitch + i], i < count, r < rows. It asks the first-level
//    cache for what lies `ahead` elements behind what it reads, if not 0. *copy* copies rows without zeros to rows
//    `output_pitch` apart.
//
// 6. *combine* is output[i] = a[i] + factor * b[i], factor being 1 or -1; output may be a or b.
//
// 7. Row kernels, store, spread, copy and finish are told how to store (Stores). What is streamed is seen by other
//    threads only after *flush*.
//
// 8. *multiply_adds* keeps every multiply-add unit busy in registers: what the peak is measured with.
//
// Each instruction set is one translation unit with its own compiler flags (kernel_list.h names them all); nothing in
// it may leave the unit but its two accessors, so no inline function of it can end up in a program for another CPU.
#pragma once

#include <cstdint>

#include "tconv/problem.h"

namespace tconv::kernels {

struct SplitSet;

/// How an output is written: into the caches, as usual; or past them, where it is so much that it would not be found
/// there again, and its lines would be read for nothing before they are written.
enum class Stores : std::uint8_t { cached, streaming };

template <class T>
using TileKernel = void (*)(std::int64_t steps, const T* stream, const T* vectors, const std::int32_t* offsets,
                            std::int64_t ahead, T* tile, std::int64_t pitch, bool adds);

/// The bounds within which every set keeps.
inline constexpr int kMostRows = 16, kMostVectors = 8, kMostRowPhases = 4, kMostLines = 2;

/// Steps of a row kernel that are of the same lines and phases.
struct RowRun {
    std::int64_t steps;
    const std::int32_t* offsets;
    int first_line, lines;
    bool of_first_phase;  ///< alone
};

template <class T>
struct RowTask {
    const RowRun* runs;
    std::int64_t run_count;
    const T *stream, *vectors;
    std::int64_t ahead, first, count;
    std::int64_t repeats, vector_step, output_step;
    T bias;
    bool has_many_steps;  ///< so that a load more costs more than stores that cross cache lines
    Stores stores;
};
template <class T>
using RowKernel = void (*)(const RowTask<T>&, T* output, T* second_output);

template <class T>
struct KernelSet {
    const char* name;  ///< as in kernel_list.h
    int lanes;         ///< elements of a vector
    int rows;          ///< of the tallest tile; kMostRowPhases or more
    int vectors;       ///< of the tallest tile; shorter ones may be wider
    /// widest[rows - 1]: the most vectors of a tile with so many rows, never fewer for fewer rows
    int widest[kMostRows];
    /// tile[rows - 1][vectors - 1], for vectors up to widest[rows - 1]
    TileKernel<T> tile[kMostRows][kMostVectors];
    /// row[lines - 1][phases - 1]
    RowKernel<T> row[kMostLines][kMostRowPhases];
    void (*points)(std::int64_t steps, std::int64_t rows, const T* stream, const T* vectors,
                   const std::int32_t* offsets, std::int64_t count, T bias, T* output, std::int64_t step);
    void (*channels)(std::int64_t steps, const T* weights, const std::int64_t* weight_offsets, const T* input,
                     const std::int64_t* offsets, std::int64_t read_step, std::int64_t channel_count,
                     std::int64_t count, const T* bias, T* output, std::int64_t write_step);
    void (*store)(const T* rows, std::int64_t row_pitch, std::int64_t phases, std::int64_t first, std::int64_t count,
                  T bias, T* output, Stores stores);
    void (*spread)(const T* rows, std::int64_t row_pitch, std::int64_t phases, std::int64_t count, T bias, T* output,
                   std::int64_t step, Stores stores);
    bool spreads_lines;  ///< spread() writes whole cache lines, streamed ones too, where there are rows for them
    void (*finish)(const T* values, const T* residual, std::int64_t count, const Activation& activation, T* output,
                   Stores stores);
    void (*deinterleave)(const T* input, std::int64_t step, std::int64_t phases, std::int64_t count, T* rows,
                         std::int64_t row_pitch);
    void (*transpose)(const T* input, std::int64_t input_pitch, std::int64_t rows, std::int64_t columns, T* output,
                      std::int64_t output_pitch);
    void (*pad)(const T* input, std::int64_t pitch, std::int64_t rows, std::int64_t left, std::int64_t count,
                std::int64_t right, std::int64_t ahead, T* output);
    void (*copy)(const T* input, std::int64_t input_pitch, std::int64_t rows, std::int64_t count, T* output,
                 std::int64_t output_pitch, Stores stores);
    void (*combine)(const T* a, const T* b, T factor, std::int64_t count, T* output);
    void (*flush)();
    /// Returns the floating-point operations done (two for each multiply-add).
    double (*multiply_adds)(std::int64_t iterations);

    /// Only of f32, and only where the unit has a matrix unit of bfloat16 (split_set.h).
    const SplitSet* split;

    /// Of the tallest tile, and of the widest.
    int tile_lanes() const noexcept { return lanes * vectors; }
    int widest_lanes() const noexcept { return lanes * widest[0]; }
};

}  // namespace tconv::kernels
