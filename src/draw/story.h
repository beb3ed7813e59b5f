// Story: what happens in a transposed convolution, one stamp after the other, as the reference's trace tells it. Every
// view of a problem is drawn from its story, so that no picture shows what the definition does not do.
//
// The canvas is where all stamps are put down whole: the fine grid without cropping. It is a problem of its own
// (padding 0), whose events are the reference's too; the crop frame says which part of it is the output y.
//
//     canvas row   0   1   2   3   4   5   6        row of y = canvas row - padding_begin
//                  |--- stamp ---|                  rows 0 and 6 are cropped here: padding 1:1
//                      [ - - - y - - - ]
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tconv/problem.h"
#include "tconv/result.h"
#include "tconv/trace.h"

namespace tconv::draw {

using reference::Event;
using reference::Position;

/// One sample's numbers, in the order of the problem's arrays. What is empty is filled with small whole numbers: the
/// input and the weights count 1, 2, 3, ... 9, 1, ..., the bias of channel c is c + 1.
struct Numbers {
    std::vector<double> input, weights, bias;
};

/// One multiplication, and the sum it leaves in its cell of the canvas.
struct Deposit {
    Event event{};         ///< `fine` is a place on the canvas
    bool is_kept = false;  ///< inside the crop frame: an event of the problem itself
    double x = 0, w = 0, product = 0, sum = 0;
};

/// All that one input value does.
struct Stamp {
    std::int64_t channel = 0;
    Position coarse{};
    double x = 0;
    std::vector<Deposit> deposits;
};

struct Story {
    Problem problem;  ///< of one sample
    Problem canvas;   ///< the same without cropping; holds the frame
    Numbers numbers;
    std::vector<Stamp> stamps;         ///< coarse channel, then position, row by row
    std::vector<double> output;        ///< y, channels first: the activation of the sums
    std::vector<std::int64_t> counts;  ///< deposits by canvas cell, channels first

    bool is_kept(const Position& on_canvas) const noexcept;
    Position to_output(const Position& on_canvas) const noexcept;
    Position to_canvas(const Position& in_output) const noexcept;
    std::int64_t canvas_cell(std::int64_t channel, const Position& on_canvas) const noexcept;
    double start_value(std::int64_t channel) const noexcept;  ///< the bias, or 0
    double output_at(std::int64_t channel, const Position& in_output) const noexcept;
    /// "y[3, 4]", with the channel in front where there are several.
    std::string name(const char* array, std::vector<std::int64_t> channels, const Position& at) const;
    /// The events that end in an output, as lines: "y[3, 4] = 28", "x[1, 1] W[2, 0] = 4 x 7", ...
    std::string formula(std::int64_t channel, const Position& in_output) const;
    /// The same in one line: "y[3, 4] = 28 = 4 x 7".
    std::string equation(std::int64_t channel, const Position& in_output) const;
    bool has_activation() const noexcept { return problem.activation.kind != Activation::Kind::none; }

private:
    void for_each_term(std::int64_t channel, const Position& in_output,
                       const std::function<void(const Event& event, double x, double w)>& visit) const;
};

/// The axis of the canvas: as long as the stamps reach, and as the output does; nothing is cropped.
Axis whole_canvas(Axis axis) noexcept;

/// What stands for numbers that are not given: 1, 2, ... 9, 1, ... so that the next row of nine begins with 2.
double small_number(std::int64_t index) noexcept;

/// More than this is not drawn: nobody could read it, and no viewer would be quick.
inline constexpr std::int64_t kMostCells = 6000, kMostSteps = 2000, kMostEvents = 30000;

/// Tells the story of a valid problem; batch is ignored. Errors: invalid_argument where the drawing would be too large
/// (the sentence names a smaller problem of the same kind), where a residual is asked for, or without channels;
/// array_mismatch for numbers of another count.
Result<Story> tell(const Problem& problem, Numbers numbers);

/// The input spread out by the stride, as far as windows of the turned kernel reach: its size and its first row on each
/// axis, 0 or negative. Row i * stride holds input i; all others are zeros.
Position spread_size(const Problem& problem, Position* first = nullptr);

/// A problem of the same kernel, stride, padding and dilation that shows the same pattern in few cells: `most` inputs
/// along an axis, or 3.
Problem smaller_like(const Problem& problem, std::int64_t most = 6);

}  // namespace tconv::draw
