// The arrays of a problem as fields: input and output with their channels and slices, weights with their pairs of
// channels. Rows of panels are channels, and slices of a 3-D array stand side by side.
#pragma once

#include <string>

#include "draw/field.h"
#include "draw/story.h"

namespace tconv::draw {

/// The scatter view's: the input, the weights with a row of panels for each input channel, and the canvas.
Field input_field(const Story& story);
Field weights_field(const Story& story);
Field canvas_field(const Story& story);

/// The gather view's: the input spread out with zeros between, the weights with their taps turned, and the output
/// alone.
Field spread_field(const Story& story);
Field turned_weights_field(const Story& story);
Field output_field(const Story& story);

/// The channel number with which a weights field's boxes are asked for.
std::int64_t weight_panel(const Problem& problem, std::int64_t coarse_channel, std::int64_t weight_channel) noexcept;

/// Where an event's input element and weight stand among all of them, channels first.
std::int64_t input_index(const Problem& problem, const reference::Event& event) noexcept;
std::int64_t weight_index(const Problem& problem, const reference::Event& event) noexcept;

/// Row by row.
std::int64_t flat_index(const Position& at, const Position& size) noexcept;

/// Corners, sums and products as texts: what has to fit into a cell.
std::string signed_number(double value);  ///< "+6", "-2"
CellText fit_numbers(const Story& story, double cell);
/// The smallest cell in which they can be read with ease.
double legible_cell(const Story& story);

/// The canvas's size and that of the output.
Position canvas_size(const Story& story);
Position output_size(const Story& story);
Position input_size(const Story& story);
Position kernel_size(const Story& story);

}  // namespace tconv::draw
