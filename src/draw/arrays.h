// The arrays of a problem as fields: input and output with their channels and slices, weights with their pairs of
// channels. Rows of panels are channels, and slices of a 3-D array stand side by side.
#pragma once

#include <string>

#include "draw/field.h"
#include "draw/story.h"

namespace tconv::draw {

/// An array (channels, slices, rows, columns) of the coarse or the fine side.
Field array_field(const Story& story, Role role, const std::string& title, std::int64_t channels, const Position& size);

/// The weights: a row of panels for each input channel.
Field weights_field(const Story& story, const std::string& title);

/// The channel number with which weights_field's boxes are asked for.
std::int64_t weight_panel(const Problem& problem, std::int64_t coarse_channel, std::int64_t weight_channel) noexcept;

/// Where an event's input element and weight stand among all of them, channels first.
std::int64_t input_index(const Problem& problem, const reference::Event& event) noexcept;
std::int64_t weight_index(const Problem& problem, const reference::Event& event) noexcept;

/// Corners, sums and products as texts: what has to fit into a cell.
std::string signed_number(double value);  ///< "+6", "-2"
CellText fit_numbers(const Story& story, double cell);

/// The canvas's size and that of the output.
Position canvas_size(const Story& story);
Position output_size(const Story& story);
Position input_size(const Story& story);
Position kernel_size(const Story& story);

}  // namespace tconv::draw
